"""What the models build: the snapshot of a scratch database in which `create_all()` was run.

Alembic compares models with a database fact by fact, and sees neither CHECK constraints nor most server defaults. Two databases of
one server can be compared by all that the server says of them.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from ..base.errors import DatabaseUnreachable, ModelsNotCreated, NotPermitted, ScratchRefused, first_line
from ..base.paths import ROOT
from ..project import project, targets
from ..schema import objects, snapshot
from ..server import scratch
from ..server.connecting import command, query
from . import check_constraints, constraint_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Table
    from sqlalchemy.engine import URL, Connection

    from ..base.types import ConnectedContext
    from ..project.targets import Bind


class ModelsSchema:
    """`snapshot` is that of the tables of some binds, `check_names` are those of check_constraints.names_of, `constraints` are as
    those of constraint_changes.read.

    `statements` are {table: its CREATE TABLE} where the server is SQLite, `objects` what there is beside tables, each with the line
    that makes it as its definition.
    """

    def __init__(self, connection: Connection, schemas: Sequence[str]) -> None:
        self.snapshot = snapshot.take(connection, schemas=schemas)
        tables = self.snapshot["tables"]
        self.constraints = constraint_changes.read(connection, tables)
        self.check_names = check_constraints.names_of(connection, tables, self.constraints)
        self.statements = check_constraints.statements(connection)
        # what `DDL` on events of the models may make; what the role may not read has no name
        self.objects = [
            one
            for one in objects.take(connection, schemas)
            if one["name"] and one["kind"] in ("function", "procedure", "trigger", "view")
        ]
        for one in self.objects:
            said = max(map(str, query(connection, one["definition"])[0]), key=len)  # type: ignore[arg-type]  # each of these has one
            one["definition"] = f"op.execute({said!r})"


NOT_THERE = (NotPermitted, ScratchRefused, DatabaseUnreachable, ModelsNotCreated)


def begun(context: ConnectedContext, binds: Sequence[Bind]) -> Callable[[], ModelsSchema]:
    """A function that waits for the ModelsSchema of a comparison: one that was built for it before, or one that a thread builds.

    It comes back when the tables are there: Alembic copies types while it compares, which gives their MetaData more listeners, and
    create_all() goes through those. The function raises as `build` does.
    """
    given = context.config.attributes.get("models_schema")
    if given is not None:
        return lambda: given
    is_created = threading.Event()
    app, url, key = current_app._get_current_object(), context.connection.engine.url, binds[0].key  # type: ignore[attr-defined]  # a proxy's own method

    def built() -> ModelsSchema:
        with app.app_context():
            db = app.extensions["migrate"].db
            return build(
                binds,
                url,
                connect_args=targets.connect_args(db, key),
                configured_urls=targets.configured_urls(db),
                empty_database_url=os.environ.get(scratch.empty_url_variable(targets.function_name(key))) or None,
                created=is_created.set,
            )

    waiting = ThreadPoolExecutor(1).submit(built)
    waiting.add_done_callback(lambda _: is_created.set())
    is_created.wait()
    return waiting.result


def build(
    binds: Sequence[Bind],
    url: URL | str,
    *,
    connect_args: Mapping[str, Any] | None = None,
    configured_urls: Iterable[URL | str] = (),
    empty_database_url: URL | str | None = None,
    created: Callable[[], object] = dict,
) -> ModelsSchema:
    """The ModelsSchema of these binds, built beside the database at `url` and dropped again; `created()` when the tables are there.

    Raises:
        NotPermitted, ScratchRefused, DatabaseUnreachable: there is no scratch database.
        ModelsNotCreated: `create_all()` fails there; a revision may make what it needs.
    """
    place: dict[str, Any] = {"purpose": ROOT, "connect_args": connect_args, "configured_urls": configured_urls}
    with scratch.create_scratch(url, empty_database_url=empty_database_url, **place) as empty:
        try:
            with empty.engine().connect() as connection:
                create_all(connection, binds)
        except SQLAlchemyError as error:
            raise ModelsNotCreated("create_all() of the models fails on an empty database: " + first_line(error)) from error
        created()
        with empty.engine().connect() as connection:
            return ModelsSchema(connection, schemas_of(binds))


def create_all(connection: Connection, binds: Sequence[Bind]) -> None:
    """Create the tables of the models, but for views and for tables that an installed package creates itself."""
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")  # one transaction has no locks for 1,000 tables
        quote = connection.dialect.identifier_preparer.quote
        for schema in schemas_of(binds):
            command(connection, f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
    for bind in binds:
        left_out = project.views(bind.key) | project.unmanaged(bind.key)
        for metadata in bind.metadatas():
            tables = [table for table in metadata.sorted_tables if bind.owns(table) and is_table(table, left_out)]
            metadata.create_all(
                connection, tables=tables, checkfirst=bool(getattr(metadata, "_sequences", ()))
            )  # two columns may have one
    if hasattr(connection, "commit"):
        connection.commit()


def is_table(table: Table, left_out: Collection[str]) -> bool:
    return not table.info.get("is_view") and table.fullname not in left_out


def schemas_of(binds: Sequence[Bind]) -> list[str]:
    """The schemas that models name, sorted; the default one is not among them."""
    return sorted({table.schema for bind in binds for table in bind.tables() if table.schema})
