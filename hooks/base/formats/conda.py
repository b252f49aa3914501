"""conda's environment.yml: the requirements that pip installs there, and the packages that conda does.

dependencies:
  - python=3.9
  - pip:
    - flask==2.0.1
"""

from __future__ import annotations

import re
from dataclasses import replace

from hooks.base.formats.requirement import Entry, parse_requirement

_ITEM = re.compile(r"([ \t]*)-[ \t]+(['\"]?)([^'\"#\s][^'\"#]*?)\2[ \t]*(?:#.*)?$")
_KEY = re.compile(r"([A-Za-z_][\w-]*):")


def entries(text: str) -> tuple[Entry, ...]:
    """The requirements below `- pip:` where one of them belongs to Flask; else all, and nothing can be put beside them."""
    by_conda: list[Entry] = []
    by_pip: list[Entry] = []
    key, pip_indent, offset = "", None, 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        start, offset = offset, offset + len(line)
        if match := _KEY.match(line):
            key, pip_indent = match[1], None
        item = _ITEM.match(line.rstrip("\r\n"))
        if key != "dependencies" or item is None:
            continue
        indent, quote, value = item.groups()
        if value == "pip:":
            pip_indent = len(indent)
            continue
        if pip_indent is not None and len(indent) <= pip_indent:
            pip_indent = None
        entry = parse_requirement(value.rpartition("::")[2], start, offset, number, quote)
        if entry is not None and pip_indent is not None:
            by_pip.append(entry)
        elif entry is not None:
            by_conda.append(entry)
    is_pips = any(one.key.startswith("flask") for one in by_pip) and not any(one.key == "flask-migrate" for one in by_conda)
    return tuple(by_pip) if is_pips else tuple(replace(entry, is_place=False) for entry in (*by_conda, *by_pip))


def item_like(line: str, requirement: str) -> str:
    """The line for `requirement`, with the indentation and the quotation marks of `line`."""
    match = _ITEM.match(line.rstrip("\r\n"))
    assert match is not None
    return f"{line[: match.start(2)]}{match[2]}{requirement}{match[2]}\n"
