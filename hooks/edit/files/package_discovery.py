"""Tell setuptools which package is the project's, before migrations/ makes a second one that it would have to choose from.

Before:  [build-system]
         requires = ["setuptools"]
After:   [build-system]
         requires = ["setuptools"]

         [tool.setuptools.packages.find]
         include = ["shop", "shop.*"]

Without that, `pip install .` ends with "Multiple top-level packages discovered in a flat-layout: ['shop', 'migrations']"
(https://setuptools.pypa.io/en/latest/userguide/package_discovery.html#flat-layout).

Left alone: a project whose packages are named, that has a src/ folder, another build backend, or more than one package already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from hooks.base.formats import toml
from hooks.base.formats.textfile import TextFile, add_lines
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.requirements import ByHand

PATH = "pyproject.toml"
# The folders and modules that setuptools passes over.
NO_PACKAGE = re.compile(
    "ci|bin|debian|docs?|documentation|manpages|news|newsfragments|changelog|tests?|unit_tests?|examples?|scripts|tools|utils?|python"
    "|build|dist|venv|env|requirements|tasks|fabfile|site_scons|benchmarks?|exercises?|htmlcov|migrations"
)
NO_MODULE = re.compile(
    "setup|conftest|tests?|examples?|build|toxfile|noxfile|pavement|dodo|tasks|fabfile|conanfile|manage|benchmarks?|exercises?"
)
OWN_PACKAGES = re.compile(r"^\s*(packages|py_modules|package_dir)\s*=", re.MULTILINE)


def name_package(files: Iterable[str], read: Callable[[str], bytes | None], *, is_installed: bool) -> bytes | Untouched:
    """The new bytes of pyproject.toml, in which the package, or the one module, that setuptools finds by itself today is named.

    `is_installed`: something runs `pip install .`; without a `[build-system]` nothing else tells that the project is ever built.
    """
    listed = list(files)
    raw = read(PATH) if PATH in listed else None
    if raw is None:
        return Untouched(PATH, Reason.NOT_FOUND)
    lines = lines_for(listed)
    if lines is None:
        return Untouched(PATH, Reason.ALREADY_THERE)
    try:
        file = TextFile.decode(raw)
        items = toml.scan(file.text)
        said = {(*item.table, *item.key): item for item in items}
        if not is_found_by_setuptools(file.text, said, is_installed=is_installed) or is_named_elsewhere(read):
            return Untouched(PATH, Reason.ALREADY_THERE)
        text = add_lines(file.text, "\n" * (not file.text.endswith("\n\n")) + lines)
        if any(path[:2] == ("tool", "setuptools") and len(path) == 2 and said[path].key for path in said):
            raise toml.NotToml(said["tool", "setuptools"].key_start)
        if [file.text[item.key_start : item.value_end] for item in items] != [
            text[item.key_start : item.value_end] for item in toml.scan(text)[: len(items)]
        ]:
            raise toml.NotToml(len(file.text))
    except (toml.NotToml, UnicodeDecodeError) as error:
        return ByHand(PATH, Reason.CANNOT_BE_EDITED_SAFELY, None, str(error), lines)
    return file.encode(text)


def lines_for(files: Iterable[str]) -> str | None:
    """The lines that name the only package or module; None where there is no only one, or it is in src/."""
    parts = [path.split("/") for path in files]
    folders = {one[0] for one in parts if len(one) > 1 and one[0].isidentifier()}
    packages = sorted(name for name in folders if not NO_PACKAGE.fullmatch(name))
    modules = [one[0][:-3] for one in parts if len(one) == 1 and one[0].endswith(".py") and not NO_MODULE.fullmatch(one[0][:-3])]
    if "src" in folders:
        return None
    if len(packages) == 1:
        return f'[tool.setuptools.packages.find]\ninclude = ["{packages[0]}", "{packages[0]}.*"]\n'
    if not packages and len(modules) == 1:
        return f'[tool.setuptools]\npy-modules = ["{modules[0]}"]\n'
    return None


def is_found_by_setuptools(text: str, said: dict[tuple[str, ...], toml.Item], *, is_installed: bool) -> bool:
    """Whether setuptools builds the project and is told nothing of its packages."""
    if not any(path[:1] == ("project",) for path in said):
        return False
    if any(path[:2] == ("tool", "setuptools") and path[2:3] in (("packages",), ("py-modules",), ("package-dir",)) for path in said):
        return False
    backend = said.get(("build-system", "build-backend"))
    if backend is not None:
        return (toml.string_value(text, backend) or "").startswith("setuptools")
    return is_installed or any(path[:1] == ("build-system",) for path in said)


def is_named_elsewhere(read: Callable[[str], bytes | None]) -> bool:
    """Whether setup.cfg or setup.py names the packages."""
    named = (read("setup.cfg") or b"").decode("utf-8", "replace"), (read("setup.py") or b"").decode("utf-8", "replace")
    return any(OWN_PACKAGES.search(text) or re.search(r"\b(packages|py_modules|package_dir)\s*=", text) for text in named)
