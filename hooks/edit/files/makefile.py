"""Make the project's Makefile include the migration targets.

Before:  test:
                pytest
After:   test:
                pytest

         include migrations/db.mk

The line comes last, so what plain `make` does stays. Where `make help` shows the targets in groups (`##@ Development`), also
those of included files, ours are one. A Makefile that has a target of one of our names gets nothing: make would override that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hooks.base.formats.textfile import TextFile, add_lines
from hooks.base.location import Location
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.requirements import ByHand

INCLUDE = "include migrations/db.mk"
GOAL = ".DEFAULT_GOAL := db-help"  # an included file takes no default goal, so plain `make` would have nothing to do
COMMENT = "# Database migrations: make db-migrate, make db-upgrade, and more"
NAMES = ("GNUmakefile", "makefile", "Makefile")  # the order in which make looks
JUSTFILE = re.compile(r"\.?justfile$", re.IGNORECASE)
GROUP = re.compile(r"^##@ \S", re.MULTILINE)
_INCLUDED = re.compile(r"^[ ]*[-s]?include\s+.*migrations/(db|\*)\.mk", re.MULTILINE)
_RULE = re.compile(r"([^\t#:=\s][^#:=]*?)\s*::?(?!:?=)")


def find_makefile(files: Iterable[str]) -> str:
    """The file that make reads in the project's root; "Makefile" where there is none yet, "" where just is used in its place."""
    present = set(files)
    found = next((name for name in NAMES if name in present), "")
    return found or ("" if any(JUSTFILE.match(name) for name in present) else "Makefile")


def include_targets(raw: bytes | None, path: str, targets: Sequence[str]) -> bytes | Untouched:
    """The Makefile's new bytes (`raw` is None where there is none); `targets` are the names that db.mk defines."""
    if raw is None:
        return f"{COMMENT}\n{GOAL}\n{INCLUDE}\n".encode()
    try:
        file = TextFile.decode(raw)
    except UnicodeDecodeError as error:
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, str(error), INCLUDE + "\n")
    if _INCLUDED.search(file.text):
        return Untouched(path, Reason.ALREADY_THERE)
    clashing = find_clashing(file.text, path, targets)
    if clashing:
        names = ", ".join(_targets_of(place.text)[0] for place in clashing)
        return ByHand(
            path, Reason.CANNOT_BE_EDITED_SAFELY, clashing[0], f"it has targets of the same names: {names}", INCLUDE + "\n"
        )
    if file.text.rstrip("\r\n").endswith("\\"):
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, "its last line goes on", INCLUDE + "\n")
    is_bare = not file.text.strip() or re.search(r"\n\r?\n$", file.text) is not None
    heading = "##@ Migrations\n\n" if GROUP.search(file.text) and "MAKEFILE_LIST" in file.text else ""
    return file.encode(add_lines(file.text, ("" if is_bare else "\n") + heading + INCLUDE + "\n"))


def find_clashing(text: str, path: str, targets: Sequence[str]) -> list[Location]:
    """Where the Makefile defines targets of these names; a location's text begins with the name."""
    wanted, found = set(targets), []
    for number, line in enumerate(text.splitlines(), 1):
        for name in _targets_of(line):
            if name in wanted:
                found.append(Location(path, number, line[line.index(name) :].strip()))
    return found


def _targets_of(line: str) -> list[str]:
    match = _RULE.match(line)
    return match[1].split() if match and not match[1].startswith(".") else []
