"""Whether other files of the project speak of a name, have it from this one, or import a module that this one imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hooks.base.source import Source, Unparsable
from hooks.detect.files import is_test_file
from hooks.detect.search import holding

LARGEST_FILE = 1_000_000  # bytes; a larger one is data


def is_named_elsewhere(root: Path, files: Sequence[str], path: str, name: str) -> bool:
    """Whether any other file of the project than `path` has the word `name`."""
    return is_named(root, (one for one in files if one != path), name)


def is_named(root: Path, paths: Iterable[str], name: str) -> bool:
    """Whether any of these files has the word `name`."""
    word = re.compile(rb"\b%s\b" % re.escape(name.encode("utf-8")))
    return any(word.search(raw) for raw in contents(root, paths, name))


def word(name: str, path: str) -> re.Pattern[bytes]:
    """The name of a function of the file in `path` as a word, but where it is the method of a database that is called the same."""
    is_module = path.endswith(("db.py", "metadata.py", "db/__init__.py", "metadata/__init__.py"))
    return re.compile((b"" if is_module else rb"(?<!db\.)(?<!metadata\.)") + rb"\b%s\b" % re.escape(name.encode("utf-8")))


def contents(root: Path, paths: Iterable[str], *words: str) -> Iterator[bytes]:
    """The bytes of each of these files that holds one of the words; one that is too large to be code is not read."""
    return (raw for _, raw in read(root, paths, *words))


def read(root: Path, paths: Iterable[str], *words: str) -> Iterator[tuple[str, bytes]]:
    """The same with the paths."""
    needles = [word.encode("utf-8") for word in words]
    for path in holding(root, paths, words):
        file = root / path
        if file.is_file() and file.stat().st_size <= LARGEST_FILE:
            raw = file.read_bytes()
            if any(needle in raw for needle in needles):
                yield path, raw


def is_taken_elsewhere(root: Path, files: Sequence[str], path: str, name: str) -> bool:
    """Whether another file of the project seems to have `name` from the module in `path`: `from run import name`, `run.name`."""
    stem = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    word, module = re.escape(name), re.escape(stem)
    pattern = re.compile(
        rf"\b{module}\.{word}\b|from\s+[\w.]*\b{module}\s+import\s+(?:\*|\([^)]*\b{word}\b|[^\n(]*\b{word}\b)"
        + (rf"|from\s+\.+\s+import\s+(?:\([^)]*\b{word}\b|[^\n(]*\b{word}\b)" if path.endswith("__init__.py") else "")
    )
    texts = contents(root, (one for one in files if one != path and one.endswith(".py")), name)
    return any(pattern.search(text.decode("utf-8", "replace")) for text in texts)


def is_needed_import(root: Path, files: Sequence[str], path: str, module: str, level: int) -> bool:
    """Whether the file in `path` has to import a module of the project for what that does by itself: no other file imports it.

    Files of tests do not count, nor do those of a package for the package.
    """
    wanted = absolute(path, module, level)
    own = next(
        (one for one in files if one in (f"{folder}{end}" for folder in in_folders(wanted) for end in (".py", "/__init__.py"))), ""
    )
    first = wanted.partition(".")[0]
    if not own:
        return level > 0 or any(one in (f"{first}.py", f"src/{first}.py") or f"/{first}/" in f"/{one}" for one in files)
    inside = own.removesuffix("__init__.py") if own.endswith("/__init__.py") else own
    others = [one for one in files if one.endswith(".py") and one != path and not one.startswith(inside) and not is_test_file(one)]
    return not any(
        f"{found}.".startswith(f"{wanted}.")
        for one, raw in read(root, others, wanted.rpartition(".")[2])
        for found in imported(Source(one, raw))
    )


def imported(source: Source) -> Iterator[str]:
    """The modules that a file may import, dotted, what it has from one of them included; none where it cannot be parsed."""
    try:
        nodes = [*ast.walk(source.tree)]
    except Unparsable:
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = absolute(source.path, node.module or "", node.level)
            yield from (module, *(f"{module}.{alias.name}".lstrip(".") for alias in node.names))


def absolute(path: str, module: str, level: int) -> str:
    """The dotted name of a module that the file in `path` imports, counted from the project's root or its src/."""
    if not level:
        return module
    folders = path.removeprefix("src/").split("/")[:-1]
    return ".".join([*folders[: len(folders) - level + 1], *([module] if module else [])])


def in_folders(module: str) -> tuple[str, str]:
    """Where the module may be, without the end of its name."""
    return module.replace(".", "/"), f"src/{module.replace('.', '/')}"
