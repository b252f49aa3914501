"""Folders are layers: each imports itself and those before it, and no import goes round in a circle, also inside of functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
Name = tuple[str, ...]  # ("server", "scratch") of adopt/server/scratch.py; a package is named as its folder
Imports = dict[Name, set[Name]]


@dataclass(frozen=True)
class Package:
    """A folder of modules and its layers, the lowest first; what is in none of them is above them all."""

    folder: str
    layers: tuple[str, ...]
    without: tuple[str, ...] = ()  # folders in it that are packages of their own

    def modules(self) -> dict[Name, Path]:
        """Every module, the package itself left out."""
        found = {}
        for path in sorted((ROOT / self.folder).rglob("*.py")):
            parts = path.relative_to(ROOT / self.folder).with_suffix("").parts
            if parts[0] not in self.without and parts != ("__init__",):
                found[parts[:-1] if parts[-1] == "__init__" else parts] = path
        return found

    def imports(self) -> Imports:
        """Which modules of the package each of them imports; a module in a folder imports that folder's `__init__`."""
        modules = self.modules()
        found: Imports = {}
        for name, path in modules.items():
            found[name] = {name[:-1]} & set(modules)
            for start, alias in self.imported(name, path):
                target = (*start, alias) if (*start, alias) in modules else start
                found[name] |= {target} & set(modules) - {name}
        return found

    def imported(self, name: Name, path: Path) -> Iterator[tuple[Name, str]]:
        """(module, name) of each `from module import name` that stays in the package."""
        inner = name if path.name == "__init__.py" else name[:-1]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                module = tuple(node.module.split(".")) if node.module else ()
                if node.level:
                    yield from (((*inner[: len(inner) + 1 - node.level], *module), alias.name) for alias in node.names)
                elif module[0] == self.folder:
                    yield from ((module[1:], alias.name) for alias in node.names)

    def layer(self, name: Name) -> int:
        """Where the layer of a module is in `layers`; a folder of layers is as low as the first of them."""
        paths = [tuple(layer.split(".")) for layer in self.layers]
        own = (one for one, path in enumerate(paths) if path[: len(name)] == name or name[: len(path)] == path)
        return next(own, len(paths))


ADOPT = Package(
    "adopt", ("base", "project", "server", "schema", "rows", "autogenerate", "history", "upgrade", "verdict", "commands")
)
HOOKS = Package(
    "hooks",
    (
        *("bundle", "base", "detect", "environment", "planning"),
        *("edit.core", "edit.python", "edit.files", "worktree", "prove", "ci", "wording"),
    ),
    without=("inside",),
)
INSIDE = Package("hooks/inside", ("run", "base", "guard", "load", "baseline", "reconcile"))
PACKAGES = pytest.mark.parametrize("package", [ADOPT, HOOKS, INSIDE], ids=lambda package: package.folder)


@PACKAGES
def test_imports_go_down(package: Package):
    """Each layer imports itself and those before it."""
    rising = {
        f"{'.'.join(name)} imports {'.'.join(other)}"
        for name, imported in package.imports().items()
        for other in imported
        if package.layer(other) > package.layer(name)
    }

    assert rising == set()


@PACKAGES
def test_no_circle_of_imports(package: Package):
    """No module imports, by way of others, itself; with a circle, two threads that import can wait for each other."""
    left = package.imports()
    while free := {name for name, imported in left.items() if not imported & set(left)}:
        left = {name: imported for name, imported in left.items() if name not in free}

    assert sorted(".".join(name) for name in left) == []
