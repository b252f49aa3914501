"""From loading the app to the stamp: each step proves something, and only the last one writes to an existing database."""

from __future__ import annotations

import os
import time

from sqlalchemy.exc import SQLAlchemyError

from . import models
from .databases import find_databases, url_text
from .existing import examine
from .load import load_app
from .session import CLEANUP_SECONDS
from .stop import Stop
from .subject import Subject


def load(session):
    """(the application, its databases) in its context, which stays; emits the step and "loaded"."""
    request, pipe = session.request, session.pipe
    with pipe.step("load") as detail:
        app = load_app(request, session)
        context = app.app_context()
        context.push()
        os.chdir(session.root)
        databases = find_databases(app, session.record)
        detail["tables"] = sum(len(database.tables) for database in databases)
    urls = session.adopt("urls")
    pipe.emit(
        "loaded",
        private={"url": url_text(databases[0].url)},
        database=urls.redact(databases[0].url),
        dialect=databases[0].dialect.name,
        load_on=request["load_on"],
        **session.record.facts(),
    )
    session.end_loading(databases)
    return app, databases


def retrofit(session):
    """Emit every step, "loaded" and "verified"; then wait for the caller, and stamp when it says so."""
    request, pipe = session.request, session.pipe
    app, databases = load(session)
    subjects = [Subject(session, database) for database in databases]
    with pipe.step("existing") as detail:
        for subject in subjects:
            subject.existing = examine(session, subject.database)
        detail.update(state=", ".join(subject.existing.state for subject in subjects))
    settled = models.settle(request, session, databases, table_names(subjects))
    facts = prove(session, app, subjects, settled)
    tables = {table.key: table for database in databases for table in database.tables}
    facts.update(
        unused_models=settled.unused,
        failed_models=settled.failed,
        imported_modules=settled.imports,
        loaded_on=request["load_on"],
        reflected=sorted(table.name for table in session.record.reflected if tables.get(table.key) is table),
        **session.record.facts(),
    )
    pipe.emit("verified", **facts)
    session.in_background(session.drop_scratches)
    go = pipe.read()
    if go is None:
        time.sleep(CLEANUP_SECONDS)  # the listener cleans up and leaves
    elif go.get("stamp"):
        with pipe.step("stamp"):
            for subject in subjects:
                if subject.is_present:
                    stamp(session, app, subject, request["revision"]["id"])


def table_names(subjects):
    """The tables of the existing databases, or None where one of them cannot be asked."""
    known = [subject.existing.table_names for subject in subjects]
    return None if None in known else {name for names in known for name in names}


def prove(session, app, subjects, settled):
    """Generate the baseline, run it from nothing, compare it with the models and with the existing databases."""
    from . import baseline
    from .prove import Workshop
    from .verify import verify

    pipe, request = session.pipe, session.request
    for subject in subjects:
        subject.settle()
    unmanaged, views = ({one.database.keys[0]: getattr(one, kind) for one in subjects} for kind in ("unmanaged", "views"))
    project_ini = models.project_ini(settled, unmanaged, views)
    session.overlay.add(os.path.join(session.root, "migrations", "project.ini"), project_ini)
    for subject in subjects:
        subject.dialect()  # known before the clock of the next step runs
    workshop = Workshop(app, session)
    try:
        with pipe.step("baseline") as detail:
            revision = request["revision"]
            date = baseline.parsed_date(revision.get("create_date"))
            parts = [subject.part() for subject in subjects]
            filename, text = baseline.write(workshop.script(), parts, revision["id"], request["message"], date)
            detail["tables"] = sum(len(subject.tables) for subject in subjects)
        with pipe.step("scratch"):
            for subject in subjects:
                subject.open_scratch()
        proven = [subject for subject in subjects if subject.engine is not None]
        if proven:
            verify(session, workshop, proven)
    finally:
        workshop.close()
    facts = {"baseline": {"filename": filename, "text": text}}
    if request["on_drift"] == "reconcile" and any(subject.differences for subject in subjects):
        with pipe.step("reconcile") as detail:
            facts.update(reconciled(session, app, subjects))
            detail["held"] = sum(len(subject.reconciled.get("held", ())) for subject in subjects)
    second = (facts.get("reconcile") or {}).get("filename")
    databases = [subject.facts(second) for subject in subjects]
    tables = sum(one["tables"] for one in databases)
    return dict(facts, project_ini=project_ini, tables=tables, databases=databases, picture=picture(session, subjects))


def picture(session, subjects):
    """The section of migrations/README.md that draws the schema."""
    diagram = session.adopt("diagram")
    return diagram.section({one.database.name: diagram.drawn(one.tables, one.dialect()) for one in subjects})


def reconciled(session, app, subjects):
    """The revisions for databases that differ, as facts; why there are none is said of the database that cannot be reconciled."""
    from .reconcile import NotReconciled, Reconciler

    try:
        files = Reconciler(session, app, subjects).reconcile()
    except NotReconciled as error:
        error.subject.reconciled = {"not_reconciled": str(error)}
        return {}
    baseline, second = ({"filename": file[0], "text": file[1]} if file else None for file in files)
    return {"baseline": baseline, "reconcile": second}


def stamp(session, app, subject, revision):
    """The one write to an existing database, by `migrations/adopt/stamp.py`; it is read back over another connection."""
    database, options = subject.database, app.extensions["migrate"].configure_args
    more = {name: options[name] for name in ("version_table", "version_table_schema") if options.get(name)}
    try:
        with session.policy.permitted():
            found = session.adopt("stamp").stamp(
                database.url,
                revision,
                expected_snapshot=subject.existing.snapshot,
                schemas=database.schemas,
                connect_args=database.connect_args,
                **more,
            )
    except (session.adopt("errors").AdoptError, SQLAlchemyError) as error:
        raise Stop("stamp-failed", message=str(error), database=subject.label) from error
    session.pipe.emit("stamped", revision=found, name=database.name)
