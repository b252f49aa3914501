"""Write the revision that carries a database to the models, with what needs a decision commented out.

with op.batch_alter_table('users', schema=None) as batch_op:
    batch_op.add_column(sa.Column('phone', sa.String(length=20), nullable=True))

# users.nickname: 41 rows with a value in it; renamed to nick?
# if so, keep the values:  op.execute('UPDATE users SET nick = nickname')
# with op.batch_alter_table('users', schema=None) as batch_op:
#     batch_op.drop_column('nickname')
"""

from __future__ import annotations

import copy
import hashlib
import itertools
import re
from typing import TYPE_CHECKING, Any

from alembic.autogenerate import render
from alembic.operations import ops
from sqlalchemy import Enum, String

from ..baseline import revision_file
from .risks import dropped_reference, made_again, name_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from alembic.autogenerate.api import AutogenContext
    from alembic.operations.ops import MigrateOperation, UpgradeOps
    from sqlalchemy.engine import Dialect

    from ..base.types import AnyType
    from ..baseline.prove import Workshop
    from .risks import Risks
    from .types import Lines, WithOthers


MESSAGE = "reconcile"
ABOUT = """Carries the database to what the models say; read it before an upgrade.

What is commented out would lose something, or fail on rows: uncomment it, or
delete it. Once it has run on a database, leave it as it is: `flask db migrate`
writes what is left to do."""
CONSENTS = 'consents = {"*": "what would lose something is commented out until somebody decides"}\n'
FRAME = re.compile(r"^# ### (?:commands auto generated|end Alembic commands).*\n?", re.MULTILINE)


class Steps:
    """What carries one bind to its models. `context` is an AutogenContext, `changes` are UpgradeOps; `name` is the bind's.

    `first` and `last` are blocks around them. `reasons` say what is held back, and why; `marked` and `unmarked` are the bodies
    with that commented out, and without a mark.
    """

    def __init__(
        self,
        name: str,
        context: AutogenContext,
        changes: UpgradeOps,
        risks: Risks,
        first: Iterable[Lines] = (),
        last: Iterable[Lines] = (),
    ) -> None:
        self.imports = context.imports
        found = [*first, *blocks(changes.ops, risks), *last]
        self.reasons = [block.why for block in found if block.why]
        self.is_empty = not any(block.lines(context, is_marked=False) for block in found)
        made = {name_of(one) for one in changes.ops if isinstance(one, ops.CreateTableOp)}
        undone = [block.undo() for block in reversed(found) if not goes_with(block, made)]
        bodies = [(body(context, found, has_marks), body(context, undone, has_marks)) for has_marks in (True, False)]
        self.marked, self.unmarked = (revision_file.Body(name, *one) for one in bodies)

    @classmethod
    def none(cls, name: str) -> Steps:
        """Those of a bind that is what its models say."""
        steps = cls.__new__(cls)
        steps.imports, steps.reasons, steps.is_empty = set(), [], True
        steps.marked = steps.unmarked = revision_file.Body(name, "pass", "pass")
        return steps


class SecondRevision:
    """The steps of all binds in one file."""

    def __init__(self, every: Iterable[Steps], create_date: datetime.datetime | None = None) -> None:
        self._every, self._create_date = list(every), create_date

    def write(self, workshop: Workshop, down_revision: str) -> tuple[str, str]:
        """Write it after `down_revision`; (path, text). Its id follows from that one, so that another run gives the same."""
        revision = hashlib.sha1(down_revision.encode()).hexdigest()[:12]
        imports = {line for steps in self._every for line in steps.imports}
        bodies = [steps.marked for steps in self._every]
        path = revision_file.generate(workshop, bodies, revision, MESSAGE, down_revision, imports, self._create_date)
        is_to_decide = any(steps.reasons for steps in self._every)
        return path, revision_file.explain(path, MESSAGE, ABOUT, consents=CONSENTS if is_to_decide else "")

    def unmarked(self, text: str) -> str:
        """The same file with nothing commented out: what it comes to when every decision is a yes."""
        names = [steps.marked.name for steps in self._every]
        for steps in self._every:
            marked, unmarked = steps.marked, steps.unmarked
            for direction, old, new in (
                ("upgrade", marked.upgrades, unmarked.upgrades),
                ("downgrade", marked.downgrades, unmarked.downgrades),
            ):
                line = revision_file.function(direction, marked.name, names) + "    "
                text = text.replace(line + old, line + new, 1)
        return text


class Block:
    """Operations that are written together; `why` they are commented out, "" where they are not; a `hint` says what else to do."""

    def __init__(self, operation: MigrateOperation, why: str, hint: str = "") -> None:
        self.operation, self.why, self.hint = operation, why, hint

    def undo(self) -> Block:
        """What undoes it."""
        return Block(self.operation.reverse(), self.why)

    def lines(self, context: AutogenContext, is_marked: bool) -> list[str]:
        """The lines of code, without indent; none for an operation that Alembic renders as nothing."""
        code = FRAME.sub("", render._render_cmd_body(ops.UpgradeOps([self.operation]), context)).strip()
        if code in ("", "pass"):
            return []
        if needs_recreation(self.operation) and context.dialect.name == "sqlite":
            code = code.replace(") as batch_op:", ", recreate='always') as batch_op:", 1)
        if context.dialect.name == "postgresql":
            code = with_casts(code, self.operation, context.dialect)
        if self.why and is_marked:
            code = "\n".join(("# " + line).rstrip() for line in [self.why] + [self.hint] * bool(self.hint) + code.split("\n"))
        return code.split("\n")


def goes_with(block: Lines, made: Collection[str]) -> bool:
    """Whether it only adds to a table that this revision makes: on the way back that goes with the table, and MySQL drops no index
    that a foreign key needs."""
    operation = getattr(block, "operation", None)
    return isinstance(operation, ops.ModifyTableOps) and name_of(operation) in made


def blocks(operations: Iterable[MigrateOperation], risks: Risks) -> Iterator[Block]:
    """The operations in their order: those of one table that need no decision together, every other one by itself.

    A foreign key goes first, and comes back last: its columns, and the index that it needs, may change only in between.
    """
    group: Any
    for operation, others in with_keys_apart(operations, risks.dialect_name):
        if not isinstance(operation, ops.ModifyTableOps):
            yield Block(operation, reason(operation, [], risks))
            continue
        whys = [(one, reason(one, others, risks)) for one in operation.ops]
        for is_free, group in itertools.groupby(whys, key=lambda pair: not pair[1]):
            group = list(group)
            for some in [group] if is_free else [[pair] for pair in group]:
                ones = [one for one, _ in some]
                # what only makes constraints need not be told how unnamed ones are found
                class_ = type(operation) if any(isinstance(one, ops.DropConstraintOp) for one in ones) else ops.ModifyTableOps
                changes = class_(operation.table_name, ones, schema=operation.schema)
                yield Block(changes, some[0][1], hint(ones, others, risks))


def with_keys_apart(operations: Iterable[Any], dialect_name: str) -> list[WithOthers]:
    """The operations, each with all those on its table; what drops a foreign key comes first, what makes it again comes last.

    SQLite makes the table anew for all of it, so that only a key that goes for good is set apart.
    """
    first: list[WithOthers]
    rest: list[WithOthers]
    last: list[WithOthers]
    first, rest, last = [], [], []
    for table in operations:
        every = [part for one in getattr(table, "ops", []) for part in apart(one, dialect_name)]
        keys = [one for one in every if dropped_reference(one) is not None]
        if dialect_name == "sqlite":
            keys = [one for one in keys if not any(made_again(one, other) for other in every)]
        gone = [one for one in every if one in keys or getattr(one, "goes_with_key", False)]
        again = [one for one in every if isinstance(one, ops.CreateForeignKeyOp) and any(made_again(key, one) for key in keys)]
        for place, some in ((first, gone), (rest, [one for one in every if one not in gone + again]), (last, again)):
            if some:
                place.append((type(table)(table.table_name, some, schema=table.schema), every))
        if not every:
            rest.append((table, []))
    return first + rest + last


def apart(operation: MigrateOperation, dialect_name: str) -> list[MigrateOperation]:
    """An operation in parts: what it takes away for good, a default or a comment, comes after all else that it changes.

    Where the type becomes one of another kind, for which the default would be no value, that is one change; PostgreSQL wants the
    default gone first.
    """
    if not isinstance(operation, ops.AlterColumnOp):
        return [operation]
    is_other_kind = needs_cast(operation.existing_type, operation.modify_type)
    if is_other_kind and dialect_name != "postgresql":
        return [operation]
    whole: Any
    whole, parts = copy.copy(operation), []
    for fact in ("server_default", "comment"):
        if getattr(whole, "modify_" + fact) is None:
            parts.append(without(operation, fact, is_after=not is_other_kind))
            setattr(whole, "modify_" + fact, False)
    if is_other_kind and parts:
        whole.has_default_in_its_way = operation.modify_server_default is None
        return [*parts, whole]
    return [whole] * whole.has_changes() + parts


def without(operation: ops.AlterColumnOp, fact: str, is_after: bool) -> ops.AlterColumnOp:
    """The part of an operation that takes away the default or the comment, after the rest of it or before."""
    part = copy.copy(operation)
    part.modify_type = part.modify_nullable = None
    part.modify_server_default = part.modify_comment = False
    setattr(part, "modify_" + fact, None)
    if is_after:
        part.existing_type = operation.modify_type or operation.existing_type
        if operation.modify_nullable is not None:
            part.existing_nullable = operation.modify_nullable
    return part


def reason(operation: MigrateOperation, others: Sequence[MigrateOperation], risks: Risks) -> str:
    """ "users.email: 3 rows without a value", or ""."""
    why = risks.of(operation, others)
    return "%s: %s" % (place(operation), why) if why else ""


def hint(operations: Any, others: Sequence[MigrateOperation], risks: Risks) -> str:
    """What keeps the values of a column that may have been renamed, "" where none looks so."""
    new = risks.new_name(operations[0], others)
    if not new:
        return ""
    names = [risks.quote(name) for name in (new, operations[0].column_name)]
    statement = "UPDATE %s SET %s = %s" % (".".join(map(risks.quote, name_of(operations[0]).split("."))), *names)
    return "if so, keep the values:  op.execute(%r)" % statement


def place(operation: Any) -> str:
    """What an operation is about: "users.email", "users uq_users_email", "users"."""
    column = getattr(operation, "column_name", None) or getattr(getattr(operation, "column", None), "name", None)
    other = getattr(operation, "constraint_name", None) or getattr(operation, "index_name", None)
    table: str = getattr(operation, "table_name", None) or operation.source_table
    return table + ("." + column if column else " " + other if other else "")


def with_casts(code: str, operation: MigrateOperation, dialect: Dialect) -> str:
    """The code with the words that PostgreSQL needs to make one type of another that it would not change by itself."""
    for one in getattr(operation, "ops", ()):
        if isinstance(one, ops.AlterColumnOp) and needs_cast(one.existing_type, one.modify_type):
            words = dialect.identifier_preparer.quote(one.column_name)
            words += "::text" if isinstance(one.modify_type, Enum) else ""
            using = "%s::%s" % (words, one.modify_type.compile(dialect=dialect))  # type: ignore[union-attr]  # it changes the type
            start = re.escape("alter_column(%r," % str(one.column_name)) + r"(?:(?!alter_column\().)*?"
            new = "postgresql_using=%r,\n" % using
            pattern = re.compile("(%s)( *)(?=type_=)" % start, re.S)
            # its default is the loop's
            code = pattern.sub(lambda found, new=new: found[1] + found[2] + new + found[2], code, count=1)  # type: ignore[misc]
    return code


def needs_cast(old: AnyType | None, new: AnyType | None) -> bool:
    """Whether the server asks for one: not to make a text of something, nor between two types of one kind."""
    if old is None or new is None or isinstance(new, String) and not isinstance(new, Enum):
        return False
    return isinstance(new, Enum) or old._type_affinity is not new._type_affinity


def needs_recreation(operation: MigrateOperation) -> bool:
    """Whether SQLite has to build the table anew for it: it adds no NOT NULL column without a default in place."""
    return any(
        isinstance(one, ops.AddColumnOp) and not one.column.nullable and one.column.server_default is None
        for one in getattr(operation, "ops", ())
    )


def body(context: AutogenContext, found: Iterable[Lines], is_marked: bool) -> str:
    """The indented body of a function."""
    lines: list[str] = []
    for block in found:
        new = block.lines(context, is_marked)
        lines += [""] * bool(lines and new) + new
    if not any(line and not line.startswith("#") for line in lines):
        lines.append("pass")
    return render._indent("\n".join(lines))
