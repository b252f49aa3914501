"""CREATE SCHEMA for tables in a schema that the database does not have yet: Alembic writes the table only.

The downgrade leaves the schema: it may hold what other applications put there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic.operations import ops
from sqlalchemy import inspect

if TYPE_CHECKING:
    from alembic.operations.ops import MigrationScript

    from ..base.types import ConnectedContext


def create_new(context: ConnectedContext, directive: MigrationScript) -> None:
    """Put CREATE SCHEMA before the tables of the bind that was compared last; PostgreSQL only, elsewhere a schema is a database."""
    if context.dialect.name != "postgresql" or context.as_sql:
        return
    operations = directive.upgrade_ops_list[-1].ops
    wanted = {one.schema for one in operations if isinstance(one, ops.CreateTableOp) and one.schema}
    missing = wanted - set(inspect(context.connection).get_schema_names()) if wanted else ()
    quote = context.dialect.identifier_preparer.quote
    operations[:0] = [ops.ExecuteSQLOp("CREATE SCHEMA IF NOT EXISTS " + quote(schema)) for schema in sorted(missing)]
