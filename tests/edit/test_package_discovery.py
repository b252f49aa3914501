"""What setuptools finds by itself today is named, so that it still finds it with migrations/ beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hooks.edit.core.splice import Untouched
from hooks.edit.files.package_discovery import name_package
from hooks.edit.files.requirements import ByHand

SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n'
PROJECT = '[project]\nname = "shop"\nversion = "1"\n'
PACKAGE = ("pyproject.toml", "README.md", "shop/__init__.py", "shop/web/views.py", "tests/test_shop.py", "migrations/env.py")
FIND = '\n[tool.setuptools.packages.find]\ninclude = ["shop", "shop.*"]\n'
MODULE = '\n[tool.setuptools]\npy-modules = ["app"]\n'


def named(text: str, *files: str, is_installed: bool = False, **others: str) -> object:
    """The new text, or what was returned in its place; "__" stands for a dot in a file's name."""
    content = {"pyproject.toml": text, **{name.replace("__", "."): one for name, one in others.items()}}
    after = name_package(
        (*files, *content), lambda path: content[path].encode() if path in content else None, is_installed=is_installed
    )
    return after.decode() if isinstance(after, bytes) else after


@pytest.mark.parametrize(
    ("text", "files", "added"),
    [
        pytest.param(SETUPTOOLS + PROJECT, PACKAGE, FIND, id="package"),
        pytest.param(PROJECT + "\n" + SETUPTOOLS, PACKAGE, FIND.lstrip("\n"), id="blank line at the end"),
        pytest.param(SETUPTOOLS + PROJECT, ("pyproject.toml", "app.py", "setup.py", "tests/x.py"), MODULE, id="module"),
        pytest.param('[build-system]\nrequires = ["setuptools"]\n' + PROJECT, PACKAGE, FIND, id="the backend by default"),
        pytest.param(
            SETUPTOOLS + PROJECT + '[tool.setuptools.package-data]\nshop = ["*.html"]\n', PACKAGE, FIND, id="other settings"
        ),
        pytest.param((SETUPTOOLS + PROJECT).replace("\n", "\r\n"), PACKAGE, FIND.replace("\n", "\r\n"), id="CRLF"),
    ],
)
def test_named(text: str, files: tuple[str, ...], added: str, tmp_path: Path):
    """The lines are added at the end, and with them setuptools finds what it found without migrations/."""
    pytest.importorskip("setuptools")
    after = named(text, *files)
    assert after == text + added

    for path in files:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    without = [path for path in files if not path.startswith("migrations/")]
    found_before = discovered(tmp_path / "before", text, without)
    found_after = discovered(tmp_path / "after", after, [*files, "migrations/env.py"])
    assert found_after == found_before


def discovered(root: Path, text: str, files: list[str]) -> str:
    """What setuptools would install from such a tree."""
    for path in files:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    (root / "pyproject.toml").write_bytes(text.encode())
    code = (
        "import setuptools, warnings; warnings.simplefilter('ignore'); d = setuptools.Distribution(); d.parse_config_files();"
        " d.set_defaults(); print(sorted(d.packages or ()), sorted(d.py_modules or ()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_setuptools_would_not_know(tmp_path: Path):
    """What this is for: without the lines, the folder that the run adds makes the project impossible to install."""
    pytest.importorskip("setuptools")

    with pytest.raises(AssertionError, match="Multiple top-level packages"):
        discovered(tmp_path, SETUPTOOLS + PROJECT, list(PACKAGE))


def test_installed_without_a_build_system():
    """`pip install .` in a Dockerfile builds it with setuptools all the same."""
    assert named(PROJECT, *PACKAGE, is_installed=True) == PROJECT + FIND


@pytest.mark.parametrize(
    ("text", "files"),
    [
        pytest.param(PROJECT, PACKAGE, id="never built"),
        pytest.param("[tool.black]\nline-length = 100\n", PACKAGE, id="settings only"),
        pytest.param(PROJECT + '[build-system]\nbuild-backend = "hatchling.build"\n', PACKAGE, id="hatchling"),
        pytest.param(PROJECT + '[build-system]\nbuild-backend = "poetry.core.masonry.api"\n', PACKAGE, id="Poetry"),
        pytest.param(SETUPTOOLS + PROJECT + '[tool.setuptools]\npackages = ["shop"]\n', PACKAGE, id="packages named"),
        pytest.param(SETUPTOOLS + PROJECT + '[tool.setuptools.packages.find]\nwhere = ["."]\n', PACKAGE, id="found as told"),
        pytest.param(SETUPTOOLS + PROJECT, ("src/shop/__init__.py",), id="src"),
        pytest.param(SETUPTOOLS + PROJECT, (*PACKAGE, "admin/__init__.py"), id="two packages, which fails today"),
        pytest.param(SETUPTOOLS + PROJECT, ("app.py", "config.py"), id="two modules, which fails today"),
    ],
)
def test_left_alone(text: str, files: tuple[str, ...]):
    """Other backends, packages that are named, and what never worked."""
    assert isinstance(named(text, *files), Untouched)


def test_named_in_setup_py():
    """setup.py says it."""
    assert isinstance(named(SETUPTOOLS + PROJECT, *PACKAGE, setup__py="setup(packages=find_packages())"), Untouched)


def test_by_hand():
    """A file that cannot be followed is for a person to change."""
    assert isinstance(named("[project\n", *PACKAGE), ByHand)
