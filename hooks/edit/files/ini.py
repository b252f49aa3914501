"""Put settings into an INI file, beside what it says already.

Before:  [alembic]                       After:  [alembic]
         script_location = %(here)s              script_location = %(here)s
                                                 timezone = utc

A setting that is there gets the other value in its place; a section that is not comes at the end. Comments stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping


def with_settings(text: str, settings: Mapping[tuple[str, str], str]) -> str:
    """`text` with {(section, option): value}; values are written as they are, later lines of one indented."""
    lines = text.splitlines()
    for (section, name), value in settings.items():
        setting = "\n".join(line.rstrip() for line in f"{name} = {indented(value)}".split("\n"))
        put(lines, section, setting, name)
    return "\n".join(lines) + "\n"


def put(lines: list[str], section: str, setting: str, name: str) -> None:
    """The same of one setting, in place."""
    if f"[{section}]" not in lines:
        lines += ["", f"[{section}]", *setting.split("\n")]
        return
    start = lines.index(f"[{section}]") + 1
    end = next((at for at in range(start, len(lines)) if lines[at].startswith("[")), len(lines))
    for at in range(start, end):
        if re.match(rf"{re.escape(name)}\s*[=:]", lines[at]):
            more = at + 1
            while more < end and lines[more][:1].isspace() and lines[more].strip():
                more += 1
            lines[at:more] = setting.split("\n")
            return
    while end > start and not lines[end - 1].strip():
        end -= 1
    lines[end:end] = setting.split("\n")


def indented(value: str) -> str:
    """A value of several lines, as an INI file has it."""
    first, *rest = value.split("\n")
    return "\n".join([first, *(f"    {line}" for line in rest)])
