"""A table of SQLite keeps all that it has while Alembic's batch mode builds it anew.

Batch mode makes the new table of what SQLAlchemy reflects, without COLLATE, AUTOINCREMENT, ON CONFLICT, STRICT, WITHOUT ROWID, and
CHECKs without a name, and drops triggers and indexes on expressions with the old one. So its statements are changed:

CREATE TABLE _alembic_tmp_x    waits for the next one
INSERT ... SELECT ... FROM x   makes the table, with the words of x where nothing changes; no value for a generated column
ALTER TABLE ... RENAME TO x    is possible with views that name x; triggers, indexes on expressions, the last number are back
CREATE INDEX                   has the words that it had
"""

from __future__ import annotations

import contextlib
import re
import warnings
from typing import TYPE_CHECKING, Any

import alembic
from sqlalchemy import ForeignKeyConstraint, MetaData, Numeric, String, Table, UniqueConstraint, event
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.elements import conv

from ..base.errors import NotRebuilt
from ..base.urls import redact
from ..server.connecting import quoted
from .sqlite_definition import Definition, mentions, rebuilt, with_names
from .sqlite_statement import TOKEN, Statement, split, tokens_of, unquoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from sqlite3 import Cursor

    from alembic.runtime.migration import MigrationContext
    from sqlalchemy.dialects.sqlite.base import SQLiteExecutionContext
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.reflection import Inspector
    from sqlalchemy.schema import ColumnCollectionConstraint


TEMPORARY = re.compile(r'\s*(CREATE TABLE|INSERT INTO|ALTER TABLE|DROP TABLE) "?_alembic_tmp_')
UNTRUE = ("Unnamed CHECK constraint on reflected table", "Skipped unsupported reflection of expression-based index")  # here
KEYS = (ForeignKeyConstraint, UniqueConstraint)
NOTHING = "SELECT 1 WHERE 0"
OBJECTS = "SELECT name, sql FROM sqlite_master WHERE type = ? AND lower(tbl_name) = lower(?) AND sql > ''"
PROBED = "SELECT type, name, sql, tbl_name FROM sqlite_master WHERE type IN ('view', 'trigger')"


_reflecting: list[list[Any]] = []  # for each block: the tables that are reflected for batch mode


def name_key(constraint: ColumnCollectionConstraint, table: Table) -> None:
    """Let a key of a table that is reflected have a name, where SQLite has none for it."""
    if constraint.name is None and any(table is one for tables in _reflecting for one in tables):
        usual = usual_name(constraint, str(table.name))
        if usual not in [one.name for one in table.constraints]:
            constraint.name = conv(usual)


@contextlib.contextmanager
def kept(connection: Connection, get_context: Callable[..., Any]) -> Iterator[None]:
    """Inside the block batch mode keeps what a table of SQLite has; every other database is left alone.

    `get_context()` is Alembic's. A key without a name is found by the one that PostgreSQL would give it, and gets none where batch
    mode wants one for it and no model has it.

    Raises:
        NotRebuilt: a view or a trigger would not work any more; from the statement, before anything is committed.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    waiting: list[Any]
    current: list[Rebuild]
    reflecting: list[Table]
    waiting, current, reflecting = [], [], []

    def reflect(inspector: Inspector, table: Table, column: Any) -> None:
        """Let the type of a column have its collation; one that has none is a type of the same affinity."""
        cursor = connection.connection.cursor()
        found = cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (str(table.name),)).fetchone()
        if found and isinstance(column["type"], String):
            column["type"].collation = Statement(found[0]).collation(column["name"])
        if type(column["type"]).__name__ == "NullType":
            column["type"] = Numeric()
        if not any(table is one for one in reflecting):
            reflecting.append(table)

    def before(
        connection: Connection,
        cursor: Cursor,
        statement: str,
        parameters: Sequence[str],
        context: SQLiteExecutionContext,
        executemany: bool,
    ) -> tuple[str, Any]:
        matched = TEMPORARY.match(statement)
        if matched and matched.group(1) == "CREATE TABLE":
            waiting[:] = [statement]
            return NOTHING, parameters
        if matched and matched.group(1) == "INSERT INTO" and waiting:
            current[:] = [Rebuild(connection, waiting.pop(), statement, get_context())]
            del reflecting[:]
            connection.connection.cursor().execute(current[0].create)
            return current[0].insert, parameters
        if matched and matched.group(1) == "DROP TABLE":  # the last INSERT, or what is made for it, was refused
            return statement.replace("TABLE", "TABLE IF EXISTS", 1), parameters
        if matched and current:
            current[0].before_rename()
        elif current and statement.lstrip().startswith("CREATE"):
            return current[0].indexes.pop(" ".join(tokens_of(statement)), statement), parameters
        return statement, parameters

    def after(connection: Connection, cursor: Cursor, statement: str, *_: object) -> None:
        matched = TEMPORARY.match(statement)
        if matched and matched.group(1) == "ALTER TABLE" and current:
            current[0].after_rename()

    event.listen(Table, "column_reflect", reflect)
    _reflecting.append(reflecting)
    for kind in KEYS:  # for good: SQLAlchemy 1.3 cannot take away a listener of a class with subclasses
        if not event.contains(kind, "after_parent_attach", name_key):
            event.listen(kind, "after_parent_attach", name_key)
    event.listen(connection, "before_cursor_execute", before, retval=True)
    event.listen(connection, "after_cursor_execute", after)
    try:
        with warnings.catch_warnings():
            for said in UNTRUE:
                warnings.filterwarnings("ignore", said)
            yield
    finally:
        event.remove(Table, "column_reflect", reflect)
        _reflecting[:] = [one for one in _reflecting if one is not reflecting]
        event.remove(connection, "before_cursor_execute", before)
        event.remove(connection, "after_cursor_execute", after)


class Rebuild:
    """One table that is built anew: `create` and `insert` make it, `indexes` are {what batch mode says: what the table had}."""

    def __init__(self, connection: Connection, create: str, insert: str, context: MigrationContext) -> None:
        self._connection, self._cursor = connection, connection.connection.cursor()
        into, listed, olds, columns = copied_columns(insert)
        self._table = unquoted(tokens_of(insert)[-1])
        original = self._rows("SELECT sql FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(?)", self._table)[0][0]
        listeners = [("column_reflect", context.impl.autogen_column_reflect)]
        table = Table(self._table, MetaData(), autoload_with=connection, listeners=listeners)
        dialect, emitted = connection.dialect, Definition(create)
        seen = Definition(str(CreateTable(table).compile(dialect=dialect)))
        if tuple(int(part) for part in alembic.__version__.split(".")[:2]) < (1, 7):  # takes no CHECK along, and drops none
            seen.parts = [one for one in seen.parts if one.key[0] != "CHECK"]
        renamed = {old: emitted.columns[new].quoted for new, old in olds.items() if new != old}
        gone = set(seen.columns) - set(olds.values()) if olds else set()
        given = context.opts.get("target_metadata")
        metadatas = given if isinstance(given, (list, tuple)) else [given] if given is not None else []
        named = {str(one.name) for metadata in metadatas for model in metadata.tables.values() for one in model.constraints}
        for part in emitted.parts:
            kind = {"FOREIGN": "fkey", "UNIQUE": "key"}.get(part.key[0])
            usual = "_".join([self._table, *map(str, part.key[1]), kind]) if kind else None
            if usual and part.name == usual.lower() and usual not in named:
                part.text = part.text[part.start :]
        body, generated = rebuilt(Definition(original), seen, emitted, olds) if olds else ("", ())
        self.create = f"CREATE TABLE {into} {body}" if olds else create
        pairs = [pair for pair in zip(listed, columns) if unquoted(pair[0]).lower() not in generated]  # noqa: B905
        self.insert = "INSERT INTO {} ({}) SELECT {} FROM {}".format(
            into, ", ".join(one for one, _ in pairs), ", ".join(one for _, one in pairs), tokens_of(insert)[-1]
        )
        self._numbered = None
        if self._rows("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'") and "AUTOINCREMENT" in self.create.upper():
            self._numbered = ([*self._rows("SELECT seq FROM sqlite_sequence WHERE name = ?", self._table), (None,)])[0][0]
        self._triggers = [sql for _, sql in self._rows(OBJECTS, "trigger", self._table)]
        there = dict(self._rows(OBJECTS, "index", self._table))
        indexes = [index for index in table.indexes if olds and index.name in there]
        said = {index.name: str(CreateIndex(index).compile(dialect=dialect)) for index in indexes}
        self.indexes = {" ".join(tokens_of(said[one])): with_names(there[one], renamed) for one in said}
        self.indexes.update({" ".join(tokens_of(with_names(said[one], renamed))): with_names(there[one], renamed) for one in said})
        lost = [sql for name, sql in there.items() if name not in said and not mentions(sql[sql.index("(") :], gone)]
        self._lost = [with_names(sql, renamed) for sql in lost]
        self._works = {what for what, statement in self._every_probe() if self._fails(statement) is None}
        self._was_legacy = 0

    def _rows(self, statement: str, *parameters: str) -> Any:
        return self._cursor.execute(statement, parameters).fetchall()

    def before_rename(self) -> None:
        """Views that name the table may wait for it."""
        self._was_legacy = ([*self._rows("PRAGMA legacy_alter_table"), (0,)])[0][0]
        self._cursor.execute("PRAGMA legacy_alter_table=ON")

    def after_rename(self) -> None:
        self._cursor.execute(f"PRAGMA legacy_alter_table={int(self._was_legacy)}")
        for statement in self._triggers + self._lost:
            self._cursor.execute(statement)
        if self._numbered is not None:
            self._cursor.execute("DELETE FROM sqlite_sequence WHERE name = ?", (self._table,))
            self._cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (self._table, self._numbered))
        probes = [probe for probe in self._every_probe() if probe[0] in self._works]
        broken = [(what, reason) for what, statement in probes for reason in [self._fails(statement)] if reason]
        if broken:
            raise NotRebuilt(self._table, broken, redact(self._connection.engine.url))

    def _every_probe(self) -> Iterator[tuple[str, str]]:
        """(view or trigger, a statement that cannot be prepared where it does not work)."""
        for kind, name, sql, table in self._rows(PROBED):
            if kind == "view":
                yield "view " + name, f"SELECT * FROM {quoted(name)}"
            elif mentions(sql, {self._table.lower()}):
                columns = [quoted(row[1]) for row in self._rows(f"PRAGMA table_info({quoted(table)})")]
                told: Any = re.search(r"\b(DELETE|INSERT|UPDATE)\b(?:\s+OF\s+(.*?)\s+ON\b)?", sql, re.I | re.S)
                columns = [one.strip() for one in told.group(2).split(",")] if told.group(2) else columns
                words = {
                    "DELETE": "DELETE FROM " + quoted(table),
                    "INSERT": f"INSERT INTO {quoted(table)} DEFAULT VALUES",
                    "UPDATE": "UPDATE {} SET {}".format(quoted(table), ", ".join(f"{one} = {one}" for one in columns)),
                }
                yield "trigger " + name, words[told.group(1).upper()]

    def _fails(self, statement: str) -> str | None:
        """Why a statement cannot be prepared, None where it can."""
        try:
            self._rows("EXPLAIN " + statement)
        except self._connection.dialect.dbapi.Error as error:  # type: ignore[union-attr]  # it has a driver
            return str(error)
        return None


def usual_name(constraint: ColumnCollectionConstraint, table: str) -> str:
    """The name that PostgreSQL would give to a key."""
    kind = "key" if isinstance(constraint, UniqueConstraint) else "fkey"
    return "_".join([table, *constraint.columns.keys(), kind])


def copied_columns(insert: str) -> Any:
    """(the new table, the columns that it lists, {column: the one that it was}, what is selected) of batch mode's INSERT.

    A revision's own has no names of tables in what it selects, and is what it says: it has no columns that others were.
    """
    tokens = tokens_of(insert)
    listed = [part[0] for part in split(tokens_of(tokens[3][1:-1]))]
    selected = split(tokens[5:-2])
    texts = [insert[part[0].start : part[-1].end] for part in selected]
    olds = {}
    for new, text in zip(listed, texts):  # noqa: B905 - as many
        words = [one for one in TOKEN.findall(text) if one.strip()]
        if "." in words:
            olds[unquoted(new).lower()] = unquoted(words[words.index(".") + 1]).lower()
    return tokens[2], listed, olds, texts
