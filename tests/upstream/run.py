"""Run Flask-Migrate's own tests with our env.py, script.py.mako, alembic.ini and adopt/ in the place of its templates.

    python tests/upstream/run.py SOURCE ... [--python PYTHON]

SOURCE is a source distribution of Flask-Migrate, or a folder with its sources and its tests; this downloads one:

    pip download --no-deps --no-binary Flask-Migrate Flask-Migrate==4.1.0

It is copied, and changed only in the copy. The tests run in PYTHON, which has Flask, Flask-SQLAlchemy, Alembic and pytest (default:
this one), with our files, and those that do not pass once more with Flask-Migrate's.

The table has a row for each test: how it ended with theirs ("-": it was not asked), and with ours. The exit status is 1 where one
does not pass with ours and EXPLAINED does not say why, or where nothing passed at all; the output of such a test is shown.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from hooks.bundle import bundle  # noqa: E402

OURS = ROOT / "template" / "migrations"
# Why a test of a version does not pass with our files: a deliberate difference, or what is wrong with the test.
EXPLAINED = {
    ("Flask-Migrate-3.1.0", "tests/test_custom_template.py::TestMigrate::test_migrate_upgrade"): (
        "the source distribution lacks the template that it uses, so it fails with Flask-Migrate's files as well"
    ),
}
# Alembic's `init` copies the files of a template, and adopt.py is bundled, so the harness brings adopt.py.
CUSTOMIZE = """
from alembic import command
import os, shutil
original = command.init
def init(config, directory, *args, **options):
    original(config, directory, *args, **options)
    with open(os.path.join(directory, "env.py")) as file:
        is_ours = "adopt" in file.read()
    if is_ours:
        shutil.copy(os.path.join(os.path.dirname(__file__), "adopt.py"), directory)
command.init = init
"""


@dataclass(frozen=True)
class Outcome:
    """How each test ended ("passed", "failed", "error", ...) and what pytest said."""

    tests: dict[str, str]
    said: str


def unpacked(source: Path, folder: Path) -> Path:
    """A copy of the sources in `folder`."""
    if source.is_dir():
        return Path(shutil.copytree(source, folder / "source", ignore=shutil.ignore_patterns(".git", "__pycache__")))
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data") if hasattr(tarfile, "data_filter") else archive.extractall(folder)
    (found,) = (path.parent for path in folder.glob("*/setup.cfg"))
    return found


def package(sources: Path) -> Path:
    """The folder that holds the package `flask_migrate`."""
    return sources / "src" if (sources / "src").is_dir() else sources


def put_ours_in_place(sources: Path) -> None:
    """Replace what each template that the package has would copy into a project."""
    templates = package(sources) / "flask_migrate" / "templates"
    for folder in (path for path in templates.iterdir() if (path / "env.py").is_file()):
        shutil.copy(OURS / "env.py", folder / "env.py")
        shutil.copy(OURS / "script.py.mako", folder / "script.py.mako")
        shutil.copy(OURS / "alembic.ini", folder / "alembic.ini.mako")


def run_tests(sources: Path, python: str, customize: Path, tests: Sequence[str] = ("tests",)) -> Outcome:
    """Run the tests of these sources, or those that are named."""
    path = os.pathsep.join([str(Path(python).absolute().parent), os.environ["PATH"]])
    paths = os.pathsep.join([str(customize), str(package(sources))])
    # Each test starts some processes: the first one compiles the libraries for all.
    environ = {**os.environ, "PYTHONPATH": paths, "PATH": path, "PYTHONDONTWRITEBYTECODE": ""}
    command = [
        python,
        "-m",
        "pytest",
        "-p",
        "no:logging",
        "-p",
        "no:cacheprovider",
        "-rA",
        "-v",
        "--rootdir",
        str(sources),
        *tests,
    ]
    ended = subprocess.run(command, cwd=sources, env=environ, capture_output=True, text=True, check=False)
    said = ended.stdout + ended.stderr
    return Outcome({name: word.lower() for name, word in re.findall(r"^(tests/\S+::\S+) ([A-Z]+)", said, re.M)}, said)


def compare(source: Path, python: str) -> int:
    """Print the table of one version; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="upstream-") as name:
        folder = Path(name)
        customize = folder / "customize"
        customize.mkdir()
        (customize / "sitecustomize.py").write_text(CUSTOMIZE)
        (customize / "adopt.py").write_bytes(bundle())
        changed = unpacked(source, folder / "ours")
        put_ours_in_place(changed)
        ours = run_tests(changed, python, customize)
        failed = [test for test, word in ours.tests.items() if word != "passed"]
        original = unpacked(source, folder / "theirs")  # anew: some versions leave databases behind
        theirs = run_tests(original, python, customize, failed) if failed else Outcome({}, "")
    print(f"{source.name}: {sum(word == 'passed' for word in ours.tests.values())} pass with ours")
    for test, word in sorted(ours.tests.items()):
        why = explained(source, test)
        print(f"  {theirs.tests.get(test, '-'):<8} {word:<8} {test}{why and ': ' + why}")
    worse = [test for test in failed if not explained(source, test)]
    if worse or "passed" not in ours.tests.values():
        print(ours.said)
        return 1
    return 0


def explained(source: Path, test: str) -> str:
    """Why a test of this version does not pass, "" where nothing is known."""
    return EXPLAINED.get((source.name.removesuffix(".tar.gz"), test), "")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", type=Path, metavar="SOURCE")
    parser.add_argument("--python", default=sys.executable)
    chosen = parser.parse_args(arguments)
    return max(compare(source, chosen.python) for source in chosen.sources)


if __name__ == "__main__":
    sys.exit(main())
