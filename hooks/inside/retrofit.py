"""From loading the app to what may be stamped: each step proves something, and none writes to an existing database."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine.url import make_url

from .base.arguments import packed
from .base.messages import Loaded, RevisionFile, Verified
from .guard.connections import url_text
from .load import models
from .load.application import load_app
from .load.databases import find_databases
from .subject import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask

    from .base.types import Facts
    from .baseline.types import Session
    from .load.databases import Configured
    from .load.models import Settled


def load(session: Session) -> tuple[Flask, Configured]:
    """(the application, its databases) in its context, which stays; emits the step and "loaded"."""
    request, pipe = session.request, session.pipe
    with pipe.step("load") as detail:
        app = load_app(request, session)
        context = app.app_context()
        context.push()
        os.chdir(session.root)
        found = find_databases(app, session)
        detail["tables"] = sum(len(database.tables) for database in found.databases)
        if len(found.databases) > 1:
            detail["databases"] = len(found.databases)
    default = found.databases[0].url if found.default_url is None else session.redirect.real(found.default_url)
    url, urls = make_url(default), session.adopt("urls")
    configured = [url, *(database.url for database in found.databases)]
    pipe.emit(
        Loaded(
            database=urls.redact(url),
            dialect=url.get_backend_name(),
            load_on=session.load_on,
            in_memory=any(urls.backend(one) == "sqlite" and urls.sqlite_path(one) is None for one in configured),
            url=url_text(url),
        )
    )
    session.loaded(found.db)
    return app, found


def retrofit(session: Session) -> None:
    """Emit every step, "loaded" and "verified", which tells the keeper what may be stamped."""
    request, pipe = session.request, session.pipe
    app, found = load(session)
    subjects = subjects_of(session, found, [])
    with pipe.step("existing") as detail:
        for subject, examined in [(subject, session.examine(subject.database)) for subject in subjects]:
            subject.existing = examined()
        detail.update(state=states(subjects))
    settled = models.settle(request, session, found, lambda: table_names(session, found, subjects))
    found = find_databases(app, session)  # with the models that are known by now
    subjects = subjects_of(session, found, subjects)
    verified = prove(session, app, subjects, settled)
    tables = {table for subject in subjects for table in subject.database.tables}
    verified.spare_binds = [bind.key for bind in found.spare]
    verified.no_play_database = session.no_play
    verified.reflected = sorted(table.name for table in session.record.reflected & tables)
    pipe.emit(verified, private=[to_stamp(app, subject) for subject in subjects if subject.is_present])


def to_stamp(app: Flask, subject: Subject) -> Facts:
    """What the keeper needs to stamp a database, once everything is proven."""
    options = app.extensions["migrate"].configure_args
    return {
        "name": subject.database.name,
        "database": subject.label,
        "url": url_text(subject.database.url),
        "connect_args": packed(subject.database.connect_args),
        "schemas": subject.database.schemas,
        "version_table": {name: options[name] for name in ("version_table", "version_table_schema") if options.get(name)},
    }


def states(subjects: Sequence[Subject]) -> str:
    """ "present", or "present, logs absent" where they differ."""
    if len({subject.existing.state for subject in subjects}) == 1:
        return subjects[0].existing.state
    return ", ".join((subject.database.name + " " + subject.existing.state).strip() for subject in subjects)


def subjects_of(session: Session, found: Configured, known: Sequence[Subject]) -> list[Subject]:
    """One for each database; those that are known stay, though more binds may lead to their databases by now."""
    subjects = []
    for database in found.databases:
        same = [subject for subject in known if set(subject.database.keys) & set(database.keys)]
        if same:
            same[0].database = database
        subject = same[0] if same else Subject(session, database)
        if known and not same:
            subject.existing = session.examine(database)()
        subjects.append(subject)
    return subjects


def table_names(session: Session, found: Configured, subjects: Sequence[Subject]) -> set[str] | None:
    """The tables of the existing databases, those of binds without a model included.

    None where a database that has models is not there, or none at all is: then nothing tells which models are in use.
    """
    if any(subject.existing.table_names is None for subject in subjects if subject.database.tables):
        return None
    known = [subject.existing.table_names for subject in subjects]
    known += [session.examine(database)().table_names for database in found.spare_databases(session)]
    known = [names for names in known if names is not None]
    return {name for names in known for name in names} if known else None  # type: ignore[union-attr]  # none is None


def prove(session: Session, app: Flask, subjects: Sequence[Subject], settled: Settled) -> Verified:
    """Generate the baseline, run it from nothing, compare it with the models and with the existing databases."""
    from .baseline import baseline
    from .baseline.prove import Workshop
    from .baseline.verify import verify

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
            date = baseline.parsed_date(request.create_date)
            parts = [part for subject in subjects for part in subject.parts()]
            filename, text = baseline.write(workshop, parts, request.revision_id, request.message, date)
            detail["tables"] = sum(len(subject.tables) for subject in subjects)
        with pipe.step("scratch"):
            for subject in subjects:
                subject.open_scratch()
        proven = [subject for subject in subjects if subject.engine is not None]
        if proven:
            verify(session, workshop, proven)
    finally:
        workshop.close()
    files: list[Any] = [RevisionFile(filename, text), None]
    if request.on_drift == "reconcile" and any(subject.differences for subject in subjects):
        with pipe.step("reconcile") as detail:
            files = reconciled(session, app, subjects) or files
            detail["decision"] = sum(len(subject.reconciled.get("held", ())) for subject in subjects)
    databases = [subject.facts(files[0].text, files[1] and files[1].filename) for subject in subjects]
    return Verified(
        databases=databases,
        project_ini=project_ini,
        picture=picture(session, subjects),
        tables=sum(one["tables"] for one in databases),
        baseline=files[0],
        reconcile=files[1],
        unused_models=settled.unused,
        failed_models=settled.failed,
        imported_modules=settled.imports,
        loaded_on=session.load_on,
    )


def picture(session: Session, subjects: Sequence[Subject]) -> str:
    """The section of migrations/SCHEMA.md that draws the schema."""
    diagram = session.adopt("diagram")
    return diagram.section({one.database.name: diagram.drawn(one.tables, one.dialect()) for one in subjects})  # type: ignore[no-any-return]  # of adopt/


def reconciled(session: Session, app: Flask, subjects: Sequence[Subject]) -> list[RevisionFile | None] | None:
    """The revisions for databases that differ; where there are none, the database that cannot be reconciled is told why."""
    from .reconcile.reconcile import NotReconciled, Reconciler

    try:
        files = Reconciler(session, app, subjects).reconcile()
    except NotReconciled as error:
        error.subject.reconciled = {"not_reconciled": str(error)}
        return None
    return [RevisionFile(*file) if file else None for file in files]
