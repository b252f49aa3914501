"""Which statements reach beyond the database that a connection was made to, on a server whose logins reach all of them.

For MySQL and MariaDB, where the application's play database has no login of its own. Names that are put together on the server
(PREPARE, EXECUTE IMMEDIATE) cannot be read, so those are refused as well. A text is a text, a comment is none where the server
reads it (/*! ... */). `shop.name` is a column where the statement has a table `shop`, and a table of the database `shop` elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence


TOKEN = re.compile(
    r"(?P<gap>\s+|--(?=\s).*?(?:\n|$)|\#.*?(?:\n|$)|/\*M?!\d*|\*/|/\*.*?\*/)"
    r"|(?P<text>'(?:[^'\\]|\\.|'')*')"
    r'|(?P<name>`(?:[^`]|``)*`|"(?:[^"\\]|\\.|"")*"|[\w$@]+)'
    r"|(?P<mark>.)",
    re.DOTALL,
)
BEYOND = re.compile(
    r"(create|alter|drop)( or replace)?( if( not)? exists)? (database|schema|user|role|server)\b"
    r"|rename user\b|(grant|revoke|shutdown|kill|install|uninstall|prepare|execute|purge|reset|flush|handler)\b"
    r"|set (global|password|role|default role|@@global)\b"
)
BEFORE_A_TABLE = frozenset("exists from ignore into join low_priority references table tables update view".split())
HARMLESS = frozenset(["information_schema", "performance_schema", "sys"])


class StatementRefused(Exception):
    """The application names something beyond its play database."""

    def __init__(self, name: str, statement: str) -> None:
        super().__init__("a statement that names %s is refused while the application is loaded: %s" % (name, statement[:120]))
        self.name = name


def named_beyond(statement: str, others: Iterable[str]) -> str:
    """What a statement names beyond its own database, "" where nothing; `others` are the server's other ones, in lower case."""
    others = frozenset(others) - HARMLESS
    for tokens in pieces(statement):
        words = [text.lower() for kind, text in tokens if kind == "name"]
        if words[:1] == ["use"] and words[1:] and bare(words[1]) in others:
            return bare(words[1])
        found = BEYOND.match(" ".join(words))
        if found:
            return found.group().upper()
        for name in databases_in(tokens, others):
            return name
    return ""


def pieces(statement: str) -> list[list[tuple[str | None, str]]]:
    """The statements of a text, each as its tokens without what is between them."""
    found: list[list[tuple[str | None, str]]] = [[]]
    for match in TOKEN.finditer(statement):
        kind = match.lastgroup
        if (kind, match.group()) == ("mark", ";"):
            found.append([])
        elif kind != "gap":
            found[-1].append((kind, match.group()))
    return found


def databases_in(tokens: Sequence[tuple[str | None, str]], others: Collection[str]) -> Iterator[str]:
    """Those of `others` that stand before a dot, and are no table of the statement."""
    texts = ["", *(text for _, text in tokens), "", "", ""]
    places = [place for place in range(1, len(tokens) + 1) if tokens[place - 1][0] == "name" and texts[place - 1] != "."]
    tables = {bare(texts[place]) for place in places if texts[place + 1] != "."}
    for place in places:
        name = bare(texts[place])
        if name in others and texts[place + 1] == ".":
            is_column = texts[place - 1].lower() not in BEFORE_A_TABLE and texts[place + 3] != "." and name in tables
            if not is_column:
                yield name


def bare(text: str) -> str:
    """A name without its quotes, in lower case."""
    return text[1:-1].lower() if text[:1] in ("`", '"') else text.lower()
