"""Two runs at once in one project: the second is refused, the first ends as if it had been alone."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from hooks.git import find_repository
from hooks.journal import journal_folder, lock_of
from tests.end_to_end.tools import Result, commit_all, heads, make_project, rows, run_copier, stamped_at

# The application waits until a file is gone; that it waits is told by another one.
WAITS = """

import os
import time

if os.environ.get("WAITS"):
    open(os.environ["WAITS"] + ".here", "w").close()
    while os.path.exists(os.environ["WAITS"]):
        time.sleep(0.05)
"""


def test_second_run_at_the_same_time_is_refused(tmp_path: Path) -> None:
    """It says who is in the way, and leaves what the first one has begun alone."""
    project = make_project("single_module", tmp_path)
    app = project.root / "app.py"
    app.write_text(app.read_text() + WAITS)
    commit_all(project.root)
    before, waits = rows(project.database_url), tmp_path / "waits"
    waits.touch()
    first: list[Result] = []
    run = threading.Thread(target=lambda: first.append(run_copier(project, env={"WAITS": str(waits)})))
    run.start()
    try:
        until = time.monotonic() + 60
        while not Path(f"{waits}.here").exists() and time.monotonic() < until:
            time.sleep(0.05)
        second = run_copier(project)
    finally:
        waits.unlink()
        run.join()

    assert second.returncode == 1, second.output
    assert "error: already-running\n  Another run of this template is at work in this project; it has locked" in second.stderr
    lock = lock_of(journal_folder(project.root, find_repository(project.root)))
    assert f"    {lock}\n  Nothing was changed.\n" in second.stderr
    assert first[0].returncode == 0, first[0].output
    assert stamped_at(project.database_url) == heads(project.root) != []
    assert rows(project.database_url) == before
    assert not list((project.root / ".git").glob("copier-flask-migrate*"))
