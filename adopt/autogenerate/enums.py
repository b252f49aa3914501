"""PostgreSQL's enum types in a revision: made once before their first column, dropped after the last one, given their new labels.

Before:  op.add_column('orders', sa.Column('state', sa.Enum('new', 'paid', name='state')))      type "state" does not exist
After:   op.execute("CREATE TYPE state AS ENUM ('new', 'paid')")
         op.add_column('orders', sa.Column('state', postgresql.ENUM('new', 'paid', name='state', create_type=False)))

A label that only the database has stays: PostgreSQL takes none out of a type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy import inspect, text

from ..base.log import log
from ..server.connecting import literal
from . import rendering
from .extra_operations import LinesOp, comment, execute, outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Table

    from ..base.types import ConnectedContext, EnumKey


USES = """
SELECT tn.nspname, t.typname, cn.nspname, c.relname, a.attname
FROM pg_type t JOIN pg_namespace tn ON tn.oid = t.typnamespace
JOIN pg_attribute a ON a.atttypid IN (t.oid, t.typarray) AND NOT a.attisdropped
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f') JOIN pg_namespace cn ON cn.oid = c.relnamespace
WHERE t.typtype = 'e'
"""


def enum_of(type_: Any, dialect: Any) -> Any:
    """The named type of PostgreSQL that a column of this type has, also inside a decorator, a variant or an array, or None."""
    type_ = rendering.stored_type(type_, dialect)
    while getattr(type_, "item_type", None) is not None:
        type_ = rendering.stored_type(type_.item_type, dialect)
    return type_ if rendering.is_named_enum(type_, dialect) else None


def care(context: ConnectedContext, upgrade_ops: Any, downgrade_ops: Any, tables: Iterable[Table]) -> None:
    """Put what the enum types need around the operations of one comparison; PostgreSQL only.

    `tables` are all that the models have in this database.
    """
    if context.dialect.name != "postgresql" or context.as_sql:
        return
    context.opts[rendering.TYPES_APART] = True
    wanted: dict[EnumKey, list[str]] = {}
    for table in tables:
        for column in table.columns:
            enum = enum_of(column.type, context.dialect)
            if enum is not None:
                wanted.setdefault((enum.schema, str(enum.name)), [str(label) for label in enum.enums])
    gone = dropped(upgrade_ops)
    if not wanted and not gone:
        return
    default = context.dialect.default_schema_name
    present = {
        (None if one["schema"] == default else one["schema"], one["name"]): list(one["labels"])
        for one in inspect(context.connection).get_enums(schema="*")  # type: ignore[attr-defined]  # PostgreSQL's has it
    }
    types = Types(context.dialect)
    new = [key for key in wanted if key not in present]
    unused = [key for key in unused_after(context, gone, default) if key in present and key not in wanted]
    upgrade_ops.ops[:0] = [execute(types.create(key, wanted[key])) for key in new]
    upgrade_ops.ops += [execute(types.drop(key)) for key in unused]
    downgrade_ops.ops[:0] = [execute(types.create(key, present[key])) for key in unused]
    downgrade_ops.ops += [execute(types.drop(key)) for key in reversed(new)]
    for key in sorted(set(wanted) & set(present), key=str):
        labels = [outside(f"op.execute({statement!r})") for statement in types.add(key, present[key], wanted[key])]
        if labels:
            upgrade_ops.ops[:0] = labels
            words = f"{key[1]} keeps its new labels: PostgreSQL takes none out of a type."
            downgrade_ops.ops += [comment(words)] if downgrade_ops.ops else [comment(words), LinesOp(["pass"], [])]
        extra = [label for label in present[key] if label not in wanted[key]]
        if extra:
            log.info("The type %s keeps %s, which the models do not have: PostgreSQL takes no label out.", key[1], ", ".join(extra))


def dropped(upgrade_ops: Any) -> dict[Any, Any]:
    """{(schema, table): columns that go or change their type; None for all}."""
    found: dict[Any, Any] = {}
    for operation in upgrade_ops.ops:
        key = (getattr(operation, "schema", None), getattr(operation, "table_name", None))
        if isinstance(operation, ops.DropTableOp):
            found[key] = None
        for one in getattr(operation, "ops", [operation]):
            if isinstance(one, ops.DropColumnOp) or (isinstance(one, ops.AlterColumnOp) and one.modify_type is not None):
                found.setdefault(key, set()).add(one.column_name)
    return found


def unused_after(context: ConnectedContext, gone: Any, default_schema: str | None) -> Any:
    """The enum types of which each column that has them is in `gone`."""
    uses: dict[EnumKey, list[bool]] = {}
    for type_schema, type_name, schema, table, column in context.connection.execute(text(USES)).fetchall():
        columns = gone.get((None if schema == default_schema else schema, table), set())
        key = (None if type_schema == default_schema else type_schema, type_name)
        uses.setdefault(key, []).append(columns is None or column in columns)
    return sorted((key for key, are_gone in uses.items() if all(are_gone)), key=str)


class Types:
    """The statements about enum types, whose keys are (schema, name)."""

    def __init__(self, dialect: Any) -> None:
        self._quote = dialect.identifier_preparer.quote

    def create(self, key: EnumKey, labels: Iterable[str]) -> str:
        return "CREATE TYPE {} AS ENUM ({})".format(self._name(key), ", ".join(map(literal, labels)))

    def drop(self, key: EnumKey) -> str:
        return "DROP TYPE " + self._name(key)

    def add(self, key: EnumKey, present: Iterable[str], wanted: Sequence[str]) -> Iterator[str]:
        """One statement for each label that is new, the last one first where they stand before others."""
        known = list(present)
        for position, label in enumerate(wanted):
            if label in known:
                continue
            later = next((one for one in wanted[position + 1 :] if one in known), None)
            place = " BEFORE " + literal(later) if later is not None else ""
            known.append(label)
            yield f"ALTER TYPE {self._name(key)} ADD VALUE IF NOT EXISTS {literal(label)}{place}"

    def _name(self, key: EnumKey) -> str:
        return ".".join(self._quote(part) for part in key if part)
