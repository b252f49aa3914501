"""What a revision does to tables that are there already, read from its source: none of it is run.

Calls of `op` and of `batch_op` whose arguments are literals, as autogenerate writes them, and of SQL in `op.execute` what drops a
table or a column, or changes a type. What is computed is not seen.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator


WORD = re.compile(r"\w+")
NO_CODE = re.compile(r"(?i)\s*(ALTER|COMMENT|LOCK|SET|(CREATE|DROP) (TYPE|INDEX|EXTENSION|SEQUENCE))\b")  # it fills no rows
NAME = r'["`]?([\w.]+)["`]?'
COPY = re.compile(r'\b_alembic_tmp_((?<="_alembic_tmp_)[^"]+|\w+)')
CREATE_TYPE = re.compile(f"(?i) *CREATE TYPE {NAME} AS ENUM *\\((.*)\\)", re.S)
SQL = (  # what stands for the call of the same name, with these arguments
    ("drop_table", "(?i) *DROP TABLE (?:IF EXISTS )?" + NAME),
    ("drop_column", f"(?i) *ALTER TABLE (?:ONLY )?{NAME} DROP (?:COLUMN )(?:IF EXISTS )?{NAME}"),
    ("alter_column", f"(?i) *ALTER TABLE (?:ONLY )?{NAME} ALTER (?:COLUMN )?{NAME} (?:SET DATA )?TYPE {NAME}(?! *\\[)"),
)


@dataclass(frozen=True)
class Operation:
    """One call: `name` as in `op.<name>`, `table` as in a snapshot, `given` its other arguments by name, as nodes of the source;
    those that have none are under "".

    `known` are the words of all code before it that is none of these calls: it may copy or fill what this one takes.
    """

    name: str
    table: str
    given: Any
    line: int
    known: frozenset[str]
    follows_code: bool

    def text(self, argument: str) -> Any:
        """The string that an argument is, None where it is none."""
        return string(self.given.get(argument))

    def texts(self, argument: str) -> Any:
        """The strings in the list that an argument is; None where there is something else in it."""
        found = [string(one) for one in getattr(self.given.get(argument), "elts", [None])]
        return None if None in found else found

    def says(self, argument: str, value: object) -> bool:
        """Whether an argument is this constant."""
        node = self.given.get(argument)
        return getattr(node, "value", self) is value


# what the arguments by position are called; of a batch without the table
ARGUMENTS = {
    "drop_table": ("table_name",),
    "create_table": ("table_name",),
    "rename_table": ("table_name", "new_table_name"),
    "add_column": ("table_name", "column"),
    "drop_column": ("table_name", "column_name"),
    "alter_column": ("table_name", "column_name"),
    "drop_constraint": ("constraint_name", "table_name"),
    "drop_index": ("index_name", "table_name"),
    "create_check_constraint": ("constraint_name", "table_name", "condition"),
    "create_foreign_key": ("constraint_name", "table_name", "referent_table", "local_cols", "remote_cols"),
    "create_unique_constraint": ("constraint_name", "table_name", "columns"),
    "create_index": ("index_name", "table_name", "columns"),
}


def string(node: Any) -> str | None:
    """The string that a literal is, as on Python 3.7, where it is `Str`; that of `op.f("...")` and `sa.text("...")` too."""
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("f", "text") and len(node.args) == 1:
        node = node.args[0]
    value = getattr(node, "value", getattr(node, "s", None))
    return value if isinstance(value, str) else None


def read(path: str, functions: Collection[str] | str) -> tuple[list[Operation], dict[str, str] | None]:
    """(the operations of these functions of a revision, its consents).

    `functions` are names, or the start that they have in common.
    """
    with open(path, encoding="utf-8") as file:
        source = file.read()
    tree = ast.parse(source)
    found, known = [], [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    for node in known:
        if node.name.startswith(functions) if isinstance(functions, str) else node.name in functions:
            found += Reader(known).read(node.body)
    return found, consents(tree)


def words(node: Any) -> set[str]:
    """The words of all names and strings in it."""
    said = set()
    for one in ast.walk(node):
        said.update([getattr(one, "id", None), getattr(one, "attr", None), getattr(one, "arg", None), string(one)])
    return set(WORD.findall(" ".join(one for one in said if isinstance(one, str))))


def consents(tree: ast.Module) -> dict[str, str] | None:
    """What a revision says in `consents = {"drop-column:users.name": "copied in 3f2a"}`; None where it has no such line, and was
    not written by the retrofit to drop no rows."""
    for node in tree.body:
        if getattr(node, "name", "") == "refuse_to_drop_rows":
            return {}
        names = [getattr(one, "id", "") for one in getattr(node, "targets", [getattr(node, "target", None)])]
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and names == ["consents"]:
            try:
                said = ast.literal_eval(node.value)  # type: ignore[arg-type]  # None is malformed, too
            except ValueError:
                return {}
            return said if isinstance(said, dict) else {}
    return None


class Reader:
    """Goes through statements in their order."""

    def __init__(self, functions: Iterable[ast.FunctionDef] = ()) -> None:
        self._functions = {one.name: one for one in functions}  # those of the revision, which its code may call
        self._batches: dict[str, str] = {}  # {name of the variable: the table}
        self._known: set[str]
        self._known, self._follows_code = set(), False
        self._copied: set[str] = set()
        self._labels: dict[str, str] = {}  # {type of PostgreSQL's: its labels as arguments}

    def read(self, statements: Iterable[Any]) -> list[Operation]:
        found = []
        for node in statements:
            parts = [part for name in ("body", "orelse", "handlers", "finalbody") for part in getattr(node, name, [])]
            if isinstance(node, ast.With):
                for item in node.items:
                    call = self._call(item.context_expr)
                    if call and call[0] == "batch_alter_table" and isinstance(item.optional_vars, ast.Name):
                        self._batches[item.optional_vars.id] = call[1]
            if parts:
                found += self.read(parts)
                continue
            call = self._call(getattr(node, "value", None)) if isinstance(node, ast.Expr) else None
            if call and call[0] in ARGUMENTS and call[1]:
                found.append(Operation(call[0], call[1], call[2], node.lineno, frozenset(self._known), self._follows_code))
            elif call and call[0] == "execute" and string(node.value.args and node.value.args[0]):
                sql: Any = string(node.value.args[0])
                self._copied.update(COPY.findall(sql))
                if COPY.search(sql) or sql.replace('"', "").partition("DROP TABLE ")[2] in self._copied:
                    continue  # a table of SQLite that is made anew
                found += self._of_sql(sql, node.lineno)
                if not NO_CODE.match(sql):
                    self._note(node)
            elif not call or call[0] in ("execute", "bulk_insert", "get_bind"):
                self._note(node)
        return found

    def _of_sql(self, sql: str, line: int) -> Iterator[Operation]:
        created = CREATE_TYPE.match(sql)
        if created:
            labels = re.findall("'((?:[^']|'')*)'", created.group(2))
            self._labels[created.group(1)] = ", ".join(repr(label.replace("''", "'")) for label in labels)
        for name, pattern in SQL:
            matched = re.match(pattern, sql)
            if matched:
                table, column, type_ = (matched.groups() + (None, None))[:3]
                words = "f(column_name={!r}, type_=Enum({}))".format(column, self._labels.get(type_, ""))
                given = {one.arg: one.value for one in ast.parse(words).body[0].value.keywords}  # type: ignore[attr-defined]  # the words above
                yield Operation(name, table, given, line, frozenset(self._known), self._follows_code)

    def _note(self, node: Any) -> None:
        called = getattr(getattr(getattr(node, "value", None), "func", None), "id", "")
        if (
            called == "refuse_to_drop_rows"
            or isinstance(node, (ast.Pass, ast.Import, ast.ImportFrom))
            or string(getattr(node, "value", None)) is not None
        ):
            return
        left = [node]
        while left:
            new = words(left.pop()) - self._known
            self._known |= new
            left += [self._functions[name] for name in new & self._functions.keys()]
        self._follows_code = True

    def _call(self, node: Any) -> tuple[Any, Any, dict[Any, Any]] | None:
        """(name, table, {argument: node}) of a call of `op` or of a batch; None for all else."""
        owner: Any = getattr(getattr(node, "func", None), "value", None)
        if not isinstance(node, ast.Call) or getattr(owner, "id", None) not in {"op", *self._batches}:
            return None
        given: dict[Any, Any]
        name, given = node.func.attr, {one.arg: one.value for one in node.keywords}  # type: ignore[attr-defined]  # its owner was found
        names = ARGUMENTS.get(name, ("table_name",))
        if owner.id != "op":
            names = tuple(one for one in names if one != "table_name")
        given.update((names[number], one) for number, one in enumerate(node.args[: len(names)]))
        given[""] = node.args[len(names) :]
        if owner.id != "op":
            return name, self._batches[owner.id], given
        table = string(given.get("table_name") or given.get("source_table"))
        schema = string(given.get("schema") or given.get("source_schema"))
        return name, table and (schema + "." + table if schema else table), given
