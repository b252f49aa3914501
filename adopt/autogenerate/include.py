"""What `flask db migrate` compares: the tables of the models, their schemas, and what the database has that once had a model.

Left out are tables that no revision has ever made, in whosever database (see unmanaged.py), tables that another bind of the same
database has, those that `migrations/project.ini` names (also where an installed package has a model of it: it makes its table
itself), the server's own, and partitions, which PostgreSQL lists as tables beside the table that they are part of.
No table is made for a model of a view: one with `info={"is_view": True}`, one that
`migrations/project.ini` names, or one whose name is that of a view that is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from ..project import project
from ..rows import unmanaged
from ..schema import comparing
from . import once_managed

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory
    from sqlalchemy import Table

    from ..base.types import ConnectedContext
    from ..project.targets import Bind, Target


PARTITIONS = (
    "SELECT n.nspname, c.relname, pg_table_is_visible(c.oid) FROM pg_inherits i"
    " JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f')"
)
VIEWS = (
    "SELECT c.relname, n.nspname, n.nspname = current_schema() FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
)


def qualified(table: Table) -> str:
    return table.schema + "." + table.name if table.schema else table.name


class Include:
    """Alembic's `include_name` and `include_object` for one bind of a database."""

    def __init__(self, target: Target, bind: Bind) -> None:
        self._bind = bind
        self._register = set().union(*(project.unmanaged(other.key) for other in target.binds))
        self._schemas = {None} | target.schemas()
        self._elsewhere = {qualified(table) for other in target.binds if other is not bind for table in other.tables()}
        self._elsewhere -= {qualified(table) for table in bind.tables()}
        self._views = project.views(bind.key)
        self._partitions: set[tuple[str | None, str]] | None
        self._managed: set[str] | None
        self._there: set[str] | None
        self._partitions = self._managed = self._there = None

    def name(self, name: Any, type_: Any, parent_names: Any) -> bool:
        return type_ != "schema" or name in self._schemas

    def object(self, object_: Any, name: Any, type_: Any, reflected: bool, compare_to: Any, context: ConnectedContext) -> bool:
        dialect = context.dialect.name
        if type_ == "index":
            is_there = compare_to is not None and not reflected and comparing.is_same_index(object_, compare_to, dialect)
            return reflected or not (is_there or comparing.is_unreadable(object_, dialect))
        if type_ != "table":
            return True
        if not reflected:
            name = qualified(object_)
            is_view = (
                object_.info.get("is_view") or name in self._views or (compare_to is None and name in self._views_there(context))
            )
            return self._bind.owns(object_) and not is_view and name not in self._register
        if compare_to is not None:
            return True
        is_ours = qualified(object_) not in self._elsewhere and not comparing.is_servers_own(name, dialect)
        if not is_ours or object_.schema not in self._schemas or self._is_partition(object_, context):
            return False
        return unmanaged.is_proposed(qualified(object_), self._register, lambda: self._once_managed(context.opts["script"]))

    def _once_managed(self, script: ScriptDirectory) -> set[str]:
        """The tables that the functions of this bind have made; another bind of the same database drops its own."""
        if self._managed is None:
            paths = [revision.path for revision in reversed(list(script.walk_revisions()))]
            self._managed = once_managed.once_managed(paths, self._bind.name)
        return self._managed

    def _views_there(self, context: ConnectedContext) -> set[Any]:
        """The views of the database, named as its tables are."""
        if self._there is None and context.as_sql:
            self._there = set()
        elif self._there is None and context.dialect.name == "postgresql":  # SQLAlchemy lists materialized ones apart, if at all
            found = context.connection.execute(text(VIEWS)).fetchall()
            self._there = {name for name, _, is_default in found if is_default} | {schema + "." + name for name, schema, _ in found}
        elif self._there is None:
            self._there = set(inspect(context.connection).get_view_names())
        return self._there

    def _is_partition(self, table: Table, context: ConnectedContext) -> bool:
        if context.dialect.name != "postgresql" or context.as_sql:
            return False
        if self._partitions is None:
            found = context.connection.execute(text(PARTITIONS)).fetchall()
            self._partitions = {(schema, name) for schema, name, _ in found} | {(None, name) for _, name, seen in found if seen}
        return (table.schema, table.name) in self._partitions
