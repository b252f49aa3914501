"""Changes of type that PostgreSQL makes of no value by itself: it is told how, and a default is out of the way meanwhile.

Before:  batch_op.alter_column('token', type_=sa.Uuid())      column "token" cannot be cast automatically to type uuid
After:   batch_op.alter_column('token', type_=sa.Uuid(), postgresql_using='token::uuid')
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate.render import renderers
from alembic.operations import ops

from ..server.connecting import literal, query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alembic.autogenerate.api import AutogenContext
    from sqlalchemy.engine import Connection


FACTS = """
SELECT o.oid = n.oid OR n.typcategory = 'S' OR c.castcontext IN ('a', 'i'), c.castcontext = 'e' OR o.typcategory = 'S'
FROM (SELECT to_regtype({})::oid AS old, to_regtype({})::oid AS new) t LEFT JOIN pg_type o ON o.oid = old
LEFT JOIN pg_type n ON n.oid = new LEFT JOIN pg_cast c ON castsource = old AND casttarget = new"""


class CastOp(ops.AlterColumnOp):
    """`modify_using` and `existing_using`, both among its `kw`, are what to make of a value, here and on the way back."""


def cast(altered: Any, connection: Connection, types: Sequence[str], default: Any) -> None:
    """Let an operation say so; `types` are those of the column there and in the models, which have the server default `default`."""
    names = [one.partition(" COLLATE ")[0] for one in types]
    quoted = connection.dialect.identifier_preparer.quote(altered.column_name)
    using = [expression(connection, quoted, *pair) for pair in (names, names[::-1])]
    if any(using):
        altered.__class__ = CastOp
        altered.kw.update(modify_using=using[0], existing_using=using[1])
        if altered.existing_server_default or default is not None:
            altered.modify_server_default = default
            altered.existing_server_default = altered.existing_server_default or None


def expression(connection: Connection, name: str, old: str, new: str) -> str:
    """How a value of one type becomes one of another, "" where the server knows; a type may be new in this revision."""
    is_known, is_direct = query(connection, FACTS.format(literal(old), literal(new)))[0]
    return "" if is_known else "{}{}::{}".format(name, "" if is_direct else "::text", new)


@renderers.dispatch_for(CastOp)
def _cast(context: AutogenContext, altered: Any) -> list[str]:
    using, lines = altered.kw.get("modify_using"), []
    apart = altered.modify_server_default is not False
    before, after = altered.existing_server_default, altered.modify_server_default
    place = {"schema": altered.schema, "existing_type": altered.existing_type}
    names = altered.table_name, altered.column_name
    plain = ops.AlterColumnOp.__new__(ops.AlterColumnOp)
    plain.__dict__.update(altered.__dict__)
    if apart:
        plain.modify_server_default, plain.existing_server_default = False, None
    if apart and before is not None:
        lines.append(ops.AlterColumnOp(*names, modify_server_default=None, **place))
    lines.append(plain)
    if apart and after is not None:
        place["existing_type"] = altered.modify_type
        lines.append(ops.AlterColumnOp(*names, modify_server_default=after, **place))
    texts = [renderers.dispatch(one)(context, one) for one in lines]
    if using:
        at = lines.index(plain)
        texts[at] = "{},\n{}postgresql_using={!r})".format(texts[at][:-1], " " * 11, using)
    return texts
