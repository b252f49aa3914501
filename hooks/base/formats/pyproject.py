"""Dependencies in TOML: the array `[project] dependencies`, and tables such as Poetry's and Pipenv's with one key for each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hooks.base.formats import toml
from hooks.base.formats.requirement import ASIDE, Entry, parse_requirement

Path = tuple[str, ...]  # of a table or key, from the top of the document
PROJECT = ("project",)
POETRY = ("tool", "poetry", "dependencies")
GROUPS = ("dependency-groups",)
POETRY_GROUP = ("tool", "poetry", "group")
PIPFILE = ("packages",)


def array_entries(text: str) -> tuple[Entry, ...]:
    """The elements of `[project] dependencies`; an entry's extent is the string with its quotation marks.

    Where that does not name Flask and a group of `[dependency-groups]` does, those of the group; groups for tests and such aside.

    Raises:
        NotToml: the file cannot be followed.
    """
    found: dict[Path, list[Entry]] = {(*PROJECT, "dependencies"): []}
    for item in toml.scan(text):
        path = (*item.table, *item.key)
        is_group = path[:-1] == GROUPS and not ASIDE.search(path[-1])
        if not is_group and path not in found:
            continue
        entries = found.setdefault(path, [])
        for element in toml.elements(text, item):
            if element.string is not None:
                line = text.count("\n", 0, element.start) + 1
                entry = parse_requirement(element.string, element.start, element.end, line, text[element.start])
                if entry is not None:
                    entries.append(entry)
    return _naming_flask(found)


def table_entries(text: str, table: Path) -> tuple[Entry, ...]:
    """The keys of `[table]`, `python` aside; an entry's extent is its lines, and `quote` is that of its value.

    A sub-table, `[tool.poetry.dependencies.flask]`, counts as declared; nothing can be put after it. Where Poetry's main table does
    not name Flask and `[tool.poetry.group.web.dependencies]` does, the keys of that.

    Raises:
        NotToml: the file cannot be followed.
    """
    found: dict[Path, dict[str, Entry]] = {table: {}}
    for item in toml.scan(text):
        path = (*item.table, *item.key)
        is_group = table == POETRY and path[:3] == POETRY_GROUP and path[4:5] == POETRY[-1:] and not ASIDE.search(path[3])
        at = 5 if is_group else len(table)
        home = path[:at]
        if not (is_group or home == table) or len(path) == at or path[at] == "python":
            continue
        name = path[at]
        start = text.rfind("\n", 0, item.key_start) + 1
        newline = text.find("\n", item.value_end)
        end = len(text) if newline < 0 else newline + 1
        line = text.count("\n", 0, item.key_start) + 1
        is_place = item.table == home and len(item.key) == 1
        entry = Entry(name, _version(text, item), start, end, line, "", _quote(text, item), is_place)
        found.setdefault(home, {}).setdefault(name, entry)
    return _naming_flask({home: list(entries.values()) for home, entries in found.items()})


def _naming_flask(found: Mapping[Path, Sequence[Entry]]) -> tuple[Entry, ...]:
    """The list that names Flask-SQLAlchemy or Flask, the first one before the others; the first one where none does."""
    main, *groups = found.values()
    keys = [{entry.key for entry in entries} for entries in (main, *groups)]
    if not keys[0] & {"flask", "flask-sqlalchemy"}:
        for name in ("flask-sqlalchemy", "flask"):
            for entries, names in zip(groups, keys[1:], strict=True):
                if name in names:
                    return tuple(entries)
    return tuple(main)


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
