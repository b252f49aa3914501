"""`copier update` from a release whose runtime was the folder migrations/adopt/ to the one file migrations/adopt.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hooks.bundle import PATH, bundle
from tests.end_to_end.test_update import A_TAG, unmerged
from tests.end_to_end.tools import commit_all, run, said
from tests.end_to_end.updating import data, newest_files, retrofitted, updated

ENV = "migrations/env.py"


def test_edits_after_a_formatter(tmp_path: Path) -> None:
    """What only a formatter has changed is renewed; edited modules stay, but `__init__.py`, which would hide the file."""
    project = retrofitted(A_TAG, "single_module", tmp_path)
    folder = project.root / "migrations" / "adopt"
    for name in ("urls.py", "__init__.py"):
        (folder / name).write_text((folder / name).read_text() + "\n# ours\n")
    (folder / "more.py").write_text("MORE = 1\n")
    (project.root / "run.sh").write_text("python3 migrations/adopt/set_up.py\n")
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", "--isolated", "."], cwd=project.root, check=True)
    commit_all(project.root, "Our own ways")
    edited, before = (folder / "urls.py").read_text(), data(project.database_url)

    result = updated(project)

    assert said(result).splitlines()[:4] == [
        "edited     run.sh: names migrations/adopt.py",
        "removed    migrations/adopt/__init__.py, which you had edited; see git show HEAD:./migrations/adopt/__init__.py",
        "kept       migrations/adopt/more.py is your own, and nothing reads it any more",
        "kept       migrations/adopt/urls.py, which you had edited; nothing reads it any more",
    ]
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"more.py": "MORE = 1\n", "urls.py": edited}
    assert (project.root / ENV).read_bytes() == newest_files()[ENV]
    assert (project.root / PATH).read_bytes() == bundle()
    assert (project.root / "run.sh").read_text() == "python3 migrations/adopt.py setup\n"
    assert unmerged(project.root) == []
    assert data(project.database_url) == before
    status = run(sys.executable, "-m", "migrations.adopt", "status", cwd=project.root, env={"FLASK_APP": project.shape.app})
    assert status.returncode == 0, status.output
