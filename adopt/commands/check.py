"""At which revision is this database, and what would `flask db migrate` write for it?

Unlike `flask db check` it writes nothing, not even an empty `alembic_version`, and works with every Flask-Migrate.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from alembic import autogenerate
from alembic.operations import ops
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from ..autogenerate import completion, constraint_names
from ..autogenerate.extra_operations import qualified
from ..base.log import quiet
from ..history.replay import alembic_config
from ..project import targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from alembic.config import Config
    from sqlalchemy.engine import Connection

    from ..autogenerate.models_schema import ModelsSchema
    from ..base.types import ConnectedContext


def run_env(config: Config, look: Callable[..., Any]) -> ScriptDirectory:
    """Run env.py with `look(context)` in the place of the migrations, so that nothing is written.

    Returns the directory of the revisions. Alembic's own way, the option `dont_mutate`, is not in 1.4.0.
    """
    script = ScriptDirectory.from_config(config)
    environment = EnvironmentContext(config, script)
    environment.run_migrations = lambda **options: look(environment.get_context())  # type: ignore[method-assign]
    with quiet(), environment:
        script.run_env()
    return script


class Comparison:
    """What one database says and lacks.

    `revisions` are those of its `alembic_version`, `heads` those it should be at. `code` are the lines that `flask db migrate`
    would write; `missing` the tables ("users") and columns ("users.email") among them that the models have and the database has
    not, so that the application fails where it uses them. `left` are the differences that it cannot write, as lines.
    """

    def __init__(
        self,
        revisions: tuple[str, ...],
        heads: tuple[str, ...],
        code: Sequence[str],
        missing: Sequence[str],
        left: Sequence[Any] = (),
    ) -> None:
        self.revisions, self.heads, self.code, self.missing, self.left = revisions, heads, code, missing, left


def compare(connection: Connection, keys: Sequence[str | None] = (None,), models: ModelsSchema | None = None) -> Comparison:
    """Compare the database of `connection`, that of the binds `keys`, with the models; only read it.

    With `models`, a ModelsSchema, as the server compares; else as Alembic does.
    """
    config = alembic_config(connection=connection, bind_keys=tuple(keys))
    found: dict[str, Any] = {"revisions": (), "code": [], "missing": [], "left": []}
    binds = targets.of_keys(tuple(keys)).binds if models is not None else []

    def look(context: ConnectedContext) -> None:  # once for each bind that leads to this database
        changes: Any = autogenerate.produce_migrations(context, context.opts["target_metadata"]).upgrade_ops
        if models is not None:
            own = [bind for bind in binds if bind.metadata is context.opts["target_metadata"]]
            found["left"] += completion.complete(context, own or binds, models, changes)
        constraint_names.complete(context, changes, ops.DowngradeOps([]))
        rendering = autogenerate.api.AutogenContext(context, opts=context.opts)
        found["revisions"] = context.get_current_heads()
        for change in changes.ops:
            found["code"] += lines_of(autogenerate.render_op_text(rendering, change))
        found["missing"] += missing(changes.ops)

    script = run_env(config, look)
    return Comparison(heads=tuple(script.get_heads()), **found)


def lines_of(code: str) -> list[str]:
    """The lines of the code of one operation, without comments; those in the block of a batch are indented, as in a revision."""
    lines = [line.rstrip() for line in textwrap.dedent(code).splitlines()]
    lines = [line for line in lines if line and not line.lstrip().startswith("#")]
    is_batch = bool(lines) and lines[0].startswith("with ")
    return lines[:1] + ["    " + line if is_batch else line for line in lines[1:]]


def missing(operations: Any) -> Iterator[str]:
    """The places of the operations that make a table or a column."""
    for operation in operations:
        if isinstance(operation, ops.CreateTableOp):
            yield qualified(operation)
        elif isinstance(operation, ops.AddColumnOp):
            yield qualified(operation) + "." + operation.column.name
        else:
            for one in missing(getattr(operation, "ops", ())):
                yield one
