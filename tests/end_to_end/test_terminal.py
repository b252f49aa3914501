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

pty = pytest.importorskip("pty", reason="a pseudo-terminal needs a Unix")
ANSWERS = (
    "app=auto",
    "db=auto",
    "database_url_variable=DATABASE_URL",
    "create_all=remove",
    "on_drift=reconcile",
    "stamp=true",
    "ci=auto",
)


def in_a_terminal(root: Path, answer: str, timeout_s: float = 120) -> tuple[int, str]:
    """Run the command in a pseudo-terminal and type `answer` at the question; the exit status and all that was shown."""
    words = [word for one in (*ANSWERS, f"python={sys.executable}", "allow_dirty=false") for word in ("-d", one)]
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(root)
        os.environ["TERM"] = "xterm"
        os.execv(sys.executable, [sys.executable, "-m", "copier", "copy", "--trust", *words, str(template_source()), "."])
    shown, is_answered, ends = b"", False, time.monotonic() + timeout_s
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
        if b"Go on?" in shown and not is_answered:
            is_answered = True
            time.sleep(0.3)
            os.write(terminal, answer.encode() + b"\r")
    else:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), shown.decode(errors="replace")


def test_no_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """The diff is shown in colour; after a no, no file has changed and the database is not stamped."""
    project = make_project("single_module", tmp_path)
    tree = tree_bytes(project.root)

    status, shown = in_a_terminal(project.root, "n")

    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert status != 0
    assert "\x1b[32m+migrate = Migrate(app, db)" in shown
    assert "--- a/app.py" in plain
    assert "+++ b/Makefile" in plain
    assert "error: declined" in plain
    assert tree_bytes(project.root) == tree
    assert stamped_at(project.database_url) == []


def test_the_check_in_ci_is_in_the_diff(tmp_path: Path) -> None:
    """What would be written for CI is shown with the rest, before the application was loaded."""
    project = make_project("docker_and_github", tmp_path)
    tree = tree_bytes(project.root)

    status, shown = in_a_terminal(project.root, "n")

    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert status != 0
    assert "+++ b/.github/workflows/migrations.yml" in plain
    assert "+      - run: python -m migrations.adopt check" in plain
    assert "+!/migrations/" in plain
    assert tree_bytes(project.root) == tree


def test_yes_goes_on(tmp_path: Path) -> None:
    """After a yes everything is done as without a terminal."""
    project = make_project("single_module", tmp_path)

    status, shown = in_a_terminal(project.root, "y")

    assert status == 0, shown
    assert stamped_at(project.database_url) == heads(project.root) != []
