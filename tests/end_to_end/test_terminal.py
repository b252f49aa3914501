"""In a terminal: the whole diff in colour and one question, before anything is written."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.tools import heads, make_project, stamped_at, template_source, tree_bytes
from tests.servers import execute

pty = pytest.importorskip("pty", reason="a pseudo-terminal needs a Unix")
DOWN, CTRL_C = "\x1b[B", "\x03"
DRIFT = """\
database-ahead: only the database has it
drift        note index ix_of_an_administrator   only in the database  (text)   app.py:24
drift          Say it in the model as an Index, or drop it: queries may need it to be fast.

The baseline is what the database is, and gets the stamp. A second migration carries it to the models; `flask db upgrade` runs it
when you have read it. If the database is right and not the models, say no, change the models, and run again.

"""


def in_a_terminal(root: Path, typed: dict[str, str], timeout_s: float = 120) -> tuple[int, str]:
    """Run the command in a pseudo-terminal and type at each question that is shown; the exit status and all that was shown."""
    words, left = ["-d", f"python={sys.executable}"], dict(typed)
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(root)
        os.environ["TERM"] = "xterm"
        os.execv(sys.executable, [sys.executable, "-m", "copier", "copy", "--trust", *words, str(template_source()), "."])
    shown, ends = b"", time.monotonic() + timeout_s
    while time.monotonic() < ends:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # Linux: the other side has closed it
            break
        if not chunk:
            break
        shown += chunk
        if b"\x1b[6n" in chunk:  # prompt_toolkit asks where the cursor is
            os.write(terminal, b"\x1b[1;1R")
        for question in [one for one in left if one.encode() in shown]:
            time.sleep(0.3)
            os.write(terminal, left.pop(question).encode() + b"\r")
    else:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    assert not left, shown
    return os.waitstatus_to_exitcode(status), shown.decode(errors="replace")


def without_colour(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).replace("\r", "")


def test_no_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """The diff is shown in colour; after a no, no file has changed and the database is not stamped."""
    project = make_project("single_module", tmp_path)
    tree = tree_bytes(project.root)

    status, shown = in_a_terminal(project.root, {"Go on?": "n"})

    plain = without_colour(shown)
    assert status == 0
    assert "\x1b[32m+migrate = Migrate(app, db)" in shown
    assert "--- a/app.py" in plain
    assert "+++ b/Makefile" in plain
    assert set(re.findall(r"\? ([A-Z][^?]*\?)", plain)) == {"Go on?"}
    assert plain.rstrip().endswith("\nNothing was done: every file is as it was, and nothing was written to a database."), plain
    assert tree_bytes(project.root) == tree
    assert stamped_at(project.database_url) == []


def test_the_check_in_ci_is_in_the_diff(tmp_path: Path) -> None:
    """What would be written for CI is shown with the rest, before the application was loaded."""
    project = make_project("docker_and_github", tmp_path)
    tree = tree_bytes(project.root)

    status, shown = in_a_terminal(project.root, {"Go on?": "n"})

    plain = without_colour(shown)
    assert status == 0
    assert "+++ b/.github/workflows/migrations.yml" in plain
    assert "+      - run: python -m migrations.adopt check" in plain
    assert "+!/migrations/" in plain
    assert tree_bytes(project.root) == tree


def test_yes_goes_on(tmp_path: Path) -> None:
    """After a yes everything is done as without a terminal."""
    project = make_project("single_module", tmp_path)

    status, shown = in_a_terminal(project.root, {"Go on?": "y"})

    assert status == 0, shown
    assert stamped_at(project.database_url) == heads(project.root) != []


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_database_that_differs_is_asked_about(answer: str, tmp_path: Path) -> None:
    """What only the proof tells is shown and asked about before anything is written; a no leaves everything as it was."""
    project = make_project("single_module", tmp_path)
    execute(project.database_url, "CREATE INDEX ix_of_an_administrator ON note (text)")
    tree = tree_bytes(project.root)

    status, shown = in_a_terminal(project.root, {"Go on?": "y", "Write the second migration?": answer})

    assert status == 0, shown
    asked = without_colour(shown).partition("\ndrift      ")[2].partition("? Write the second migration?")[0]
    assert asked == DRIFT
    if answer == "n":
        assert tree_bytes(project.root) == tree
        assert stamped_at(project.database_url) == []
    else:
        assert len(list((project.root / "migrations" / "versions").glob("*.py"))) == 2
        assert len(stamped_at(project.database_url)) == 1


@pytest.mark.parametrize(
    ("shape", "question", "line"),
    [
        ("two_apps", "Which application gets the migrations?", "+++ b/shop/app.py"),
        ("two_dbs", "Which SQLAlchemy object gets the migrations?", "+    migrate.init_app(app, catalogue_db)"),
    ],
)
def test_what_the_source_leaves_open_is_asked(shape: str, question: str, line: str, tmp_path: Path) -> None:
    """The candidates stand in a list, and the diff is that of the chosen one, here the second."""
    project = make_project(shape, tmp_path)
    tree = tree_bytes(project.root)

    status, shown = in_a_terminal(project.root, {question: DOWN, "Go on?": "n"})

    assert status == 0
    assert line in without_colour(shown)
    assert tree_bytes(project.root) == tree


def test_no_candidate_is_chosen(tmp_path: Path) -> None:
    """Ctrl-C at the question is a no."""
    project = make_project("two_apps", tmp_path)
    tree = tree_bytes(project.root)

    status, shown = in_a_terminal(project.root, {"Which application gets the migrations?": CTRL_C})

    assert status == 0
    assert "Nothing was done: every file is as it was" in shown
    assert tree_bytes(project.root) == tree
