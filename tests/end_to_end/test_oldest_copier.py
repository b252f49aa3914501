"""The oldest Copier that copier.yml admits does the whole run, and the one before it is turned away by Copier itself.

Both are installed once, into .cache/ of the checkout.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml

from tests.end_to_end.tools import ROOT, heads, make_project, run, stamped_at, template_source, tree_bytes

OLDEST = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))["_min_copier_version"]
TOO_OLD = "9.6.0"


def copier(version: str) -> Path:
    """The `copier` program of a version, installed on first use."""
    folder = ROOT / ".cache" / f"copier-{version}-python{sys.version_info[0]}.{sys.version_info[1]}"
    program = folder / "bin" / "copier"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        if not program.exists():
            venv.create(folder, clear=True)
            install = ["install", "--quiet", f"copier=={version}"]
            subprocess.run([sys.executable, "-m", "pip", "--python", folder / "bin" / "python", *install], check=True)
    return program


@pytest.mark.parametrize("shape", ["shop_factory", "single_module"])
def test_oldest_copier_does_the_whole_run(shape: str, tmp_path: Path):
    """With the oldest Copier a project ends verified and stamped, as with the newest."""
    project = make_project(shape, tmp_path)
    answers = ("-d", f"python={sys.executable}")

    result = run(copier(OLDEST), "copy", "--trust", "--defaults", *answers, template_source(), ".", cwd=project.root)

    assert result.returncode == 0, result.output
    assert stamped_at(project.database_url) == heads(project.root) != []


def test_older_copier_is_refused(tmp_path: Path):
    """A Copier before that says which version it needs, and nothing is changed."""
    project = make_project("single_module", tmp_path)
    before = tree_bytes(project.root)

    result = run(copier(TOO_OLD), "copy", "--trust", "--defaults", template_source(), ".", cwd=project.root)

    assert result.returncode != 0
    assert OLDEST in result.output
    assert tree_bytes(project.root) == before
