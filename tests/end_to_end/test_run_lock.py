"""Two runs at once in one project: the second is refused, the first ends as if it had been alone."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

from hooks.base.git import find_repository
from hooks.worktree.journal import journal_folder, lock_of
from tests.end_to_end.tools import Result, commit_all, heads, make_project, rows, run_copier, stamped_at

# The application waits as long as a port is listened at; that it waits is told by its connection.
WAITS = """

import os
import socket

if os.environ.get("WAITS"):
    try:
        socket.create_connection(("127.0.0.1", int(os.environ["WAITS"]))).recv(1)
    except OSError:
        pass
"""


def test_second_run_at_the_same_time_is_refused(tmp_path: Path) -> None:
    """It says who is in the way, and leaves what the first one has begun alone."""
    project = make_project("single_module", tmp_path)
    app = project.root / "app.py"
    app.write_text(app.read_text() + WAITS)
    commit_all(project.root)
    before = rows(project.database_url)
    first: list[Result] = []
    with socket.create_server(("127.0.0.1", 0)) as waits:
        waits.settimeout(60)
        port = str(waits.getsockname()[1])
        run = threading.Thread(target=lambda: first.append(run_copier(project, env={"WAITS": port})))
        run.start()
        with waits.accept()[0]:
            second = run_copier(project)
    run.join()

    assert second.returncode == 1, second.output
    assert "error: already-running\n  Another run of this template is at work in this project; it has locked" in second.stderr
    lock = lock_of(journal_folder(project.root, find_repository(project.root)))
    assert f"    {lock}\n  Nothing was changed.\n" in second.stderr
    assert first[0].returncode == 0, first[0].output
    assert stamped_at(project.database_url) == heads(project.root) != []
    assert rows(project.database_url) == before
    assert not list((project.root / ".git").glob("copier-flask-migrate*"))
