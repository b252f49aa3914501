"""Rows for a scratch database, made up from what its tables ask for: types, labels, lengths, keys, and literals of their CHECKs.

Which of several values fit, the server decides: a row that it refuses is tried again with others.
"""

from __future__ import annotations

import datetime
import random
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from ..server.connecting import command, literal_for, query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.engine import Connection

    from ..base.types import Snapshot, TableFacts


TRIES, BATCH, MOST_REFUSED = 50, 100, 3
START = datetime.datetime(2020, 1, 1)
TEXT = re.compile(r"(?i)(\w*char|\w*text|string|clob|\w*blob|bytea|\w*binary)\b")
KINDS = (  # for the first pattern that a type begins with: what row `n` has, whose day is `day`, and whose second is `time`
    (r".*\[\]|json", "{{}}"),
    (r"uuid", "00000000-0000-0000-0000-{n:012d}"),
    (r"\w*range", "empty"),
    (r"inet|cidr", "::{n:x}"),
    (r"tsvector|hstore", ""),
    (r"timestamp|datetime", "2020-01-01 {time}"),
    (r"date", "{day:%Y-%m-%d}"),
    (r"time|interval", "{time}"),
    (r"year", "{day:%Y}"),
    (r"bool", "{bit}"),
    (r"\w*int|num|dec|float|double|real|money", "{number}"),
)
LITERAL = re.compile(r"'((?:[^']|'')*)'|(?<![\w.])(-?\d+)")
LABEL = re.compile(r"'((?:[^']|'')*)'")


def fill(connection: Connection, snapshot: Snapshot, number: int) -> dict[str, tuple[int, str]]:
    """Put `number` rows into each table of a snapshot, those first that others refer to.

    Returns {table: (how many there are, why not more)}.
    """
    found: dict[str, tuple[int, str]]
    found, tables = {}, snapshot["tables"]
    left = set(tables)
    while left:
        name = min(sorted(left), key=lambda one: [len(left & parents(tables[one], are_all) - {one}) for are_all in (False, True)])
        found[name] = Table(connection, snapshot, name, found).fill(number)
        left.remove(name)
    return found


def parents(table: TableFacts, are_all: bool) -> set[str]:
    """The tables that one refers to; where not all are asked for, those that it has to."""
    keys = [key for key in table["foreign_keys"] if are_all or not any(table["columns"][one]["nullable"] for one in key["columns"])]
    return {referred(key)[0] for key in keys}


def referred(key: Mapping[str, Any]) -> tuple[str, list[str]]:
    """(table, its columns) that a foreign key of a snapshot leads to."""
    table, _, columns = key["refers_to"].replace('"', "")[:-1].rpartition("(")
    return table, columns.split(", ")


class Table:
    """The rows of one table; `filled` says how many others have."""

    def __init__(self, connection: Connection, snapshot: Snapshot, name: str, filled: Mapping[str, Any]) -> None:
        self._connection, self._snapshot, self._name, self._filled = connection, snapshot, name, filled
        self._table = snapshot["tables"][name]
        self._columns = self._table["columns"]
        self._quote = connection.dialect.identifier_preparer.quote
        self._picks: dict[str, int]
        self._random, self._picks, self._why = random.Random(0), {}, ""
        self._references = [(key["columns"], self._rows_of(*referred(key))) for key in self._table["foreign_keys"]]
        self._others = {column: list(self._literals(column)) for column in self._columns}

    def fill(self, number: int) -> tuple[int, str]:
        """(how many rows there are then, why not so many more)"""
        first = query(self._connection, "SELECT COUNT(*) FROM " + self._place(self._name))[0][0]
        made = refused = 0
        while made + refused < number and refused < MOST_REFUSED:
            at = first + made + refused
            numbers = range(at, at + min(BATCH, number - made - refused))
            if self._insert(numbers):
                made += len(numbers)
                continue
            for one in numbers:
                is_made = refused < MOST_REFUSED and any(self._insert([one], attempt) for attempt in range(TRIES))
                made, refused = made + is_made, refused + (not is_made)
        return first + made, self._why if refused else ""

    def _insert(self, numbers: Sequence[int], attempt: int = 0) -> bool:
        """Whether the server takes these rows."""
        if attempt:
            self._picks = {column: self._random.randrange(len(more) + 1) for column, more in self._others.items()}
        rows = [self._row(number) for number in numbers]
        words = "({}) VALUES {}".format(
            ", ".join(map(self._quote, rows[0])), ", ".join("({})".format(", ".join(row.values())) for row in rows)
        )
        savepoint = self._connection.begin_nested()
        try:
            command(self._connection, f"INSERT INTO {self._place(self._name)} {words}")
            savepoint.commit()
            return True
        except exc.DBAPIError as error:
            savepoint.rollback()
            if not attempt:
                self._why = str(error.orig).strip().partition("\n")[0]
            return False

    def _row(self, number: int) -> dict[str, str]:
        """{column: its value as SQL}; a column that is left out has its default."""
        row = {}
        for name, column in self._columns.items():
            pick = self._picks.get(name, 0)
            value = self._others[name][pick - 1] if pick else self._value(column, number)
            if self._connection.dialect.name != "sqlite" and any(map(column.get, ("computed", "identity", "autoincrement"))):
                row[name] = "DEFAULT"
            elif value is not None and not column.get("computed"):
                row[name] = literal_for(self._connection, value)
        for columns, rows in self._references:
            for place, name in enumerate(columns):
                row.pop(name, None)
                if rows:
                    row[name] = literal_for(self._connection, rows[number % len(rows)][place])
        return row

    def _rows_of(self, table: str, columns: Sequence[str]) -> list[Any]:
        """What rows of a table that is filled have in these columns, as text."""
        if table not in self._filled:
            return []
        kind = "CHAR" if self._connection.dialect.name in ("mysql", "mariadb") else "TEXT"
        wanted = ", ".join(f"CAST({self._quote(column)} AS {kind})" for column in columns)
        return [row for row in query(self._connection, f"SELECT {wanted} FROM {self._place(table)} ORDER BY 1") if None not in row]

    def _value(self, column: Mapping[str, Any], number: int) -> str | None:
        """A value for a column, another one for each row where its type has so many; None for none."""
        words = self._snapshot.get("domains", {}).get(column["type"], column["type"])
        labels: list[str] = self._snapshot["enums"].get(words) or LABEL.findall(words)
        if labels:
            return labels[number % len(labels)]
        sizes = [int(size) for size in re.findall(r"\d+", words)] or [9]
        if TEXT.match(words):
            return f"{number:x}".zfill(min(sizes[0], 36))[-sizes[0] :]
        limit = {"TINY": 127, "SMAL": 32767}.get(words[:4], 10 ** (sizes[0] - sum(sizes[1:])))
        day, time = (START + datetime.timedelta(**{unit: number}) for unit in ("days", "seconds"))
        kind: str | None = next((kind for pattern, kind in KINDS if re.match(pattern, words, re.I)), None)
        return kind and kind.format(n=number, day=day, time=time.time(), bit=number % 2, number=number % limit)

    def _literals(self, name: str) -> Iterator[str | None]:
        """What else a column may ask for: what stands in a CHECK that names it, and its default, or NULL."""
        for check in self._table["checks"]:
            if re.search(rf"\b{re.escape(name)}\b", check):
                for text, digits in LITERAL.findall(check):
                    yield from [str(int(digits) + more) for more in (-1, 0, 1)] if digits else [text.replace("%", "a")]
                yield from ("abc", "a@b.example")
        if self._columns[name]["nullable"] or self._columns[name]["default"] is not None:
            yield None

    def _place(self, name: str) -> str:
        return ".".join(self._quote(part) for part in name.split(".", 1))
