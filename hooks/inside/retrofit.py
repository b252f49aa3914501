"""From loading the app to the stamp: each step proves something, and only the last one writes to the existing database."""

from __future__ import annotations

import os
import time

from sqlalchemy.exc import SQLAlchemyError

from . import models
from .causes import described
from .existing import PRESENT, UNREACHABLE, examine, row_counts
from .load import find_database, load_app, url_text
from .session import CLEANUP_SECONDS
from .stop import Stop


def retrofit(session):
    """Emit every step, "loaded" and "verified"; then wait for the caller, and stamp when it says so."""
    request, pipe = session.request, session.pipe
    with pipe.step("load") as detail:
        app = load_app(request, session)
        context = app.app_context()
        context.push()
        os.chdir(session.root)
        database = find_database(app, session.record)
        detail["tables"] = len(database.metadata.tables)
    urls = session.adopt("urls")
    label = urls.redact(database.url)
    pipe.emit(
        "loaded",
        private={"url": url_text(database.url)},
        database=label,
        dialect=database.dialect.name,
        load_on=request["load_on"],
        **session.record.facts(),
    )
    session.end_loading(database)
    scratch = session.in_background(find_scratch, session, database)
    with pipe.step("existing") as detail:
        existing = examine(session, database)
        detail.update(state=existing.state)
    settled = models.settle(request, session, database, existing.table_names)
    facts = prove(session, app, database, existing, settled, scratch)
    facts.update(
        database=label,
        existing=existing.state,
        existing_reason=existing.reason,
        unused_models=settled.unused,
        failed_models=settled.failed,
        imported_modules=settled.imports,
        loaded_on=request["load_on"],
        reflected=sorted(table.name for table in session.record.reflected if database.metadata.tables.get(table.key) is table),
        **session.record.facts(),
    )
    pipe.emit("verified", **facts)
    session.in_background(session.drop_scratches)
    go = pipe.read()
    if go is None:
        time.sleep(CLEANUP_SECONDS)  # the listener cleans up and leaves
    elif go.get("stamp"):
        with pipe.step("stamp"):
            stamp(session, app, database, existing, request["revision"]["id"])


def real_tables(metadata):
    """The tables of the models; classes mapped to views say so in `info`."""
    return [table for table in metadata.tables.values() if not table.info.get("is_view")]


def prove(session, app, database, existing, settled, scratch):
    """Generate the baseline, run it from nothing, compare it with the models and with the existing database."""
    from .baseline import Baseline, parsed_date, server_name
    from .prove import Workshop

    pipe, request = session.pipe, session.request
    rendering = session.adopt("rendering")
    rendering.plain_flags(database.metadata)
    tables = real_tables(database.metadata)
    require_own_database(tables, database)
    unverified = []
    if existing.state == UNREACHABLE:
        unverified.append("the existing database was not compared, since it cannot be read: %s" % existing.reason)
    unmanaged = []
    if existing.snapshot is not None:
        unmanaged = session.adopt("differences").unmanaged({"tables": [table.fullname for table in tables]}, existing.snapshot)
    session.overlay.add(os.path.join(session.root, "migrations", "project.ini"), models.project_ini(settled, unmanaged))
    dialect = existing.dialect
    if dialect is None:
        engine = engine_of(session, scratch, [])
        dialect = connected_dialect(session, engine) if engine else database.dialect
    workshop = Workshop(app, session)
    try:
        with pipe.step("baseline") as detail:
            revision = request["revision"]
            baseline = Baseline(tables, database.metadata, dialect, rendering.render_item, existing.extensions)
            date = parsed_date(revision.get("create_date"))
            filename, text = baseline.text(workshop.script(), revision["id"], request["message"], date)
            detail["tables"] = len(tables)
        differences, built = [], None
        with pipe.step("scratch"):
            engine = engine_of(session, scratch, unverified)
        if engine is not None:
            differences, built = verify(session, workshop, engine, tables, database, existing)
    finally:
        workshop.close()
    more = {}
    if differences and request["on_drift"] == "reconcile":
        with pipe.step("reconcile") as detail:
            more = reconciled(session, app, database, existing, engine, built, tables, differences)
            detail["held"] = len(more.get("held", ()))
    return {
        "baseline": {"filename": filename, "text": text},
        "project_ini": models.project_ini(settled, unmanaged),
        "tables": len(tables),
        "dialect": server_name(dialect),
        "offline": engine is None,
        "differences": differences,
        "unmanaged": row_counts(session, database, unmanaged),
        "unverified": unverified,
        **more,
    }


def reconciled(session, app, database, existing, engine, built, tables, differences):
    """The facts of a baseline and a second revision for a database that differs; or why there are none."""
    from .reconcile import NotReconciled, Reconciler

    rendering = session.adopt("rendering")
    try:
        done = Reconciler(session, app, database, existing, engine, built).reconcile(
            tables, differences, existing.dialect, rendering.render_item
        )
    except NotReconciled as error:
        return {"not_reconciled": str(error)}
    baseline, second = ({"filename": one[0], "text": one[1]} if one else None for one in (done.baseline, done.reconcile))
    more = {name: list(getattr(done, name)) for name in ("held", "left", "not_undone")}
    return {"baseline": baseline, "reconcile": second, "is_reconciled": True, "not_carried": done.why, **more}


def require_own_database(tables, database):
    """A schema of MySQL or SQLite is another database, which a scratch database does not protect.

    Raises:
        Stop: models live in such a schema.
    """
    elsewhere = sorted(table.fullname for table in tables if table.schema)
    if elsewhere and database.dialect.name != "postgresql":
        raise Stop("schemas-unsupported", tables=elsewhere, dialect=database.dialect.name)


def find_scratch(session, database):
    """Make the scratch database, after what killed runs left behind is gone."""
    from .prove import hasten

    with session.policy.permitted():
        session.adopt("scratch").drop_leftovers(
            database.url, purpose=session.request["purpose"], connect_args=database.connect_args
        )
    made = session.new_scratch(database.url, connect_args=database.connect_args)
    hasten(made.engine())
    return made


def engine_of(session, scratch, unverified):
    """An engine on the scratch database that is being made, or None with the reason in `unverified`."""
    errors = session.adopt("errors")
    try:
        return scratch().engine()
    except errors.ScratchRefused as error:
        raise Stop("scratch-refused", message=str(error)) from error
    except (errors.NotPermitted, errors.DatabaseUnreachable) as error:
        unverified.append("the baseline was not run, since no scratch database could be made: %s" % error.reason)
        return None


def connected_dialect(session, engine):
    """The dialect of an engine, which knows its server's version after one connection."""
    with session.policy.permitted(), engine.connect() as connection:
        return connection.dialect


def verify(session, workshop, engine, tables, database, existing):
    """Run the baseline up and down; (differences between what it builds and the existing database, snapshot of what it builds).

    Raises:
        Stop: it does not run, or does not build what the models say, or does not go away again.
    """
    pipe = session.pipe
    with pipe.step("upgrade") as detail:
        try:
            workshop.upgrade(engine, len(tables))
        except (SQLAlchemyError, NameError, TypeError, AttributeError) as error:  # also what the project's own types raise
            raise Stop("baseline-does-not-run", exception=described(error)) from error
        detail["tables"] = len(tables)
    with pipe.step("models"):
        lines = workshop.compare(engine)
        if lines:
            raise Stop("baseline-differs-from-models", differences=lines)
    differences, built = [], None
    if existing.state == PRESENT:
        with pipe.step("compare") as detail:
            schemas = sorted({table.schema for table in tables if table.schema})
            with session.policy.permitted(), engine.connect() as connection:
                built = session.adopt("snapshot").take(connection, schemas=schemas)
            differences = session.adopt("differences").compare(built, existing.snapshot)
            if not differences and not is_identical(built, existing.snapshot):
                differences = checked(session, workshop, database)
            detail["differences"] = len(differences)
    with pipe.step("downgrade"):
        workshop.downgrade(engine)
        left = [name for name in left_over(session, engine) if name != "alembic_version"]
        if left:
            raise Stop("baseline-does-not-downgrade", tables=left)
    return differences, built


def is_identical(built, existing):
    """Whether the tables are the same to the letter, names included: then `flask db check` finds in both what it found in one."""
    return all(existing["tables"].get(name) == table for name, table in built["tables"].items()) and all(
        existing["enums"].get(name) == labels for name, labels in built["enums"].items()
    )


def checked(session, workshop, database):
    """What `flask db check` would still find in the existing database, as differences; read-only."""
    engine = session.adopt("readonly").read_only_engine(database.url, database.connect_args)
    return [
        {"table": line, "what": "flask db check", "name": "", "kind": "extra", "expected": "", "actual": ""}
        for line in workshop.compare(engine)
    ]


def left_over(session, engine):
    """The tables of the scratch database."""
    from sqlalchemy import inspect

    is_servers_own = session.adopt("comparing").is_servers_own
    with session.policy.permitted(), engine.connect() as connection:
        return [name for name in inspect(connection).get_table_names() if not is_servers_own(name, engine.dialect.name)]


def stamp(session, app, database, existing, revision):
    """The one write to the existing database, by `migrations/adopt/stamp.py`; it is read back over another connection."""
    options = app.extensions["migrate"].configure_args
    more = {name: options[name] for name in ("version_table", "version_table_schema") if options.get(name)}
    try:
        with session.policy.permitted():
            found = session.adopt("stamp").stamp(
                database.url,
                revision,
                expected_snapshot=existing.snapshot,
                schemas=database.schemas,
                connect_args=database.connect_args,
                **more,
            )
    except (session.adopt("errors").AdoptError, SQLAlchemyError) as error:
        raise Stop("stamp-failed", message=str(error)) from error
    session.pipe.emit("stamped", revision=found)
