"""What a new revision would do to rows, as comments above its operations and lines in the log (rows/risks.py).

    # not-null:orders.state: 3 rows that would have no value, which the statement fails on
    #   Give it a server_default, or add it nullable, fill it, then alter it.

    # drop-column:users.name: 41 rows with a value in it
    #   If users.name is renamed to users.full_name, delete this file:  flask db migrate -x rename=users.name:full_name

Rows of this database are counted up to a limit, and where that takes too long they are "some rows" (counting.py). Where there are
none it is said as well: nobody would notice before production.
"""

from __future__ import annotations

import ast
import dataclasses
from typing import TYPE_CHECKING, Any

from alembic import autogenerate
from alembic.operations import ops
from sqlalchemy import inspect

from ..base.log import log
from ..rows import operations, risks
from ..rows.counting import Rows, Statements
from .extra_operations import LinesOp, comment

if TYPE_CHECKING:
    from ..base.types import ConnectedContext
    from ..rows.operations import Operation


RENAMED = "If {0} is renamed, delete this file, and run:  flask db migrate -x rename={1}"


def remark(context: ConnectedContext, upgrade_ops: Any) -> None:
    """Put comments where rows are at stake; the operations stay as they are."""
    rendering = autogenerate.api.AutogenContext(context, opts=context.opts)
    places: list[Any]
    undone: list[Operation]
    places, made, undone = [], [], []

    def read(operation: Any) -> Any:
        code = autogenerate.render_op_text(rendering, operation)
        if code.startswith("with "):
            code = code.replace("\n", "\n ")
        return operations.Reader().read(ast.parse(code).body)

    has_drops = any(isinstance(part, ops.DropTableOp) for part in upgrade_ops.ops)
    for part in upgrade_ops.ops:
        is_table = isinstance(part, ops.ModifyTableOps)
        for one in part.ops if is_table else [part]:
            if has_drops or not isinstance(one, ops.CreateTableOp):  # whose columns say what it may have been
                alone = type(part)(part.table_name, [one], schema=part.schema) if is_table else one
                made += [dataclasses.replace(operation, line=len(places)) for operation in read(alone)]
                undone += read(one.reverse()) if isinstance(one, LinesOp) else []
                places.append((part.ops if is_table else upgrade_ops.ops, one))
    for found in risks.Chain(Rows(context.connection), inspect(context.connection)).follow(made, undone=undone):
        into, operation = places[found.line]
        words = risks.sentence(found, None if found.rows != 0 else " of other databases")
        words = [f"{found.name}: {words[0].lower() + words[1:]}", "  " + found.way]
        words += ["  " + RENAMED.format(option.partition(":")[0], option) for _, option in found.renames]
        log.warning("\n".join([*words, "  Count them:  " + Statements(context.dialect).asked(*found.question)]))
        into.insert(next(number for number, other in enumerate(into) if other is operation), comment(*words))
