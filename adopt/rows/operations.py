"""What a revision does to tables that are there already, read from its source: none of it is run.

Calls of `op` and of `batch_op`, and SQL, sent by whatever connection, that makes, renames, drops, empties or converts. Arguments
are literals, as autogenerate writes them, names of literals, the variable of a loop over some, or what a function of the revision
is called with. What is computed in another way is seen when it is sent (upgrade/unread.py).
"""

from __future__ import annotations

import ast
import collections
import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .source_lines import text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence


GUARD = "refuse_to_drop_rows"  # a function in revisions of former versions
WORD = re.compile(r"\w+")
NO_CODE = re.compile(  # it fills no rows, and copies none
    r"(?i)(ALTER|COMMENT|IF|LOCK|SET|(CREATE|DROP) (TYPE|(UNIQUE )?INDEX|EXTENSION|SEQUENCE|TABLE(?!.* SELECT )))\b"
)
COPY = re.compile(r'\b_alembic_tmp_((?<="_alembic_tmp_)[^"]+|\w+)')
DO = re.compile(r"(?is)\bDO (?:LANGUAGE \w+ )?(\$\w*\$)(.*?)\1")
BEGINS = re.compile(r"(?i)\b(?:BEGIN|THEN|ELSE|LOOP)\b|\bEXECUTE *'|'(?=;)")  # a statement in such a block
LEXEMES = re.compile(r"('(?:[^']|'')*'|\"[^\"]*\"|\$(\w*)\$.*?\$\2\$)|(?:--[^\n]*|/\*.*?\*/|\s)+|;", re.S)
NAME = r'((?:"[^"]+"|`[^`]+`|[\w$.])+)'
LISTED = re.compile(f"(?i){NAME}(?: [^,]+)?(?:, ?|$)")
CREATE_TYPE = re.compile(f"(?i)CREATE TYPE {NAME} AS (ENUM.*)")
STATEMENTS = {  # what stands for the call of the same name, or for none, on the tables that follow
    "create_table": rf"(?i)CREATE (?:UNLOGGED |FOREIGN |OR REPLACE )*TABLE (?:IF NOT EXISTS )?(?!{NAME} PARTITION OF)",
    "drop_table": "(?i)DROP TABLE (?:IF EXISTS )?",
    "delete": f"(?i)TRUNCATE (?:TABLE )?(?:ONLY )?|DELETE FROM (?:ONLY )?(?={NAME}(?: WHERE (?:true|1 ?= ?1))?$)",
}
ALTER = re.compile(f"(?i)(?:ALTER|RENAME) TABLE (?:IF EXISTS )?(?:ONLY )?{NAME} (.*)")
COLUMN = "(?:COLUMN )?(?:IF EXISTS )?" + NAME
ACTIONS = {  # the same for one action of ALTER TABLE: the column, and the type; the new name
    "drop_column": r"(?i)DROP (?!(?:CONSTRAINT|INDEX|KEY|PRIMARY|FOREIGN|CHECK|PARTITION)\b)" + COLUMN,
    "alter_column": rf"(?i)(?:ALTER {COLUMN} (?:SET DATA )?TYPE|MODIFY {COLUMN}|CHANGE {COLUMN} {NAME})"
    r" (.+?)(?: (?:USING|COLLATE|CHARACTER|NOT|NULL|DEFAULT|AUTO_INCREMENT|COMMENT|FIRST|AFTER)\b|$)",
    "rename_table": f"(?i)(?:RENAME (?:TO |AS )?|TO ){NAME}$",
}
Code = collections.namedtuple("Code", "words is_sql")  # what a statement that is none of the operations names


@dataclass(frozen=True)
class Operation:
    """One call: `name` as in `op.<name>`, `table` as in a snapshot, `given` its other arguments by name, as nodes of the source;
    those that have none are under "".

    `before` is the Code before it, which may copy or fill what this one takes.
    """

    name: str
    table: str
    given: Any
    line: int
    before: Sequence[Code] = ()

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
    name: names
    for name, *names in map(
        str.split,
        """\
drop_table table_name
create_table table_name
rename_table old_table_name new_table_name
add_column table_name column
drop_column table_name column_name
alter_column table_name column_name
drop_constraint constraint_name table_name
drop_index index_name table_name
create_check_constraint constraint_name table_name condition
create_foreign_key constraint_name table_name referent_table local_cols remote_cols
create_unique_constraint constraint_name table_name columns
create_index index_name table_name columns
""".splitlines(),
    )
}


def string(node: Any) -> str | None:
    """The string that a literal is; that of `op.f("...")` and `sa.text("...")` too."""
    return text_of(node.args[0] if getattr(getattr(node, "func", None), "attr", "") in ("f", "text") and node.args else node)


def read(path: str, functions: Collection[str] | str) -> tuple[list[Operation], dict[str, str] | None]:
    """(the operations of these functions of a revision, with the code in each at its end; its consents).

    `functions` are names, or the start that they have in common.
    """
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    found, known = [], [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    for node in known:
        every = [one for part in tree.body if part is node or part not in known for one in ast.walk(part)]
        often = collections.Counter(one.id for one in every if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))
        assigned = [(one.targets[0], one.value) for one in every if isinstance(one, ast.Assign)]
        Known((one.id, value) for one, value in assigned if isinstance(one, ast.Name) and often[one.id] == 1).visit(node)
    for node in known:
        if node.name.startswith(functions) if isinstance(functions, str) else node.name in functions:
            reader = Reader(known)
            found += [*reader.read(node.body), Operation("code", "", {}, 0, reader.code)]
    return found, consents(tree)


class Known(ast.NodeTransformer):
    """Puts literals and types in the place of names; `values` are (name, what it is)."""

    def __init__(self, values: Iterable[tuple[Any, Any]]) -> None:
        self._values = {name: value for name, value in values if is_known(value)}

    def visit_Name(self, node: ast.Name) -> Any:
        return self._values.get(node.id, node) if isinstance(node.ctx, ast.Load) else node


def is_known(node: Any) -> bool:
    """Whether a value is a literal, or a call of a class, as types are."""
    is_class = getattr(getattr(node, "func", None), "attr", "")[:1].isupper()
    return is_class or hasattr(node, "elts") or string(node) is not None


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
        if getattr(node, "name", "") == GUARD:
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
        self.code: list[Code]
        self._labels: dict[str, str]
        self.code, self._labels = [], {}
        self._copied: set[str] = set()
        self._running: list[str] = []

    def read(self, statements: Iterable[Any]) -> list[Operation]:
        found = []
        for node in statements:
            if isinstance(node, ast.With):
                for item in node.items:
                    call = self._call(item.context_expr)
                    if call and call[0] == "batch_alter_table" and isinstance(item.optional_vars, ast.Name):
                        self._batches[item.optional_vars.id] = call[1]
            is_block = False
            for part, values in self._parts(node):
                found += self.read([Known(values).visit(copy.deepcopy(one)) for one in part] if values else part)
                is_block = True
            if is_block:
                continue
            value: Any = getattr(node, "value", None)
            call, sql = self._call(value), sent(value)
            if getattr(getattr(value, "func", None), "attr", "") == "Table" and value.args:
                found.append(Operation("Table", string(value.args[0]) or "", {"": []}, node.lineno))
            if call and call[0] in ARGUMENTS and call[1]:
                found.append(Operation(call[0], call[1], call[2], node.lineno, tuple(self.code)))
            elif sql is not None:
                self._copied.update(COPY.findall(sql))
                if COPY.search(sql) or sql.replace('"', "").partition("DROP TABLE ")[2] in self._copied:
                    continue  # a table of SQLite that is made anew
                found += of_sql(sql, self._labels, node.lineno, self.code)
            elif not call or call[0] in ("execute", "bulk_insert"):
                self._note(node)
        return found

    def _parts(self, node: Any) -> Iterator[tuple[Any, list[tuple[Any, Any]]]]:
        """(statements, [(name, what it is in them)]) for each time that a block, or a function of the revision, is run."""
        call: Any = getattr(node, "value", None)
        function = self._functions.get(getattr(getattr(call, "func", None), "id", ""))
        if function is not None and function.name not in (GUARD, *self._running):
            self._running.append(function.name)
            given = zip([one.arg for one in function.args.args], call.args)  # noqa: B905 -- the others have their defaults
            yield function.body, [*given, *((one.arg, one.value) for one in call.keywords)]
            self._running.pop()
        block = [part for name in ("body", "orelse", "handlers", "finalbody") for part in getattr(node, name, [])]
        turns = getattr(node, "iter", None)
        if turns is not None and not hasattr(turns, "elts"):
            self._note(turns)
        for turn in getattr(turns, "elts", [None]) if block else []:
            yield block, [(node.target.id, turn)] if isinstance(getattr(node, "target", None), ast.Name) else []

    def _note(self, node: Any) -> None:
        """It is code, unless it does nothing to rows."""
        value = getattr(node, "value", None)
        called = getattr(getattr(value, "func", None), "id", "")
        if called == GUARD or isinstance(node, (ast.Pass, ast.Import, ast.ImportFrom)) or is_known(value):
            return
        self.code.append(Code(words(node), False))

    def _call(self, node: Any) -> tuple[Any, Any, dict[Any, Any]] | None:
        """(name, table, {argument: node}) of a call of `op` or of a batch; None for all else."""
        owner: Any = getattr(getattr(node, "func", None), "value", None)
        if not isinstance(node, ast.Call) or getattr(owner, "id", None) not in {"op", *self._batches}:
            return None
        given: dict[Any, Any]
        name, given = node.func.attr, {one.arg: one.value for one in node.keywords}  # type: ignore[attr-defined]  # its owner was found
        names = ARGUMENTS.get(name, ["table_name"])
        if owner.id != "op":
            names = [one for one in names if one != "table_name"]
        given.update((names[number], one) for number, one in enumerate(node.args[: len(names)]))
        given[""] = node.args[len(names) :]
        if owner.id != "op":
            return name, self._batches[owner.id], given
        table = string(given.get("table_name") or given.get("source_table") or given.get("old_table_name"))
        schema = string(given.get("schema") or given.get("source_schema"))
        return name, table and (schema + "." + table if schema else table), given


def sent(call: Any) -> str | None:
    """The SQL that a call sends, where it is a literal; of `op`, and of a connection."""
    is_sent = getattr(getattr(call, "func", None), "attr", "") in ("execute", "exec_driver_sql") and call.args
    return string(call.args[0]) if is_sent else None


def of_sql(sql: str, labels: dict[str, str], line: int, code: list[Code]) -> Iterator[Operation]:
    """The operations that SQL stands for; `labels`, {type of PostgreSQL's: what it is}, and `code` get what is new."""
    sql = DO.sub(lambda found: BEGINS.sub(";", found[2]), sql)
    for one in LEXEMES.sub(lambda found: found[1] or ("\0" if found[0] == ";" else " "), sql).split("\0"):
        statement = one.strip()
        table, actions = (ALTER.findall(statement) or [("", "")])[0]
        labels.update(CREATE_TYPE.findall(statement))
        for name, pattern in STATEMENTS.items():
            matched = re.match(pattern, statement)
            rest = statement[matched.end() :] if matched else ""
            for other in re.findall("^" + NAME, rest) if name == "create_table" else LISTED.findall(rest):
                yield Operation(name, bare(other), {"table_name": ast.Constant(other)}, line, tuple(code))
        for action in re.split(", ?(?=[A-Za-z]+ )", actions):
            for name, pattern in ACTIONS.items():
                matched = re.match(pattern, action)
                if matched:
                    said = [word for word in matched.groups() if word is not None]
                    given = {"column_name": bare(said[0]), "new_table_name": said[-1], "table_name": table}
                    given["type_"] = labels.get(said[-1], said[-1])
                    constants = {argument: ast.Constant(word) for argument, word in given.items()}
                    yield Operation(name, bare(table), constants, line, tuple(code))
        if statement and not NO_CODE.match(statement):
            code.append(Code(set(WORD.findall(statement)), True))


def bare(name: str) -> str:
    """A name without its quotes."""
    return re.sub('["`]', "", name)
