"""Which files belong to the project."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hooks.detect.files import has_tests, is_test_file, list_files, without_foreign


def write(root: Path, *paths: str) -> None:
    """Make empty files."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")


def git(root: Path, *arguments: str) -> None:
    """Run git in `root`."""
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def test_tracked_and_untracked_but_not_ignored(tmp_path: Path):
    """Tracked files count even where they match .gitignore; ignored ones and deleted ones do not."""
    git(tmp_path, "init")
    write(tmp_path, "app.py", "gone.py", "kept.log", "new/é.py", "other.log")
    (tmp_path / ".gitignore").write_text("*.log\n")
    git(tmp_path, "add", "-f", "app.py", "gone.py", "kept.log")
    (tmp_path / "gone.py").unlink()

    assert list_files(tmp_path).files == (".gitignore", "app.py", "kept.log", "new/é.py")


def test_folder_inside_a_repository(tmp_path: Path):
    """Paths are relative to the project's root, which may be a folder of a larger repository."""
    git(tmp_path, "init")
    write(tmp_path, "shop/app.py", "other/app.py")

    assert list_files(tmp_path / "shop").files == ("app.py",)


def test_without_git(tmp_path: Path):
    """Where git knows nothing the tree is walked."""
    write(tmp_path, "app.py", "shop/web.py", "node_modules/x/setup.py", "__pycache__/app.pyc")

    assert list_files(tmp_path).files == ("app.py", "shop/web.py")


def test_folder_that_git_ignores(tmp_path: Path):
    """A project in an ignored folder of another repository is walked."""
    git(tmp_path, "init")
    write(tmp_path, "build/app.py")
    (tmp_path / ".gitignore").write_text("build/\n")

    assert list_files(tmp_path / "build").files == ("app.py",)


def test_links_are_left_out(tmp_path: Path):
    """A link may lead out of the project, or in a circle."""
    write(tmp_path, "app.py")
    (tmp_path / "link.py").symlink_to(tmp_path / "app.py")
    (tmp_path / "around").symlink_to(tmp_path)

    assert list_files(tmp_path).files == ("app.py",)


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "bin/activate", "Scripts/activate.bat", "conda-meta/history"])
@pytest.mark.parametrize("is_committed", [True, False])
def test_virtual_environment(tmp_path: Path, mark: str, is_committed: bool):
    """An environment is somebody else's code, also when it was committed."""
    write(tmp_path, "app.py", f"myenv/{mark}", "myenv/lib/python3.8/ast.py")
    if is_committed:
        git(tmp_path, "init")
        git(tmp_path, "add", ".")

    listing = list_files(tmp_path)

    assert (listing.files, listing.foreign, listing.in_git) == (("app.py",), ("myenv",), is_committed)


def test_folders_of_other_people():
    """node_modules, site-packages and caches are left out at any depth; similar names are not."""
    paths = ["a/node_modules/b/c.py", "lib/site-packages/flask/app.py", "node_modules.py", "site/packages.py", "bin/activate_me.py"]

    kept, foreign = without_foreign([*paths, "a/node_modules/node_modules/c.js", "b/__pycache__/c.pyc"])

    assert kept == ["bin/activate_me.py", "node_modules.py", "site/packages.py"]
    assert foreign == ("a/node_modules", "lib/site-packages")


@pytest.mark.parametrize(
    "path",
    [
        "tests/a.py",
        "shop/test/a.py",
        "__tests__/fixtures.py",
        "testing/a.py",
        "test_a.py",
        "shop/a_test.py",
        "conftest.py",
        "tests.py",
    ],
)
def test_file_of_tests(path: str):
    """Names that pytest and unittest look for."""
    assert is_test_file(path)


@pytest.mark.parametrize(
    "path", ["latest.py", "shop/contest.py", "models/test_result.py", "models/test.py", "testify.py", "attest/a.py"]
)
def test_file_that_is_not_of_tests(path: str):
    """A name that merely contains "test", and a model about tests."""
    assert not is_test_file(path)


@pytest.mark.parametrize(
    "code",
    [
        "def test_pet():\n",
        "    async def test_pet(self):\n",
        "class TestPet:\n",
        "class PetCase(unittest.TestCase):\n",
        ">>> pet()\n",
    ],
)
def test_file_that_tests(code: str) -> None:
    """What pytest, unittest or doctest would run."""
    assert has_tests(code.encode())


@pytest.mark.parametrize("code", ["", '"""Test the web app."""\n', "class PetFactory(factory.Factory):\n    testing = True\n"])
def test_file_that_tests_nothing(code: str) -> None:
    """A package's `__init__.py`, a page of good intentions, or what tests are made with."""
    assert not has_tests(code.encode())
