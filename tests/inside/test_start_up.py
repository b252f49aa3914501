"""What an environment has for every interpreter to run at its start waits until the guards are there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from hooks.inside.guard import start_up

NOW = """\
import json, os, sys
def now():
    folders = [os.path.basename(one) for one in sys.path if "apart" in one]
    return [os.environ.get("RAN", ""), sys.prefix, folders, [one for one in sys.warnoptions if "odd" in one]]
"""
PROGRAM = """\
import importlib.util
spec = importlib.util.spec_from_file_location("start_up", sys.argv[1])
start_up = importlib.util.module_from_spec(spec)
spec.loader.exec_module(start_up)
start_up.find_packages()
told = [now()]
start_up.NEEDED = json.loads(sys.argv[2])
start_up.run_where_needed()
told.append(now())
start_up.run()
print(json.dumps([*told, now()]))
"""
RUNS = "os.environ['RAN'] = os.environ.get('RAN', '') + ' "
EDITABLE = f"""\
{{folder}}/apart
import os, sys; {RUNS}' + os.path.basename(sys._getframe(1).f_locals['sitedir'])
import os, sys; sys.path.append({{folder!r}} + '/apart2')
"""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """That of an environment that has much for every interpreter to run."""
    venv.EnvBuilder(symlinks=True).create(tmp_path / "env")
    packages = next((tmp_path / "env").glob("lib/*/site-packages"))
    for name in ("apart", "apart2", "named"):
        (tmp_path / name).mkdir()
    (packages / "editable.pth").write_text(EDITABLE.format(folder=str(tmp_path)))
    (packages / "sitecustomize.py").write_text(f"import os\n{RUNS}sitecustomize'\n")
    (tmp_path / "named/odd.py").write_text(f"import os\n{RUNS}warning'\nclass Odd(Warning): pass\n")
    return tmp_path / "env/bin/python"


def run(python: Path, program: str, variable: str, *arguments: str) -> tuple[list[Any], str]:
    """What it prints, and what stands on standard error."""
    environ = {**os.environ, "PYTHONPATH": str(python.parents[2] / "named"), variable: "ignore::odd.Odd"}
    command = [str(python), *arguments[:1], "-c", NOW + program, *arguments[1:]]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return json.loads(done.stdout), done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the folders have other names")
def test_the_folders_are_there_and_nothing_runs(python: Path) -> None:
    """The packages are found at once; lines of `.pth` files, sitecustomize and a category of warnings run later, as ever."""
    as_ever, _ = run(python, "print(json.dumps(now()))", "PYTHONWARNINGS")

    (found, still, at_the_end), said = run(python, PROGRAM, start_up.KEPT, "-S", str(start_up.__file__), '["json"]')

    assert found == still == ["", str(python.parents[1]), ["apart"], []]
    assert at_the_end == as_ever
    assert {"warning", "site-packages", "sitecustomize"} == set(at_the_end[0].split())
    assert said == ""


@pytest.mark.skipif(sys.platform == "win32", reason="the folders have other names")
def test_it_runs_where_a_library_is_not_found_otherwise(python: Path) -> None:
    """An environment whose libraries come from a finder that a `.pth` file installs works as ever."""
    as_ever, _ = run(python, "print(json.dumps(now()))", "PYTHONWARNINGS")

    (_, at_once, at_the_end), _ = run(python, PROGRAM, start_up.KEPT, "-S", str(start_up.__file__), '["json", "not_there"]')

    assert at_once == at_the_end == as_ever


@pytest.mark.skipif(sys.platform == "win32", reason="the folders have other names")
def test_a_line_that_fails_is_told(python: Path) -> None:
    """The lines after it run all the same."""
    packages = next(python.parents[1].glob("lib/*/site-packages"))
    (packages / "broken.pth").write_text("import nothing_of_this_name\n")

    (_, _, at_the_end), said = run(python, PROGRAM, start_up.KEPT, "-S", str(start_up.__file__), '["json"]')

    assert at_the_end[0].endswith("sitecustomize")
    assert "No module named 'nothing_of_this_name'" in said
