"""Whether another file imports what this one does."""

from __future__ import annotations

from pathlib import Path

import pytest

from hooks.edit.python.elsewhere import is_needed_import

IMPORTS = {
    "absolute": ("shop/routes.py", "from shop.extensions import db\n"),
    "relative": ("shop/routes.py", "from .extensions import db\n"),
    "from the package": ("shop/routes.py", "from . import extensions\n"),
    "from a package below": ("shop/api/routes.py", "def f():\n    from ..extensions import db\n"),
    "a module": ("run.py", "import shop.extensions\n"),
}


def needed(root: Path, files: dict[str, str], path: str, module: str, level: int = 0) -> bool:
    """Whether the file in `path` has to import the module."""
    for one, text in files.items():
        (root / one).parent.mkdir(parents=True, exist_ok=True)
        (root / one).write_text(text)
    return is_needed_import(root, sorted(files), path, module, level)


@pytest.mark.parametrize(("path", "text"), IMPORTS.values(), ids=IMPORTS)
@pytest.mark.parametrize(("module", "level"), [("shop.extensions", 0), ("extensions", 1)])
@pytest.mark.parametrize("folder", ["", "src/"])
def test_imported_by_another_file(tmp_path: Path, path: str, text: str, module: str, level: int, folder: str) -> None:
    """It is loaded without this import."""
    files = {"shop/__init__.py": "", "shop/extensions.py": "", path: text}

    assert not needed(tmp_path, {folder + one: raw for one, raw in files.items()}, f"{folder}shop/__init__.py", module, level)


NOT_IMPORTS = {
    "tests": ("tests/test_shop.py", "from shop.extensions import db\n"),
    "itself": ("shop/extensions.py", "import shop.extensions\n"),
    "another of the name": ("run.py", "from other.extensions import db\n"),
    "no Python": ("run.py", "from shop.extensions import db print\n"),
    "a word": ("run.py", "extensions = 1\n"),
}


@pytest.mark.parametrize(("path", "text"), NOT_IMPORTS.values(), ids=NOT_IMPORTS)
def test_imported_by_nothing_else(tmp_path: Path, path: str, text: str) -> None:
    """This import is the only one."""
    assert needed(tmp_path, {"shop/extensions.py": "", "shop/__init__.py": "", path: text}, "shop/__init__.py", "shop.extensions")


def test_a_package_that_only_its_own_files_import(tmp_path: Path) -> None:
    """They are loaded once something outside imports it."""
    files = {"run.py": "", "shop/__init__.py": "", "shop/routes.py": "from shop import db\n"}

    assert needed(tmp_path, files, "run.py", "shop")


def test_what_is_not_of_the_project(tmp_path: Path) -> None:
    """It does nothing for the project by being imported."""
    assert not needed(tmp_path, {"run.py": ""}, "run.py", "flask_sqlalchemy")
