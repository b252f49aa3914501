"""What a CREATE TABLE of SQLite says, part by part: its text in `sqlite_master` is all that SQLite knows of a table.

SQLAlchemy reflects neither COLLATE, ON CONFLICT, STRICT and WITHOUT ROWID, nor a CHECK that stands beside other words on a line.
Grammar: https://www.sqlite.org/lang_createtable.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


TOKEN = re.compile(
    r"""\s+|--[^\n]*|/\*.*?\*/        # white space and comments
    |'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]
    |\w+|.""",
    re.X | re.S,
)
OF_TABLE = ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")
# The words with which another clause of a column begins.
CLAUSES = ("CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS")


class Token(str):
    """A token, and where it is in the text: `start`, `end`."""

    start = end = 0


def token_at(text: str, start: int, end: int) -> Token:
    made = Token(text[start:end])
    made.start, made.end = start, end
    return made


class Statement:
    """`columns` are {name: its clauses}, `constraints` the clauses of each of the table, `options` what follows the brackets.

    A clause is a list of tokens without white space and comments; brackets are one token with all that is in them.
    """

    def __init__(self, text: str) -> None:
        tokens = tokens_of(text)
        at = next(number for number, token in enumerate(tokens) if token.startswith("("))
        self.options = ", ".join(sorted(" ".join(part).upper() for part in split(tokens[at + 1 :]) if part))
        self.columns, self.constraints = {}, []
        for part in split(tokens_of(tokens[at][1:-1])):
            if part and part[0].upper() in OF_TABLE:
                self.constraints.append(part)
            elif part:
                self.columns[unquoted(part[0])] = clauses(part[1:])

    def checks(self) -> list[tuple[str | None, str]]:
        """[(name or None, condition)] of all CHECK constraints, those of columns too."""
        every = [clause for found in self.columns.values() for clause in found] + self.constraints
        return [
            (unquoted(clause[1]) if clause[0].upper() == "CONSTRAINT" else None, condition[1:-1].strip())
            for clause in every
            if "CHECK" in [word.upper() for word in clause]
            for condition in [word for word in clause if word.startswith("(")][:1]  # SQLite ignores an ON CONFLICT behind it
        ]

    def constraint_names(self) -> dict[tuple[str, str], set[str]]:
        """{(column, "" for those of the table; what a constraint says): the names under which it says so}."""
        found: dict[tuple[str, str], set[str]] = {}
        for column, every in [*self.columns.items(), ("", self.constraints)]:
            for clause in every:
                is_named = clause[0].upper() == "CONSTRAINT"
                said = re.sub(r"[\s\"`\[\]]", "", "".join(clause[2:] if is_named else clause))
                found.setdefault((column, said), set()).update([unquoted(clause[1])] * is_named)
        return found

    def collation(self, name: str) -> str | None:
        """The collation that a column says, None where it says none."""
        found = [unquoted(clause[1]) for clause in self.columns.get(name, ()) if clause[0].upper() == "COLLATE"]
        return found[0].upper() if found else None

    def is_autoincrement(self, name: str) -> bool:
        """Whether a column never gives a number twice."""
        return any("AUTOINCREMENT" in [word.upper() for word in clause] for clause in self.columns.get(name, ()))

    def conflict(self, name: str) -> str | None:
        """ "NOT NULL ON CONFLICT IGNORE": what a column says of conflicts, None where it says nothing."""
        found = [" ".join(clause).upper() for clause in self.columns.get(name, ()) if is_on_conflict(clause)]
        return ", ".join(sorted(found)) or None

    def unique_options(self, columns: Sequence[str]) -> str:
        """ "ON CONFLICT IGNORE" of the unique constraint of the table on these columns, "" where it has none."""
        for clause in self.constraints:
            upper = [word.upper() for word in clause]
            if "UNIQUE" in upper and is_on_conflict(clause):
                listed = clause[upper.index("UNIQUE") + 1]
                if sorted(unquoted(part[0]) for part in split(tokens_of(listed[1:-1])) if part) == sorted(columns):
                    return " ".join(upper[upper.index("ON") :])
        return ""

    def primary_key_options(self) -> str:
        """ "ON CONFLICT REPLACE" of the primary key of the table, "" where it has none."""
        for clause in self.constraints:
            upper = [word.upper() for word in clause]
            if "PRIMARY" in upper and is_on_conflict(clause):
                return " ".join(upper[upper.index("ON") :])
        return ""


def is_on_conflict(clause: Sequence[Token]) -> bool:
    words = " ".join(word.upper() for word in clause if not word.startswith("("))
    return " ON CONFLICT " in words + " " and not words.endswith("ON CONFLICT ABORT")  # ABORT is what all have


def tokens_of(text: str) -> list[Token]:
    """The tokens of a statement without white space and comments; a pair of brackets is one, as it is written."""
    found, depth, start = [], 0, 0
    for match in TOKEN.finditer(text):
        token = match.group()
        if token == "(":
            start, depth = (start if depth else match.start()), depth + 1
        elif token == ")":
            depth -= 1
            if depth == 0:
                found.append(token_at(text, start, match.end()))
        elif not depth and token.strip() and not token.startswith(("--", "/*")):
            found.append(token_at(text, *match.span()))
    return found


def split(tokens: Iterable[Token]) -> list[list[Token]]:
    """Lists of tokens between commas."""
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def clauses(tokens: Sequence[Token]) -> list[list[Token]]:
    """The clauses of a column behind its name and type.

    A word that begins a clause does not where it is part of another one: CONSTRAINT name CHECK, NOT NULL, DEFAULT NULL, ON DELETE
    SET NULL, GENERATED ALWAYS AS; a NOT of NOT DEFERRABLE becomes a clause that nobody asks for.
    """
    found: list[list[Token]] = [[]]
    for token in tokens:
        before = [word.upper() for word in found[-1]]
        is_part = before[:1] == ["CONSTRAINT"] and len(before) == 2 or before[:1] == ["GENERATED"] and token.upper() == "AS"
        is_value = before[-1:] in (["NOT"], ["SET"], ["DEFAULT"]) and token.upper() in ("NULL", "DEFAULT")
        if token.upper() in CLAUSES and not is_part and not is_value:
            found.append([])
        found[-1].append(token)
    return [clause for clause in found[1:] if clause]


def unquoted(name: str) -> str:
    """A name without its quotes."""
    if name[:1] in "\"`'" and len(name) > 1:
        return name[1:-1].replace(name[0] * 2, name[0])
    return name[1:-1] if name[:1] == "[" else name
