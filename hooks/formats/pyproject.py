"""Dependencies in TOML: the array `[project] dependencies`, and tables such as Poetry's and Pipenv's with one key for each."""

from __future__ import annotations

import re

from hooks.formats import toml
from hooks.formats.requirement import Entry, parse_requirement

PROJECT = ("project",)
POETRY = ("tool", "poetry", "dependencies")
PIPFILE = ("packages",)


def array_entries(text: str) -> tuple[Entry, ...]:
    """The elements of `[project] dependencies`; an entry's extent is the string with its quotation marks.

    Raises:
        NotToml: the file cannot be followed.
    """
    found = []
    for item in toml.scan(text):
        if (*item.table, *item.key) == (*PROJECT, "dependencies"):
            for element in toml.elements(text, item):
                if element.string is not None:
                    line = text.count("\n", 0, element.start) + 1
                    quote = text[element.start]
                    entry = parse_requirement(element.string, element.start, element.end, line, quote)
                    if entry is not None:
                        found.append(entry)
    return tuple(found)


def table_entries(text: str, table: tuple[str, ...]) -> tuple[Entry, ...]:
    """The keys of `[table]`, `python` aside; an entry's extent is its lines, and `quote` is that of its value.

    A sub-table, `[tool.poetry.dependencies.flask]`, counts as declared; nothing can be put after it.

    Raises:
        NotToml: the file cannot be followed.
    """
    found: dict[str, Entry] = {}
    for item in toml.scan(text):
        path = (*item.table, *item.key)
        if path[: len(table)] != table or len(path) == len(table) or path[len(table)] == "python":
            continue
        name = path[len(table)]
        start = text.rfind("\n", 0, item.key_start) + 1
        newline = text.find("\n", item.value_end)
        end = len(text) if newline < 0 else newline + 1
        line = text.count("\n", 0, item.key_start) + 1
        is_place = item.table == table and len(item.key) == 1
        if name not in found:
            found[name] = Entry(name, _version(text, item), start, end, line, "", _quote(text, item), is_place)
    return tuple(found.values())


def dynamic_files(text: str) -> tuple[str, ...]:
    """The files that setuptools reads the dependencies from: `[tool.setuptools.dynamic] dependencies = {file = ["deps.txt"]}`."""
    for item in toml.scan(text):
        path = (*item.table, *item.key)
        if path[:4] == ("tool", "setuptools", "dynamic", "dependencies"):
            return tuple(re.findall(r"['\"]([^'\"]+)['\"]", text[item.value_start : item.value_end]))
    return ()


def _version(text: str, item: toml.Item) -> str:
    value = toml.string_value(text, item) if text[item.value_start : item.value_start + 1] in ("'", '"') else None
    return value if value is not None else toml.pairs(text, item).get("version") or "@"


def _quote(text: str, item: toml.Item) -> str:
    match = re.search(r"['\"]", text[item.value_start : item.value_end])
    return match[0] if match else '"'
