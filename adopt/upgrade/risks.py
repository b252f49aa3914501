"""An upgrade loses no values and does not stop half way on rows: they are counted before its first statement.

    drop-table:T        rows of T go
    drop-column:T.C     rows with a value in it
    type:T.C            values that the new type cuts or rounds
    not-null:T.C        rows without a value: the statement fails
    unique:T.C,C        values that stand in several rows: the statement fails

The rows are those of this very database; an empty table puts nothing at stake. A revision goes on where it consents to what it
does, `consents = {"drop-column:users.name": "copied to full_name in 3f2a"}`, and where code before the statement names the column,
or the table: that may have copied or filled it. "*" consents to all.
"""

import ast
import os
import re

from sqlalchemy import inspect

from ..base import paths
from ..base.errors import RiskyRevision
from ..base.urls import redact
from ..rows import operations
from ..rows.counting import Rows, shown
from ..rows.renames import pairs

LENGTH = re.compile(r"(?i)^(?:\w*char|string|unicode)\w*\((?:length=)?(\d+)")
FAMILIES = (  # the first that is found in the name of a type
    ("text", re.compile(r"(?i)^(\w*char|string|unicode|\w*text)")),
    ("fraction", re.compile(r"(?i)^(float|numeric|decimal|double|real)")),
    ("time", re.compile(r"(?i)^(datetime|timestamp)")),
    ("day", re.compile(r"(?i)^date")),
    ("number", re.compile(r"(?i)^\w*int")),
)
UNCOUNTED = "rows that could not be counted in time"
ROUNDED = {("fraction", "number"), ("time", "day")}


def require_none(connection, steps, functions):
    """Raise where one of these steps would lose values of this database, or fail on rows that are there.

    `steps` are Alembic's, `functions` the names of those of a revision that run here.

    Raises:
        RiskyRevision: nothing was changed.
    """
    chain = Chain(connection)
    for step in steps:
        path = getattr(getattr(step, "revision", None), "path", None)
        if path is not None and step.is_upgrade:
            chain.follow(os.path.relpath(path, paths.ROOT), *operations.read(path, functions))
    if chain.found:
        raise RiskyRevision(chain.found, chain.renames, redact(connection.engine.url))


def losses(path):
    """("line", "rule:object") for what a revision loses wherever there are values, as far as it does not consent to that."""
    found, consents = operations.read(path, None)
    new = {one.table for one in found if one.name == "create_table"}
    for one in found:
        for risk in JUDGES.get(one.name, no_risks)(one, ""):
            name = name_of(risk, one)
            is_loss = risk.rule in ("drop-table", "drop-column") and one.table not in new
            if is_loss and not may_be_copied(risk, one, one.table) and not is_consented(name, consents):
                yield one.line, name


def is_consented(name, consents):
    return name in consents or "*" in consents


def may_be_copied(risk, one, table, code=frozenset()):
    """Whether code before an operation, or in `code`, names what it loses of this table."""
    return (one.known | code).issuperset(risk.columns or [table.rpartition(".")[2]])


def name_of(risk, one):
    return "{}:{}".format(risk.rule, ".".join(filter(None, (one.table, ",".join(risk.columns)))))


def no_risks(one, dialect):
    return ()


class Chain:
    """The steps one after the other; `found` are (place, "rule:object", words), `renames` the calls that a drop may stand for."""

    def __init__(self, connection):
        self._inspector, self._dialect = inspect(connection), connection.dialect.name
        self._rows = Rows(connection)
        self._there = {}  # {table: {column: its type}}, {} for none
        self._table_names, self._column_names = {}, {}  # what they are called before the first step
        self._new = set()  # tables and (table, column) of earlier operations
        self._code, self._has_code = set(), False  # of earlier revisions
        self.found, self.renames = [], []

    def follow(self, path, found, consents):
        """One revision."""
        added = [(one.table, Column(one.given.get("column"))) for one in found if one.name == "add_column"]
        for one in found:
            for risk, count in self._risks(one):
                name = name_of(risk, one)
                rows = 0 if is_consented(name, consents) else count()
                if rows is None and risk.fails:
                    continue  # the database tells
                if rows != 0:
                    words = risk.words.format(shown(rows, "value" if risk.rule == "unique" else "row"))
                    self.found.append(("{}:{}".format(path, one.line), name, UNCOUNTED if rows is None else words))
                    if risk.rule == "drop-column":
                        self.renames += self._renames(
                            one.table, risk.columns[0], [new for table, new in added if table == one.table]
                        )
            self._note(one)
        for one in found:
            self._code |= one.known
            self._has_code = self._has_code or one.follows_code

    def _note(self, one):
        new_table, new_column = one.text("new_table_name"), one.text("new_column_name")
        if one.name == "create_table":
            self._new.add(one.table)
        elif one.name == "rename_table" and new_table:
            self._table_names[new_table] = self._table_names.pop(one.table, one.table)
        elif one.name == "add_column":
            self._new.add((one.table, Column(one.given.get("column")).name))
        elif one.name == "alter_column" and new_column:
            column = one.text("column_name")
            self._column_names[one.table, new_column] = self._column_names.pop((one.table, column), column)

    def _columns(self, table):
        """{column: its type} as the table is there now; {} where there is none."""
        if table not in self._there:
            schema, _, name = table.rpartition(".")
            try:
                found = self._inspector.get_columns(name, schema=schema or None)
            except Exception:  # noqa: BLE001 -- there is none, which each SQLAlchemy and each server says in its own way
                found = []
            # a computed one has no values of its own to lose
            self._there[table] = {column["name"]: str(column["type"]) for column in found if not column.get("computed")}
        return self._there[table]

    def _risks(self, one):
        """(the Risk, a function that counts) of one operation."""
        if one.table in self._new:
            return
        table = self._table_names.get(one.table, one.table)
        for risk in JUDGES.get(one.name, no_risks)(one, self._dialect):
            there = self._columns(table)
            was = {name: self._column_names.get((one.table, name), name) for name in risk.columns}
            is_there = all(old in there and (one.table, name) not in self._new for name, old in was.items())
            if not there or not (is_there or risk.is_new):
                continue
            if risk.fails and (one.follows_code or self._has_code):
                continue  # it may fill them
            if not risk.fails and may_be_copied(risk, one, table, self._code):
                continue
            count = risk.count(self._rows, table, list(was.values()), there)
            if count is not None:
                yield risk, count

    def _renames(self, table, old, new):
        """The rename that a drop beside an add may be."""
        was = {old: family(self._columns(self._table_names.get(table, table)).get(old, ""))}
        for other, _ in pairs({column.name: family(column.type) for column in new if column.name}, was):
            yield "op.alter_column({!r}, {!r}, new_column_name={!r})".format(table, old, other)


class Risk:
    """A rule that an operation may break; `count(rows, table, columns, there)` gives a function that counts, None for no risk."""

    def __init__(self, rule, columns, count, words, fails=False, is_new=False):
        self.rule, self.columns, self.count, self.words, self.fails = rule, columns, count, words, fails
        self.is_new = is_new  # the column comes with the operation


def dropped_table(one, dialect):
    yield Risk("drop-table", [], lambda rows, table, columns, there: lambda: rows.all(table), "{} in it")


def dropped_column(one, dialect):
    def count(rows, table, columns, there):
        return lambda: rows.with_value(table, columns[0])

    if one.text("column_name"):
        yield Risk("drop-column", [one.text("column_name")], count, "{} with a value in it")


def altered_column(one, dialect):
    name = one.text("column_name")
    if not name:
        return
    if one.says("nullable", False):
        words = "{} without a value, which the statement fails on"
        yield Risk("not-null", [name], lambda rows, table, columns, there: lambda: rows.without_value(table, columns), words, True)
    if "type_" in one.given:
        new = unparsed(one.given["type_"])

        def count(rows, table, columns, there):
            length, old = LENGTH.match(new), there[columns[0]]
            if length and family(old) == "text":
                if dialect == "sqlite":  # which keeps what is longer
                    return None
                return lambda: rows.longer(table, columns[0], int(length.group(1)))
            return (lambda: rows.with_value(table, columns[0])) if (family(old), family(new)) in ROUNDED else None

        yield Risk("type", [name], count, "{} with a value that does not fit " + new.replace("{", "{{").replace("}", "}}"))


def added_column(one, dialect):
    column = Column(one.given.get("column"))
    if column.name and column.needs_value and dialect not in ("mysql", "mariadb"):  # those give a value of their own
        words = "{} that would have no value, which the statement fails on"
        yield Risk("not-null", [column.name], lambda rows, table, *_: lambda: rows.all(table), words, fails=True, is_new=True)


def unique(one, dialect):
    names = one.texts("columns")
    if dialect + "_where" in one.given:
        return  # of some rows
    if names and (one.name == "create_unique_constraint" or one.says("unique", True)):
        words = "{} in several rows, which the statement fails on"
        yield Risk("unique", names, lambda rows, table, columns, there: lambda: rows.repeated(table, columns), words, True)


JUDGES = {
    "drop_table": dropped_table,
    "drop_column": dropped_column,
    "alter_column": altered_column,
    "add_column": added_column,
    "create_unique_constraint": unique,
    "create_index": unique,
}


class Column:
    """A call of `sa.Column`, as the source has it."""

    def __init__(self, call):
        arguments = list(getattr(call, "args", []))
        said = {one.arg: one.value for one in getattr(call, "keywords", [])}
        self.name = operations.string(arguments[0]) if arguments else None
        self.type = unparsed(arguments[1]) if len(arguments) > 1 else ""
        self.needs_value = (
            getattr(said.get("nullable"), "value", None) is False
            and not said.keys() & {"server_default", "primary_key"}
            and not any(re.match("Computed|Identity|Sequence", unparsed(one)) for one in arguments[2:])
        )


def family(type_):
    return next((name for name, pattern in FAMILIES if pattern.match(type_)), type_)


def unparsed(node):
    """The text of an expression without its modules: Python 3.7 has no `ast.unparse`."""
    if isinstance(node, ast.Call):
        given = [unparsed(one) for one in node.args] + ["{}={}".format(one.arg, unparsed(one.value)) for one in node.keywords]
        return "{}({})".format(unparsed(node.func), ", ".join(given))
    return str(getattr(node, "attr", getattr(node, "id", getattr(node, "value", getattr(node, "n", "")))))
