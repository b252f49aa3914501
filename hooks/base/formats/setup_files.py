"""`install_requires` in setup.cfg and in setup.py."""

from __future__ import annotations

import ast
import re

from hooks.base.formats.requirement import Entry, parse_requirement
from hooks.base.source import Source

KEY = "install_requires"
_SECTION = re.compile(r"\[([^\]]+)\]")
_OPTION = re.compile(r"([^\s#;\[=:][^=:]*?)\s*[=:]\s*(.*)")


def cfg_entries(text: str) -> tuple[Entry, ...]:
    """The requirements of `[options] install_requires`, one in a line; an entry's extent is its line."""
    found = []
    section, option, offset = "", "", 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        start, offset = offset, offset + len(line)
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if match := _SECTION.match(line):
            section, option = match[1].strip(), ""
            continue
        value = stripped
        if not line[0].isspace():
            match = _OPTION.match(line)
            option, value = (match[1].strip(), match[2].strip()) if match else ("", "")
        if section == "options" and option == "install_requires" and value and not value.startswith("file:"):
            entry = parse_requirement(re.sub(r"\s#.*$", "", value), start, offset, number)
            if entry is not None:
                found.append(entry)
    return tuple(found)


def py_entries(source: Source) -> tuple[Entry, ...]:
    """The strings of the list given as `install_requires`, directly or by a name that is assigned a list in the same file.

    Offsets count characters in `source.text`; an entry's extent is the string with its quotation marks.

    Raises:
        Unparsable: the file is not Python 3, or not UTF-8.
    """
    found = []
    for list_ in _lists(source.tree):
        for element in list_.elts:
            if not isinstance(element, ast.Constant) or not isinstance(element.value, str):
                continue
            span = source.span(element)
            start, end = (_characters(source, span.line, span.column), _characters(source, span.end_line, span.end_column))
            literal = source.text[start:end]
            if len(literal) != len(element.value) + 2 or literal[0] not in "'\"":
                continue  # escapes, prefixes, several literals in a row
            entry = parse_requirement(element.value, start, end, span.line, literal[0])
            if entry is not None:
                found.append(entry)
    return tuple(found)


def _lists(tree: ast.Module) -> list[ast.List | ast.Tuple]:
    """The list displays that `install_requires` leads to, the first that holds Flask, or anything."""
    values = [
        keyword.value for node in ast.walk(tree) if isinstance(node, ast.Call) for keyword in node.keywords if keyword.arg == KEY
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            values += [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == KEY]
        elif isinstance(node, ast.Assign) and any(ast.unparse(target).endswith(f"['{KEY}']") for target in node.targets):
            values.append(node.value)
    displays = [one for value in values for one in _displays(tree, value) if one.elts]
    return [one for one in displays if "flask" in ast.unparse(one).lower()][:1] or displays[:1]


def _displays(tree: ast.Module, value: ast.expr) -> list[ast.List | ast.Tuple]:
    """The list displays that a value is made of: itself, the operands of `+`, and what names are assigned."""
    if isinstance(value, ast.BinOp):
        return [*_displays(tree, value.left), *_displays(tree, value.right)]
    if isinstance(value, ast.Name):
        assigned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign) and _assigns(node, value.id)]
        return [one for one in assigned if isinstance(one, ast.List | ast.Tuple)]
    return [value] if isinstance(value, ast.List | ast.Tuple) else []


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _characters(source: Source, line: int, column: int) -> int:
    return len(source.raw[len(source.bom) : source.offset(line, column)].decode("utf-8"))
