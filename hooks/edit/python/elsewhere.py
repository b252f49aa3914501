"""Whether other files of the project speak of a name, have it from this one, or import a module that this one imports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hooks.detect.files import is_test_file

LARGEST_FILE = 1_000_000  # bytes; a larger one is data


def is_named_elsewhere(root: Path, files: Sequence[str], path: str, name: str) -> bool:
    """Whether any other file of the project than `path` has the word `name`."""
    return is_named(root, (one for one in files if one != path), name)


def is_named(root: Path, paths: Iterable[str], name: str) -> bool:
    """Whether any of these files has the word `name`."""
    word = re.compile(rb"\b%s\b" % re.escape(name.encode("utf-8")))
    return any(word.search(raw) for raw in contents(root, paths))


def contents(root: Path, paths: Iterable[str]) -> Iterator[bytes]:
    """The bytes of each of these files; one that is too large to be code is not read."""
    for file in (root / path for path in paths):
        if file.is_file() and file.stat().st_size <= LARGEST_FILE:
            yield file.read_bytes()


def is_taken_elsewhere(root: Path, files: Sequence[str], path: str, name: str) -> bool:
    """Whether another file of the project seems to have `name` from the module in `path`: `from run import name`, `run.name`."""
    stem = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    word, module = re.escape(name), re.escape(stem)
    pattern = re.compile(
        rf"\b{module}\.{word}\b|from\s+[\w.]*\b{module}\s+import\s+(?:\*|\([^)]*\b{word}\b|[^\n(]*\b{word}\b)"
        + (rf"|from\s+\.+\s+import\s+(?:\([^)]*\b{word}\b|[^\n(]*\b{word}\b)" if path.endswith("__init__.py") else "")
    )
    texts = contents(root, (one for one in files if one != path and one.endswith(".py")))
    return any(pattern.search(text.decode("utf-8", "replace")) for text in texts if name.encode() in text)


def is_needed_import(root: Path, files: Sequence[str], path: str, module: str, level: int) -> bool:
    """Whether the file in `path` has to import a module of the project for what that does by itself: no other file imports it.

    Files of tests do not count, nor do those of a package for the package.
    """
    if level > 0:
        return True
    places = {f"{prefix}{module.replace('.', '/')}{end}" for prefix in ("", "src/") for end in (".py", "/__init__.py")}
    own = next((one for one in files if one in places), "")
    first = module.partition(".")[0]
    if not own:
        return any(one in (f"{first}.py", f"src/{first}.py") or f"/{first}/" in f"/{one}" for one in files)
    inside = own.removesuffix("__init__.py") if own.endswith("/__init__.py") else own
    imports = re.compile(rb"^[ \t]*(?:from|import)[ \t]+%s\b" % re.escape(module.encode("utf-8")), re.MULTILINE)
    others = (one for one in files if one.endswith(".py") and one != path and not one.startswith(inside) and not is_test_file(one))
    return not any(imports.search(raw) for raw in contents(root, others))
