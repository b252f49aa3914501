"""Make migrations/adopt.py of a project: the package adopt/ in one file, as text. copier.yml's first task does, on every operation.

The file says the same for everybody who has the same version of the template, so `copier update` renews it as what it renders.
Copier does not run tasks with --pretend, nor with --skip-tasks: then there is no such file, and env.py says how to make it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[1]
PATH = "migrations/adopt.py"
MARK = "# MODULES\n"
HEAD = """\
# Generated from the folder adopt/ of copier-flask-migrate {version}, the template that .copier-answers.yml names (_src_path).
# Not to be edited: `copier update` renews it. Formatters, linters and type checkers leave it alone:
# fmt: off
# isort: skip_file
# ruff: noqa: PGH004
# ruff: noqa
# flake8: noqa
# pylint: skip-file
# mypy: ignore-errors
# pyright: basic, reportMissingImports=false
"""


def bundle(template: Path = TEMPLATE) -> bytes:
    """The text of migrations/adopt.py, the same whenever it is made from the same template."""
    start, mark, end = (template / "hooks" / "bundled.py").read_text(encoding="ascii").partition(MARK)
    assert mark, "bundled.py says nowhere where the modules go"
    return (HEAD.format(version=version(template)) + start + "".join(modules(template / "adopt")) + end).encode("ascii")


def modules(folder: Path) -> list[str]:
    """An assignment for each module, the packages in the order in which they are built on each other."""
    texts = {name_of(path.relative_to(folder)): path.read_text(encoding="ascii") for path in folder.rglob("*.py")}
    return [assignment(name, texts[name]) for name in sorted(texts)]


def name_of(path: Path) -> str:
    """ "server.scratch" for server/scratch.py, "server" for server/__init__.py."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def assignment(name: str, text: str) -> str:
    """A module as a string of Python that has each of its lines as it is."""
    assert "'''" not in text, f"{name} has three single quotes, which would end the string"
    assert text.endswith("\n"), f"{name} has no end of its last line"
    return f"TEXTS[\"{name}\"] = r'''\n{text}'''\n"


def version(template: Path) -> str:
    """The template's version."""
    found = re.search(r'^version = "(.*)"$', (template / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    assert found, "pyproject.toml has no version"
    return found[1]


def main() -> int:
    """Write the file in the current directory, but not through a link to elsewhere."""
    target = Path(PATH)
    if target.parent.is_symlink() or target.is_symlink():
        return 0
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(bundle())
    return 0


if __name__ == "__main__":
    sys.exit(main())
