"""How many rows of a table stand against a change: counted read-only, never for long.

Counting stops at 10001 rows, and each question is given up after five seconds: a large table of a busy server is not read to its
end. 10001 means "more than 10000"; None means that it could not be counted.
"""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc, text

from ..server.connecting import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import Connection, Dialect


MOST = 10000
SECONDS = 5
LITERAL = re.compile(r"(?i)\(?(?:'(?:[^']|'')*'|[-\d.]+|true|false)(?:::[\w \[\]]+)?\)?$")


class Rows:
    """Counts on the database of `connection`; tables are named as in a snapshot, "schema.table" outside of the default schema."""

    def __init__(self, connection: Connection, seconds: float = SECONDS) -> None:
        self._connection, self._seconds = connection, seconds
        self._of(connection.dialect)

    def _of(self, dialect: Dialect) -> None:
        self.dialect, self._dialect = dialect, dialect.name

    def _quote(self, name: str) -> str:
        """`text` doubles a percent sign once more."""
        preparer = self.dialect.identifier_preparer
        return str(preparer.quote(name)).replace("%%" if getattr(preparer, "_double_percents", False) else "%", "%")

    def asked(self, table: str, question: Sequence[Any]) -> Any:
        """What one of these methods answers; a question is its name and the arguments after the table."""
        return getattr(self, question[0])(table, *question[1:])

    def all(self, table: str) -> Any:
        """Rows of the table."""
        return self._where(table, "1 = 1")

    def with_value(self, table: str, column: str, default: str | None = None) -> Any:
        """Rows in which the column is not NULL, and not its `default` where that is a literal of SQL."""
        rows = None
        if default and LITERAL.match(default):
            rows = self._where(table, f"{self._quote(column)} <> {default}")
        return self._where(table, self._quote(column) + " IS NOT NULL") if rows is None else rows

    def without_value(self, table: str, columns: Sequence[str]) -> Any:
        """Rows in which one of the columns is NULL."""
        return self._where(table, " OR ".join(self._quote(column) + " IS NULL" for column in columns))

    def longer(self, table: str, column: str, length: int) -> Any:
        """Rows whose text has more characters than `length`."""
        measured = "LENGTH" if self._dialect == "sqlite" else "CHAR_LENGTH"
        return self._where(table, f"{measured}({self._quote(column)}) > {int(length)}")

    def outside(self, table: str, column: str, limit: int) -> Any:
        """Rows whose number is not of -limit to limit - 1."""
        return self._where(table, f"{self._quote(column)} NOT BETWEEN {-limit} AND {limit - 1}")

    def rounded(self, table: str, column: str, digits: float, scale: float) -> Any:
        """Rows whose number has more than `digits` before its point, or more than `scale` behind it."""
        value = self._quote(column)
        value = f"CAST({value} AS NUMERIC)" if self._dialect == "postgresql" else value
        too_long = f" OR ABS({value}) >= 1e{digits}" if digits < MOST else ""
        return self._where(table, f"ROUND({value}, {scale}) <> {value}{too_long}")

    def with_time(self, table: str, column: str) -> Any:
        """Rows whose time is more than its day."""
        return self._where(table, "DATE({0}) <> {0}".format(self._quote(column)))

    def of_others(self, table: str, column: str, labels: Sequence[str]) -> Any:
        """Rows whose value is none of `labels`."""
        as_text = "CAST({} AS {})".format(self._quote(column), "TEXT" if self._dialect in ("sqlite", "postgresql") else "CHAR")
        return self._where(table, "{} NOT IN ({})".format(as_text, ", ".join(map(literal, labels))))

    def holding(self, table: str, column: str, labels: Sequence[str]) -> Any:
        """Rows of PostgreSQL whose value is one of `labels`, or an array with one of them."""
        listed = ", ".join(map(literal, labels))
        as_array = f"string_to_array(btrim(CAST({self._quote(column)} AS text), '{{}}'), ',')"
        return self._where(table, f"{as_array} && ARRAY[{listed}]") if labels else 0

    def violating(self, table: str, condition: str) -> Any:
        """Rows for which the condition of a CHECK is false."""
        return self._where(table, f"NOT ({condition})")

    def repeated(self, table: str, columns: Sequence[str]) -> Any:
        """Values that stand in several rows; rows with a NULL among them do not count, as for UNIQUE."""
        names = [self._quote(column) for column in columns]
        query = "SELECT 1 FROM {} WHERE {} GROUP BY {} HAVING COUNT(*) > 1".format(
            self._table(table), " AND ".join(name + " IS NOT NULL" for name in names), ", ".join(names)
        )
        return self._counted(query)

    def orphans(self, table: str, columns: Sequence[str], refers_to: str, others: Sequence[str] | None = None) -> Any:
        """Rows that refer to a row that is not there; `refers_to` is "table(column, other)" as a snapshot has it, or a table, the
        columns being `others`."""
        names: Any
        referred, names = refers_to, others
        if others is None:
            referred, names = re.match(r"(.*)\((.*)\)$", refers_to, re.S).groups()  # type: ignore[union-attr]  # as a snapshot has it
            names = names.split(", ")
        if others is not None or self._dialect != "postgresql":  # its own words are SQL already
            referred, names = self._table(referred), [self._quote(name) for name in names]
        own = ["child." + self._quote(column) for column in columns]
        query = "SELECT 1 FROM {} child WHERE {} AND NOT EXISTS (SELECT 1 FROM {} parent WHERE {})".format(
            self._table(table),
            " AND ".join(name + " IS NOT NULL" for name in own),
            referred,
            " AND ".join(map("parent.{} = {}".format, names, own)),
        )
        return self._counted(query)

    def _where(self, table: str, condition: str) -> Any:
        return self._counted(f"SELECT 1 FROM {self._table(table)} WHERE {condition}")

    def _table(self, name: str) -> str:
        return ".".join(self._quote(part) for part in name.split(".", 1))

    def _counted(self, query: str) -> Any:
        limited = f"SELECT COUNT(*) FROM ({query} LIMIT {MOST + 1}) some_rows"
        try:
            with self._limit() as before:
                return self._connection.execute(text((before + limited).replace(":", "\\:"))).scalar()
        except exc.DBAPIError:  # given up, not permitted, or no comparison that the server knows
            return None

    @contextlib.contextmanager
    def _limit(self) -> Iterator[str]:
        """Give up what runs inside after some seconds; gives what has to stand before the statement."""
        if self._connection._execution_options.get("isolation_level") == "AUTOCOMMIT":  # inside of an autocommit_block()
            yield ""
        elif self._dialect == "postgresql":
            # in a savepoint, for a statement that fails would end the transaction that the caller looks in
            savepoint = self._connection.begin_nested()
            try:
                self._connection.execute(text(f"SET LOCAL statement_timeout = {int(self._seconds * 1000)}"))
                yield ""
            finally:
                savepoint.rollback()
        elif self._dialect == "sqlite":
            raw, end = self._connection.connection, time.monotonic() + self._seconds
            raw.set_progress_handler(lambda: time.monotonic() > end, 10000)
            try:
                yield ""
            finally:
                raw.set_progress_handler(None, 0)
        elif is_mariadb(self._connection.dialect):
            yield f"SET STATEMENT max_statement_time={self._seconds} FOR "
        else:
            self._connection.execute(text(f"SET SESSION max_execution_time = {int(self._seconds * 1000)}"))
            yield ""


class Statements(Rows):
    """Gives the statement that counts, for somebody to run."""

    def __init__(self, dialect: Dialect) -> None:
        self._of(dialect)

    def _counted(self, query: str) -> Any:
        if " GROUP BY " in query:
            return f"SELECT COUNT(*) FROM ({query}) some_rows"
        return query.replace("SELECT 1", "SELECT COUNT(*)", 1).replace(" WHERE 1 = 1", "")


class Uncounted:
    """In the place of `Rows` where there is nothing to count in: every answer is that nobody knows."""

    def __getattr__(self, question: str) -> Any:
        return lambda *asked: None


def is_mariadb(dialect: Dialect) -> bool:
    """Whether the connected server of this MySQL dialect is MariaDB, on every SQLAlchemy."""
    return getattr(dialect, "is_mariadb", False) is True or getattr(dialect, "_is_mariadb", False) is True


def shown(rows: int | None, noun: str = "row") -> str:
    """ "1 row", "3 rows", "More than 10000 rows" at the start of a sentence; "Some rows" where they could not be counted."""
    if rows is None:
        return f"Some {noun}s"
    if rows > MOST:
        return f"More than {MOST} {noun}s"
    return "{} {}{}".format(rows, noun, "" if rows == 1 else "s")


def verb(rows: int | None, *forms: str) -> list[str]:
    """The form of each verb or pronoun that goes with so many rows; each is given as "has/have"."""
    return [form.split("/")[rows != 1] for form in forms]
