"""Lines of a revision that no operation of Alembic's stands for: comments, and what must run outside of a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate.render import renderers
from alembic.operations import ops

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alembic.autogenerate.api import AutogenContext


class LinesOp(ops.MigrateOperation):
    """Lines of code, and those that undo them."""

    def __init__(self, done: Iterable[str], undone: Iterable[str]) -> None:
        self.done, self.undone = list(done), list(undone)

    def reverse(self) -> LinesOp:
        return LinesOp(self.undone, self.done)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return ("lines",) + tuple(self.done)


@renderers.dispatch_for(LinesOp)
def _lines(context: AutogenContext, operation: Any) -> list[str]:
    """Alembic indents what follows a colon, up to an empty line."""
    has_block = any(line.endswith(":") and line[0] != "#" for line in operation.done)
    return [line.strip() for line in operation.done] + [""] * has_block


def comment(*lines: str) -> LinesOp:
    """Comment lines above what they are about; each is given without its mark."""
    return LinesOp(["# " + line for line in lines], [])


def outside(statement: str) -> LinesOp:
    """The operation that lets PostgreSQL commit what came before; then it runs this, a line of Python."""
    return LinesOp(["with op.get_context().autocommit_block():", statement], [])


def merged(operations: Sequence[Any]) -> list[Any]:
    """The same with one block where neighbours are blocks of one batch: SQLite makes the table anew for each."""
    found: list[Any] = []
    for one in operations:
        last: Any = found[-1] if found else None
        both = [getattr(other, "done", [""])[0:1] + getattr(other, "undone", [""])[0:1] for other in (last, one)]
        if both[0] == both[1] and all(line.startswith("with ") for line in both[0]):
            found[-1] = LinesOp(last.done + one.done[1:], one.undone + last.undone[1:])
        else:
            found.append(one)
    return found


def qualified(one: Any) -> Any:
    """The name of the table that an operation is on, with its schema."""
    return one.schema + "." + one.table_name if one.schema else one.table_name


def is_change(operation: Any, table: str) -> bool:
    """Whether it is what collects the operations on one table."""
    return isinstance(operation, ops.ModifyTableOps) and qualified(operation) == table


def execute(statement: str) -> ops.ExecuteSQLOp:
    """The operation that runs a statement; a colon in it is a colon."""
    return ops.ExecuteSQLOp(statement.replace(":", "\\:"))


def execute_both(done: str, undone: str, comment: str = "") -> LinesOp:
    """The operation that runs a statement, and another one on the way back; one that says NULL of a comment need not be run."""
    return execute_all([done] + [comment] * bool(comment and not comment.endswith(" NULL")), [undone])


def execute_all(done: Sequence[str], undone: Sequence[str]) -> LinesOp:
    """The same with lists of statements."""
    return LinesOp(*[[f"op.execute({execute(one).sqltext!r})" for one in some] for some in (done, undone)])
