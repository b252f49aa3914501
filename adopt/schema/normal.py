"""Schema text in one form: what a server or a person may write in several ways is compared in this one."""

from __future__ import annotations

import re
from typing import Any

CONSTRAINT = re.compile(r"(?:CONSTRAINT|PRIMARY|FOREIGN|CHECK|UNIQUE)\b|(?:\w+ )?KEY `")


def spaces(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip())


def without_brackets(text: str) -> str:
    """`((a))` as `a`; `(a) OR (b)` stays."""
    while text.startswith("(") and text.endswith(")"):
        depth = 0
        for position, character in enumerate(text):
            depth += {"(": 1, ")": -1}.get(character, 0)
            if depth == 0 and position < len(text) - 1:
                return text
        text = text[1:-1].strip()
    return text


def default_text(default: Any, dialect_name: str) -> str | None:
    """A server default without what does not matter: outer brackets, DEFAULT NULL, and quotes around a number in SQLite."""
    if default is None:
        return None
    text = without_brackets(spaces(str(default)))
    if text.upper() == "NULL":
        return None
    if dialect_name == "sqlite" and re.match(r"^'-?(0|[1-9]\d*)(\.\d*[1-9])?'$", text):
        return text[1:-1]  # the column decides what it becomes
    return text


def table_text(text: str) -> str:
    """A CREATE TABLE with the constraints and indexes behind its columns sorted, as it matters not which comes first.

    It stays as it is unless each has a line of its own, as SQLAlchemy and MySQL write it.
    """
    head, *clauses = map(str.strip, text.split("\n"))
    tail = clauses.pop() if clauses else ""
    are_ended = all(line.endswith(",") for line in clauses[:-1])
    if not clauses or not are_ended or not all(map(is_whole, clauses)) or re.search(r"--|/\*", text):
        return text
    bare = (line.rstrip(",") for line in clauses)
    return "\n".join([head, *sorted(bare, key=lambda line: line if CONSTRAINT.match(line) else ""), tail])


def is_whole(line: str) -> bool:
    """Whether no bracket and no string goes on in another line."""
    return line.count("(") == line.count(")") and not any(line.count(quote) % 2 for quote in "'\"`")


def check_text(text: str) -> str:
    """The condition of a CHECK without outer brackets, white space and quotes around names."""
    return without_brackets(spaces(re.sub(r'["`]', "", text)))
