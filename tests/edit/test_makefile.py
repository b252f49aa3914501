"""The project's Makefile: the whole file before, the whole file after."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hooks.base.location import Location
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.makefile import find_makefile, include_targets
from hooks.edit.files.requirements import ByHand

TARGETS = ("db-migrate", "db-upgrade")
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
GROUPED = b"""help: ## list the targets
\t@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {print $$1 ": " $$2} /^##@/ {print substr($$0, 5)}' $(MAKEFILE_LIST)

##@ Development

test: ## run the tests
\tpytest
"""
EDITS = {
    "none yet": (
        None,
        b"# Database migrations: make db-migrate, make db-upgrade, and more\n.DEFAULT_GOAL := db-help\ninclude migrations/db.mk\n",
    ),
    "empty": (b"", b"include migrations/db.mk\n"),
    "a recipe at the end": (b"test:\n\tpytest\n", b"test:\n\tpytest\n\ninclude migrations/db.mk\n"),
    "an empty line at the end": (b"test:\n\tpytest\n\n", b"test:\n\tpytest\n\ninclude migrations/db.mk\n"),
    "no final newline": (b"test:\n\tpytest", b"test:\n\tpytest\n\ninclude migrations/db.mk"),
    "CRLF": (b"test:\r\n\tpytest\r\n", b"test:\r\n\tpytest\r\n\r\ninclude migrations/db.mk\r\n"),
    "includes another": (b"include other.mk\n", b"include other.mk\n\ninclude migrations/db.mk\n"),
    "groups for make help": (GROUPED, GROUPED + b"\n##@ Migrations\n\ninclude migrations/db.mk\n"),
    "groups of this file alone": (
        GROUPED.replace(b"$(MAKEFILE_LIST)", b"Makefile"),
        GROUPED.replace(b"$(MAKEFILE_LIST)", b"Makefile") + b"\ninclude migrations/db.mk\n",
    ),
    "names ours without defining it": (
        b"db-migrate := 1\ndb-upgrade ::= 2\nall: db-migrate\n# db-upgrade:\n\techo db-upgrade: 1\n",
        b"db-migrate := 1\ndb-upgrade ::= 2\nall: db-migrate\n# db-upgrade:\n\techo db-upgrade: 1\n\ninclude migrations/db.mk\n",
    ),
}
UNTOUCHED = {
    "included": (b"include migrations/db.mk\ntest:\n", Reason.ALREADY_THERE),
    "included if there": (b"-include migrations/db.mk\n", Reason.ALREADY_THERE),
    "included by a pattern": (b"include a.mk migrations/*.mk\n", Reason.ALREADY_THERE),
    "a target of ours": (b"db-upgrade:\n\tflask db upgrade\n", Reason.CANNOT_BE_EDITED_SAFELY),
    "several targets in a rule": (b"x db-upgrade: y\n", Reason.CANNOT_BE_EDITED_SAFELY),
    "a rule with two colons": (b"db-upgrade:: y\n", Reason.CANNOT_BE_EDITED_SAFELY),
    "a last line that goes on": (b"X = 1 \\\n", Reason.CANNOT_BE_EDITED_SAFELY),
}


@pytest.mark.parametrize("before, after", EDITS.values(), ids=EDITS.keys())
def test_makefile(before: bytes | None, after: bytes):
    """One line more, at the end; a second time nothing changes."""
    assert include_targets(before, "Makefile", TARGETS) == after
    assert include_targets(after, "Makefile", TARGETS) == Untouched("Makefile", Reason.ALREADY_THERE)


@pytest.mark.parametrize("raw, reason", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_makefile_left_alone(raw: bytes, reason: Reason):
    """Nothing is included twice, and no target of the project's is overridden."""
    result = include_targets(raw, "Makefile", TARGETS)

    assert isinstance(result, Untouched)
    assert result.reason is reason


@needs_make
def test_groups_are_shown(tmp_path: Path):
    """`make help` lists our targets below a heading of their own."""
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "db.mk").write_text("db-check: ## check the migrations\n\techo\n")
    after = include_targets(GROUPED, "Makefile", TARGETS)
    assert isinstance(after, bytes)
    (tmp_path / "Makefile").write_bytes(after)

    done = subprocess.run(["make", "help"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == [
        "help: list the targets",
        "Development",
        "test: run the tests",
        "Migrations",
        "db-check: check the migrations",
    ]


def test_clash_is_told():
    """The name, the place and the line to paste are handed on."""
    result = include_targets(b"all:\n\ndb-migrate: all\n", "makefile", TARGETS)

    assert result == ByHand(
        "makefile",
        Reason.CANNOT_BE_EDITED_SAFELY,
        Location("makefile", 3, "db-migrate: all"),
        "it has targets of the same names: db-migrate",
        "include migrations/db.mk\n",
    )


def test_find_makefile():
    """The file that make itself would read, in its own order."""
    assert find_makefile(["app.py", "sub/makefile"]) == "Makefile"
    assert find_makefile(["Makefile", "GNUmakefile", "makefile"]) == "GNUmakefile"
    assert find_makefile(["makefile", "Makefile"]) == "makefile"
    assert find_makefile(["justfile", "Makefile"]) == "Makefile"
    assert find_makefile(["app.py", "justfile"]) == ""
    assert find_makefile(["app.py", "docs/justfile"]) == "Makefile"


@needs_make
def test_plain_make_does_what_it_did(tmp_path: Path):
    """The first target stays the default one."""
    after = include_targets(b"test:\n\t@echo tested", "Makefile", TARGETS)
    assert isinstance(after, bytes)
    (tmp_path / "Makefile").write_bytes(after)
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "db.mk").write_text("db-migrate:\n\t@echo migrated\n")

    assert subprocess.run(["make", "-s"], cwd=tmp_path, capture_output=True, check=True).stdout == b"tested\n"
    assert subprocess.run(["make", "-s", "db-migrate"], cwd=tmp_path, capture_output=True, check=True).stdout == b"migrated\n"
