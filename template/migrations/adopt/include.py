"""What `flask db migrate` compares: the tables of the models, their schemas, and what the database has that once had a model.

Left out are tables that another bind of the same database has, those that `migrations/project.ini` names, the server's own, models
of views (`info={"is_view": True}`), and partitions, which PostgreSQL lists as tables beside the table that they are part of.
"""

from sqlalchemy import text

from . import comparing, project

PARTITIONS = (
    "SELECT n.nspname, c.relname, pg_table_is_visible(c.oid) FROM pg_inherits i"
    " JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f')"
)


def qualified(table):
    return table.schema + "." + table.name if table.schema else table.name


class Include:
    """Alembic's `include_name` and `include_object` for one bind of a database."""

    def __init__(self, target, bind):
        self._bind, self._unmanaged = bind, project.unmanaged()
        self._schemas = {None} | target.schemas()
        self._elsewhere = {qualified(table) for other in target.binds if other is not bind for table in other.tables()}
        self._elsewhere -= {qualified(table) for table in bind.tables()}
        self._partitions = None

    def name(self, name, type_, parent_names):
        return type_ != "schema" or name in self._schemas

    def object(self, object_, name, type_, reflected, compare_to, context):
        dialect = context.dialect.name
        if type_ == "index":
            return reflected or not comparing.is_unreadable(object_, dialect)
        if type_ != "table":
            return True
        if not reflected:
            return self._bind.owns(object_) and not object_.info.get("is_view")
        if compare_to is not None:
            return True
        is_ours = qualified(object_) not in self._unmanaged | self._elsewhere and not comparing.is_servers_own(name, dialect)
        return is_ours and object_.schema in self._schemas and not self._is_partition(object_, context)

    def _is_partition(self, table, context):
        if context.dialect.name != "postgresql" or context.as_sql:
            return False
        if self._partitions is None:
            found = context.connection.execute(text(PARTITIONS)).fetchall()
            self._partitions = {(schema, name) for schema, name, _ in found} | {(None, name) for _, name, seen in found if seen}
        return (table.schema, table.name) in self._partitions
