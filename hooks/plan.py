"""Decide what to do from what was found and what was answered. Pure: nothing is read, run or written here.

Every ambiguity ends here, as an error that names the candidates and the `-d` that settles it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from hooks.detect.files import is_test_file
from hooks.errors import (
    ApplicationNeedsArguments,
    NoApplication,
    NoFlaskSQLAlchemy,
    NotAttached,
    TwoApplications,
    TwoDatabases,
    UnknownApplication,
    UnknownDatabase,
)
from hooks.facts import Answers, App, AppKind, Attachment, CreateAll, CreateAllRole, Database, Project, UriSite
from hooks.flask_app import attached_for_flask, flask_app_to_write, found_by_flask

# What a module that only makes and runs the application is called; any other may do more when it is imported.
ENTRIES = ("wsgi", "app", "application", "main", "run", "server", "autoapp", "asgi")


@dataclass(frozen=True)
class Plan:
    """What will be edited, and which application and `SQLAlchemy` object everything after that works with.

    `attachments` are the places to wire (empty: Flask-Migrate is attached already; `all_attachments` has them all the same);
    `uri_sites` the config values that will follow the variable; `at_attachment`: the variable is read where the database is
    attached instead, since no such value can be edited.
    `caller_decides`: the URL is an argument of the factory, so nothing may come before what a test passes.
    `tests_need_create_all`: the project has tests, none of which makes its tables, so the call at start-up does it for them.
    `flask_app` is what `.flaskenv` must say for `flask` to find the application, None where it does so by itself.
    """

    app: App
    database: Database
    attachments: tuple[Attachment, ...]
    uri_sites: tuple[UriSite, ...]
    at_attachment: bool
    start_up_create_all: tuple[CreateAll, ...]
    kept_create_all: tuple[CreateAll, ...]
    flask_app: str | None
    variable: str
    all_attachments: tuple[Attachment, ...] = ()
    tests_need_create_all: bool = False
    caller_decides: bool = False


def make_plan(project: Project, answers: Answers) -> Plan:
    """Settle the application, the `SQLAlchemy` object and every site to edit.

    Raises:
        RetrofitStopped: one of its subclasses for each thing that is missing or undecided.
    """
    database = choose_database(project, answers)
    attachments = wired_attachments(project, database)
    app = choose_app(project, answers, attachments)
    attachments = tuple([place for place in attachments if place.where.path == app.where.path] or attachments)
    sites = [site for site in project.config.sites if not site.is_test and concerns(site.where.path, app, database, project)]
    follows_already = any(answers.database_url_variable in site.variables for site in sites)
    to_edit = tuple(site for site in sites if answers.database_url_variable not in site.variables)
    start_up = [call for call in project.create_all if call.role is CreateAllRole.START_UP]
    mine = tuple(call for call in start_up if concerns(call.where.path, app, database, project))
    return Plan(
        app=app,
        database=database,
        attachments=() if attached_for_flask(project.existing) else attachments,
        uri_sites=to_edit,
        at_attachment=not to_edit and not follows_already,
        start_up_create_all=mine if answers.create_all == "remove" else (),
        kept_create_all=tuple(call for call in project.create_all if call not in mine or answers.create_all == "keep"),
        flask_app=flask_app_to_write(app, project),
        variable=answers.database_url_variable,
        all_attachments=attachments,
        tests_need_create_all=bool(mine) and tests_need_create_all(project),
    )


def tests_need_create_all(project: Project) -> bool:
    """Whether taking out the call at start-up would leave the project's tests without tables."""
    return any(is_test_file(path) for path in project.files) and not any(
        call.role is CreateAllRole.TEST for call in project.create_all
    )


def choose_database(project: Project, answers: Answers) -> Database:
    """The `SQLAlchemy` object to work with: the named one, or the only one that is attached somewhere outside of tests."""
    everything = [database for database in project.databases if not database.in_tests]
    if not everything:
        raise NoFlaskSQLAlchemy(project.not_flask_sqlalchemy, project.unparsable)
    if answers.db != "auto":
        named = [database for database in everything if answers.db in (database.spec, database.name)]
        if len(named) != 1:
            raise UnknownDatabase(answers.db, everything)
        return named[0]
    attached = {place.database for place in project.attachments if not place.in_tests}
    candidates = [database for database in everything if database.spec in attached] or everything
    if len(candidates) > 1 and answers.app != "auto":
        home = top_folder_of_module(answers.app.partition(":")[0], project)
        candidates = [database for database in candidates if top_folder(database.where.path) == home] or candidates
    if len(candidates) > 1:
        raise TwoDatabases(candidates)
    return candidates[0]


def wired_attachments(project: Project, database: Database) -> tuple[Attachment, ...]:
    """The places that attach `database`, those that only tests or `python module.py` reach left out where there are others."""
    places = [place for place in project.attachments if place.database == database.spec and not place.in_tests]
    if not places:
        last = database.name.rpartition(".")[2]
        places = [
            place
            for place in project.attachments
            if not place.database and not place.in_tests and place.db.rpartition(".")[2] == last
        ]
    if not places:
        raise NotAttached(database)
    return tuple([place for place in places if not place.under_main] or places)


def choose_app(project: Project, answers: Answers, attachments: Sequence[Attachment]) -> App:
    """The application to work with: the named one, the one that the repository itself tells `flask` to run, or the only one."""
    everything = [app for app in project.apps if not app.in_tests]
    if answers.app != "auto":
        return named_app(answers.app, everything)
    if not everything:
        raise NoApplication(project.not_flask_sqlalchemy, project.unparsable)
    for hint in project.hints:
        for app in everything:
            if is_named_by(app, hint.spec):
                return with_arguments_of(app, hint.spec)
    families = related(everything, attachments)
    if len(families) > 1:
        raise TwoApplications([family[0] for family in families])
    best = min(families[0], key=lambda app: preference(app, project))
    if best.required:
        raise ApplicationNeedsArguments(best)
    return best


def named_app(answer: str, candidates: Sequence[App]) -> App:
    """The candidate that `-d app=` names, with the arguments given there."""
    for app in candidates:
        if is_named_by(app, answer):
            return with_arguments_of(app, answer)
    raise UnknownApplication(answer, candidates)


def is_named_by(app: App, spec: str) -> bool:
    """Whether `flask --app spec` would mean `app`; a file stands for its module, a bare module for the names flask tries."""
    module, _, name = spec.partition(":")
    module = module.strip().removesuffix(".py").replace("/", ".").strip(".")
    name = name.partition("(")[0].strip()
    if app.module != module and (app.module, app.name) != (module + ".__init__", name):
        return (module, name) in app.aliases if name else any(alias[0] == module for alias in app.aliases)
    return app.name == name if name else app.name in ("app", "application", "create_app", "make_app")


def with_arguments_of(app: App, spec: str) -> App:
    """`app` with the arguments that `spec` passes, where it passes any."""
    _, paren, rest = spec.partition("(")
    if not paren:
        return app
    return replace(app, arguments=rest.rstrip().removesuffix(")"), required=())


def related(apps: Sequence[App], attachments: Sequence[Attachment]) -> list[list[App]]:
    """Group the candidates into those that are one application under several names, nearest to the database first.

    A factory and the objects made by calling it are one. Of several groups, those that share a folder with an attachment remain,
    if any.
    """
    groups: dict[str, list[App]] = {}
    for app in apps:
        groups.setdefault(identity(app), []).append(app)
    families = list(groups.values())
    if len(families) > 1:
        exact = [
            family
            for family in families
            if any(
                app.where.path == place.where.path and (place.function in (None, app.name) or app.kind is not AppKind.FACTORY)
                for app in family
                for place in attachments
            )
        ]
        families = exact or families
    if len(families) > 1:
        homes = {top_folder(place.where.path) for place in attachments}
        families = [family for family in families if any(top_folder(app.where.path) in homes for app in family)] or families
    return families


def preference(app: App, project: Project) -> tuple[object, ...]:
    """Orders one application's several names: what `flask` finds itself, what needs no argument, the short before the long."""
    return (
        bool(app.required),
        not found_by_flask(app, project),
        {AppKind.FACTORY: 1, AppKind.OBJECT: 0 if app.module.rpartition(".")[2] in ENTRIES else 2, AppKind.WRAPPED: 3}[app.kind],
        len(app.module),
        app.spec,
    )


def concerns(path: str, app: App, database: Database, project: Project) -> bool:
    """Whether a file belongs to the chosen application, and not to the folder of another one in the same tree, however deep."""
    mine = (app.where.path, database.where.path)
    others = [one for one in project.apps if not one.in_tests]
    tops = {top_folder(one.where.path) for one in others} - {top_folder(mine[0]), top_folder(mine[1]), ""}
    folders = {str(PurePosixPath(one.where.path).parent) + "/" for one in others if identity(one) != identity(app)}
    apart = [folder for folder in folders if not any(place.startswith(folder) for place in mine)]
    return top_folder(path) not in tops and not path.startswith(tuple(apart))


def identity(app: App) -> str:
    """What a factory and the objects made by calling it have in common."""
    return app.made_by or app.spec.partition("(")[0]


def top_folder(path: str) -> str:
    """The first folder of a path, "" for a file at the root; a `src` folder does not count."""
    parts = PurePosixPath(path).parts[:-1]
    if parts and parts[0] == "src":
        parts = parts[1:]
    return parts[0] if parts else ""


def top_folder_of_module(module: str, project: Project) -> str:
    """The first folder of the file that holds a dotted module."""
    tail = module.replace(".", "/")
    found = (path for path in project.files if path.removeprefix("src/") in (f"{tail}.py", f"{tail}/__init__.py"))
    return top_folder(next(found, ""))
