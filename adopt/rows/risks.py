"""What the operations of a revision lose of the rows that are there, or fail on: one answer for whoever asks.

    drop-table:T             rows of T go
    delete:T                 rows of T go: DELETE without WHERE, TRUNCATE
    drop-column:T.C          rows with a value in it, other than its default
    type:T.C                 values that the new type cuts, rounds or has no room for
    enum:T.C                 rows with a label that goes
    not-null:T.C             rows without a value: the statement fails
    unique:T.C,C             values that stand in several rows: the statement fails
    check:T.NAME             rows against the condition: the statement fails
    foreign-key:T.C,C        rows that refer to nothing: the statement fails

`flask db migrate` remarks on them (autogenerate/at_stake.py), `adopt check` refuses them in the newest revision, and an upgrade
those for which this very database has rows, before its first statement, and what reading it has not shown before that statement
(upgrade/unread.py); an empty table puts nothing at stake. A downgrade refuses what it loses. A revision goes on where it consents,
`consents = {"drop-column:users.name": "copied to full_name in 3f2a"}`, and
where code before the statement names the column, or the table: that may have copied or filled it. "*" consents to all.
"""

from __future__ import annotations

import ast
import collections
import os
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from ..base import paths
from ..base.errors import RiskyRevision
from ..base.urls import redact
from . import operations
from .conditions import has_grown
from .counting import Rows, shown
from .fitting import unfit
from .renames import pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.reflection import Inspector

    from .operations import Code, Operation


FAMILIES = (  # the first that is found in the name of a type
    ("text", re.compile(r"(?i)^(\w*char|string|unicode|\w*text)")),
    ("fraction", re.compile(r"(?i)^(float|numeric|decimal|double|real)")),
    ("time", re.compile(r"(?i)^(datetime|timestamp)")),
    ("day", re.compile(r"(?i)^date")),
    ("number", re.compile(r"(?i)^(\w+(?<!po))?int(?!erval)")),
)
FILL = " first: op.execute('UPDATE {table} SET {columns} = ...')"
FAILS = ", which the statement fails on"
RULES = {  # what the rows are, and how to write it without losing them
    "drop-table": ("{} in it", "Stop using {table} in one release, and drop it in a later one."),
    "delete": ("{} in it", "Say which:  op.execute('DELETE FROM {table} WHERE ...')"),
    "drop-column": ("{} with a value in it", "Copy the values first: op.execute('UPDATE {table} SET ... = {columns}')"),
    "type": (
        "{} with a value that does not fit {about}",
        "Add a column of the new type, fill it from {columns}, and drop {columns} in a later revision.",
    ),
    "enum": ("{} with none of {about}", "Change it" + FILL),
    "not-null": ("{} without a value" + FAILS, "Fill it" + FILL),
    "new": (
        "{} that would have no value" + FAILS,
        "Give it a server_default, in the model too; or add it nullable, fill it, then alter it.",
    ),
    "unique": ("{} in several rows" + FAILS, "Make them differ" + FILL),
    "check": ("{} against its condition" + FAILS, "Mend them first: op.execute('UPDATE {table} SET ...')"),
    "foreign-key": ("{} without one in {about}" + FAILS, "Mend them" + FILL),
}
UNCOUNTED = "rows that could not be counted in time"

# `question(Chain, names of the columns now, type of the first)` is a method of `Rows` and its arguments, or None for no risk;
# `about` is a word of the sentence.
Risk = collections.namedtuple("Risk", "rule columns question name about", defaults=("", ""))
# `rows` are as counted; `renames` (the call, what `-x rename=` is given) for what a drop may stand for; `way` is how else to
# write it.
Found = collections.namedtuple("Found", "line name rule rows question renames words way")


def require_none(connection: Connection, steps: Sequence[Any], functions: Collection[str], is_upgrade: bool = True) -> Any:
    """{path: (the names of what it was read to do, its consents)} of the revisions, none of which loses values of this database, or
    fails on rows that are there, as far as they could be read.

    `steps` are Alembic's, `functions` the names of those of a revision that run here. A downgrade is its author's own where no
    revision on the way has a line `consents`, as those of before, or is the baseline of the retrofit.

    Raises:
        RiskyRevision: nothing was changed.
    """
    files = [getattr(getattr(step, "revision", None), "path", None) for step in steps if step.is_upgrade == is_upgrade]
    read = {path: operations.read(path, functions) for path in files if path}
    if not is_upgrade and all(said is None for _, said in read.values()):
        return {}
    chain = Chain(Rows(connection), inspect(connection))
    refuse(connection, [(path, one) for path, revision in read.items() for one in chain.follow(*revision)], is_upgrade)
    return {os.path.realpath(path): (names_of(made), said) for path, (made, said) in read.items()}


def refuse(connection: Connection, found: Iterable[tuple[str, Any]], is_upgrade: bool, stay: Any = None) -> None:
    """Raise for what of it, (path, Found), this database has rows; `stay` are the statements that cannot be taken back, None before
    the first one."""
    gives = connection.dialect.name in ("mysql", "mariadb")  # of its own
    found = [(path, one) for path, one in found if is_refused(one, is_upgrade) and not (gives and one.rule == "new")]
    if found:
        rows = [
            (f"{os.path.relpath(path, paths.ROOT)}:{one.line}", one.name, UNCOUNTED if one.rows is None else sentence(one))
            for path, one in found
        ]
        renames = [call for _, one in found for call, _ in one.renames]
        raise RiskyRevision(rows, renames, is_upgrade, stay, redact(connection.engine.url))


def is_refused(one: Any, is_upgrade: bool) -> bool:
    """Whether its rows stand against it. What fails where they could not be counted is left to the database to tell."""
    return one.rows != 0 and not (fails(one.rule) and (one.rows is None or not is_upgrade))


def sentence(one: Any, whose: str | None = None) -> Any:
    """What the rows are: "3 rows with a value in it"; with `whose`, which follows "rows", nobody has counted them."""
    noun = "value" if one.rule == "unique" else "row"
    return one.words.format(shown(one.rows, noun) if whose is None else noun + "s" + whose)


def fails(rule: str) -> bool:
    """Whether a statement fails on the rows, rather than losing values of theirs."""
    return RULES[rule][0].endswith(FAILS)


def names_of(made: Iterable[Operation]) -> set[str]:
    """What of them may need a consent."""
    return {name_of(risk, one) for one in made for risk in risks_of(one)}


def is_consented(name: str, consents: Collection[str] | None) -> bool:
    return name in (consents or ()) or "*" in (consents or ())


def name_of(risk: Risk, one: Operation) -> str:
    parts = (one.table, risk.name or ",".join(risk.columns))
    return "{}:{}".format("not-null" if risk.rule == "new" else risk.rule, ".".join(filter(None, parts)))


def risks_of(one: Operation) -> Iterable[Risk]:
    """What it may put at stake, as far as its words say."""
    return JUDGES[one.name](one) if one.name in JUDGES else ()


class Chain:
    """Revisions one after the other; `rows` counts, `inspector` says what there is; without it every table of theirs is there."""

    def __init__(self, rows: Rows, inspector: Inspector | None = None) -> None:
        self._rows, self._inspector, self.dialect = rows, inspector, rows.dialect.name
        self._there: dict[str, dict[str, str]] = {}  # {table: {column: its type}}, {} for none
        self._defaults: dict[tuple[str, str], str | None] = {}  # {(table, column): its default, as SQL}
        self._table_names: dict[str, str]
        self._column_names: dict[tuple[str, str], str]
        self._table_names, self._column_names = {}, {}  # what they are called before the first step
        self.new: set[Any] = set()  # tables and (table, column) of earlier operations
        self.conditions: dict[tuple[str, Any], Any] = {}  # {(table, name of a CHECK): its condition before}
        self._code: list[Code] = []  # of earlier revisions

    def follow(
        self, made: Sequence[Operation], consents: Collection[str] | None = None, undone: Sequence[Operation] = ()
    ) -> Iterator[Found]:
        """What the operations of one revision do to rows, as far as it does not consent to that; `undone` takes them back."""
        checks = [one for one in undone if one.name == "create_check_constraint"]
        self.conditions = {(one.table, one.text("constraint_name")): one.text("condition") for one in checks}
        added = [(one.table, Column(one.given.get("column"))) for one in made if one.name == "add_column"]
        replaced = {one.table for one in made if one.name in ("drop_constraint", "drop_index")}
        created = {
            one.table: {Column(node).name for node in one.given.get("", ())} - {None} for one in made if one.name == "create_table"
        }
        for one in made:
            for risk, question in self._risks(one):
                name = name_of(risk, one)
                if is_consented(name, consents):
                    continue
                if self._inspector is None and risk.rule in ("unique", "foreign-key") and one.table in replaced:
                    continue  # it may be the same rule, as where a column is renamed
                renames = []
                if self._inspector is None:
                    pass  # nobody knows what the types were
                elif risk.rule == "drop-column":
                    renames = self._renames(one.table, risk.columns[0], [new for table, new in added if table == one.table])
                elif risk.rule == "drop-table":
                    names = set(self._columns(self.name_now(one.table)))
                    place = one.table.rpartition(".")[0]
                    alike = [it for it in created if len(names) > 1 and created[it] == names and it.rpartition(".")[0] == place]
                    renames = [(f"op.rename_table({one.table!r}, {it!r})", one.table + ":" + it) for it in alike]
                words = RULES[risk.rule][0].replace("{about}", risk.about.replace("{", "{{").replace("}", "}}"))
                way = RULES[risk.rule][1].format(table=one.table, columns=", ".join(risk.columns))
                yield Found(one.line, name, risk.rule, self._rows.asked(*question), question, renames, words, way)
            self._note(one)
        self._code += [code for one in made[-1:] for code in one.before]

    def _note(self, one: Operation) -> None:
        new_table, new_column = one.text("new_table_name"), one.text("new_column_name")
        if one.name == "create_table":
            self.new.add(one.table)
        elif one.name == "rename_table" and new_table:
            self._table_names[new_table] = self._table_names.pop(one.table, one.table)
        elif one.name == "add_column":
            self.new.add((one.table, Column(one.given.get("column")).name))
        elif one.name == "alter_column" and new_column:
            column = one.text("column_name")
            self._column_names[one.table, new_column] = self._column_names.pop((one.table, column), column)

    def _columns(self, table: str) -> dict[str, str]:
        """{column: its type} as the table is there now; {} where there is none."""
        if table not in self._there:
            schema, _, name = table.rpartition(".")
            try:
                found = self._inspector.get_columns(name, schema=schema or None)  # type: ignore[union-attr]  # None is asked for nothing
            except Exception:  # noqa: BLE001 -- there is none, which each SQLAlchemy and each server says in its own way
                found = []
            # a computed one has no values of its own to lose
            self._defaults.update({(table, column["name"]): column.get("default") for column in found})
            self._there[table] = {column["name"]: str(column["type"]) for column in found if not column.get("computed")}
        return self._there[table]

    def _risks(self, one: Operation) -> Iterator[tuple[Risk, Any]]:
        """(the Risk, its question) of one operation."""
        if one.table in self.new:
            return
        table = self.name_now(one.table)
        for risk in risks_of(one):
            was = [self._column_names.get((one.table, name), name) for name in risk.columns]
            types = {name: unparsed(one.given.get("existing_type")) for name in was}
            if self._inspector is not None:
                types = self._columns(table)
                if not types:
                    continue
            is_there = all(name in types for name in was) and not any((one.table, name) in self.new for name in risk.columns)
            if not is_there and risk.rule != "new":
                continue
            called = {name.rpartition(".")[2] for name in (one.table, table, risk.about or table)}
            taken = [] if fails(risk.rule) else [set(names) or called for names in (risk.columns, was)]  # what it has to copy
            code = [code for code in (*self._code, *one.before) if not code.is_sql or code.words & called]
            if any(not taken or any(names <= code.words for names in taken) for code in code):
                continue  # it may have filled or copied them
            question = risk.question(self, was, types[was[0]] if was and is_there else "")
            if question is not None:
                yield risk, (table, question)

    def default_of(self, table: str, column: str) -> str | None:
        """What a row has in a column, now called so, that nobody has given a value; None where nobody knows."""
        return self._defaults.get((self.name_now(table), column))

    def name_now(self, table: str) -> str:
        """What a table is called before the first step."""
        return self._table_names.get(table, table)

    def _renames(self, table: str, old: str, new: Sequence[Column]) -> list[tuple[str, str]]:
        """The rename that a drop beside an add may be."""
        was = {old: family(self._columns(self.name_now(table)).get(old, ""))}
        call = "op.alter_column({!r}, {!r}, new_column_name={!r})"
        return [
            (call.format(table, old, other), f"{table}.{old}:{other}")
            for other, _ in pairs({column.name: family(column.type) for column in new if column.name}, was)
        ]


def every_row(rule: str) -> Callable[[Operation], list[Risk]]:
    """What is at stake where all rows of the table are."""
    return lambda _: [Risk(rule, [], lambda *_: ("all",))]


def dropped_column(one: Operation) -> Iterator[Risk]:
    if one.text("column_name"):
        yield Risk(
            "drop-column",
            [one.text("column_name")],
            lambda chain, names, _: ("with_value", names[0], chain.default_of(one.table, names[0])),
        )


def altered_column(one: Operation) -> Iterator[Risk]:
    name = one.text("column_name")
    if not name:
        return
    if one.says("nullable", False):
        yield Risk("not-null", [name], lambda chain, names, _: ("without_value", names))
    if "type_" in one.given:
        new, labels = unparsed(one.given["type_"]), labels_of(one.given["type_"])
        if labels:
            known = labels_of(one.given.get("existing_type"))
            if not known or set(known) - set(labels):
                words = ", ".join(map(repr, labels))
                yield Risk(
                    "enum",
                    [name],
                    lambda chain, names, old: None if old.endswith("]") else ("of_others", names[0], labels),
                    "",
                    words,
                )
        else:
            yield Risk("type", [name], lambda chain, names, old: not_fitting(chain, names[0], old, new), "", new)


def not_fitting(chain: Chain, column: str, old: str, new: str) -> tuple[Any, ...] | None:
    """The question for the values that a type has no room for; None where it has, and where nobody knows."""
    question = unfit(column, old, new, chain.dialect)
    if question is None or question[0] == "with_value":
        return None
    is_kept = chain.dialect == "sqlite" and question[0] != "with_time" and (family(old), family(new)) != ("fraction", "number")
    return None if is_kept else question  # SQLite keeps what is longer


def added_column(one: Operation) -> Iterator[Risk]:
    column = Column(one.given.get("column"))
    if column.name and column.needs_value:
        yield Risk("new", [column.name], lambda *_: ("all",))


def unique(one: Operation) -> Iterator[Risk]:
    names = one.texts("columns")
    if names and (one.name == "create_unique_constraint" or one.says("unique", True)):
        yield Risk("unique", names, lambda chain, now, _: None if chain.dialect + "_where" in one.given else ("repeated", now))


def check(one: Operation) -> Iterator[Risk]:
    condition = one.text("condition")
    if condition and not one.says("postgresql_not_valid", True):
        condition, name = condition.replace("\\:", ":"), one.text("constraint_name")

        def question(chain: Chain, *_: object) -> tuple[Any, ...] | None:
            if any((one.table, word) in chain.new for word in operations.WORD.findall(condition)):
                return None  # no row has a value in it
            return None if has_grown(chain.conditions.get((one.table, name)), condition) else ("violating", condition)

        yield Risk("check", [], question, name)


def foreign_key(one: Operation) -> Iterator[Risk]:
    names, others = one.texts("local_cols"), one.texts("remote_cols")
    table = ".".join(filter(None, (one.text("referent_schema"), one.text("referent_table"))))
    if names and others and table and not one.says("postgresql_not_valid", True):

        def question(chain: Chain, names: Sequence[str], _: object) -> tuple[Any, ...]:
            there = chain.name_now(table)
            return ("with_value", names[0]) if there in chain.new else ("orphans", names, there, others)

        yield Risk("foreign-key", names, question, "", table)


JUDGES: dict[str, Callable[[Operation], Iterable[Risk]]] = {
    "drop_table": every_row("drop-table"),
    "delete": every_row("delete"),
    "drop_column": dropped_column,
    "alter_column": altered_column,
    "add_column": added_column,
    "create_unique_constraint": unique,
    "create_index": unique,
    "create_check_constraint": check,
    "create_foreign_key": foreign_key,
}


class Column:
    """A call of `sa.Column`, as the source has it."""

    def __init__(self, call: Any) -> None:
        is_column = getattr(getattr(call, "func", None), "attr", "") == "Column"
        arguments = list(call.args) if is_column else []
        said = {one.arg: one.value for one in call.keywords} if is_column else {}
        self.name = operations.string(arguments[0]) if arguments else None
        self.type = unparsed(arguments[1]) if len(arguments) > 1 else ""
        self.needs_value = (
            getattr(said.get("nullable"), "value", None) is False
            and not said.keys() & {"server_default", "primary_key"}
            and not any(re.match("Computed|Identity|Sequence", unparsed(one)) for one in arguments[2:])
        )


def labels_of(node: Any) -> list[Any]:
    """The labels of a call of `sa.Enum`; [] for what is none, or has them from elsewhere."""
    type_, labels = unparsed(node), [operations.string(one) for one in getattr(node, "args", [])]
    if not hasattr(node, "args"):  # words of SQL
        labels = [label.replace("''", "'") for label in re.findall("'((?:[^']|'')*)'", type_)]
    return labels if re.match(r"(?i)enum ?\(", type_) and None not in labels else []


def family(type_: str) -> str:
    return next((name for name, pattern in FAMILIES if pattern.match(type_)), type_)


def unparsed(node: Any) -> str:
    """The text of an expression without its modules: Python 3.7 has no `ast.unparse`."""
    if isinstance(node, ast.Call):
        given = [unparsed(one) for one in node.args] + [f"{one.arg}={unparsed(one.value)}" for one in node.keywords]
        return "{}({})".format(unparsed(node.func), ", ".join(given))
    return str(getattr(node, "attr", getattr(node, "id", getattr(node, "value", getattr(node, "n", "")))))
