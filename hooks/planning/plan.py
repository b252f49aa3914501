"""Decide what to do from what was found and what was answered. Pure: nothing is read, run or written here.

Every ambiguity ends here, as an error that names the candidates and the `-d` that settles it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from hooks.base.errors import NoFlaskSQLAlchemy, NotAttached, TwoDatabases, UnknownDatabase
from hooks.base.facts import Answers, App, Attachment, CreateAll, CreateAllRole, Database, FlaskAppHint, Project, UriSite
from hooks.detect.files import is_test_file
from hooks.planning.candidates import candidate_apps, identity, likely_apps, settled_apps, top_folder
from hooks.planning.flask_app import attached_for_flask, flask_app_to_write, said_flask_app
from hooks.planning.postgres_scheme import scheme_for


@dataclass(frozen=True)
class Plan:
    """What will be edited, and which application and `SQLAlchemy` object everything after that works with.

    `attachments` are the places to wire (empty: Flask-Migrate is attached already; `all_attachments` has them all the same);
    `uri_sites` the config values that will follow the variable; `at_attachment`: the variable is read where the database is
    attached instead, since no such value can be edited.
    `caller_decides`: the URL is an argument of the factory, so nothing may come before what a test passes.
    `scheme` is what the line that reads the variable makes of `postgres`, "" where no such URL is to be expected.
    `prefixed` are the variables that give the URL today, where no line names them: Dynaconf's, say.
    `test_sites` are those that configure tests, which never follow it.
    `tests_need_create_all`: the project has tests, none of which makes its tables, so the call at start-up does it for them.
    `flask_app` is what `.flaskenv` must say for `flask` to find the application, None where it does so by itself;
    `said_flask_app` the place where a file that `flask` reads says so already.
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
    said_flask_app: FlaskAppHint | None = None
    test_sites: tuple[UriSite, ...] = ()
    prefixed: tuple[str, ...] = ()
    scheme: str = ""


def make_plans(project: Project, answers: Answers) -> tuple[Plan, ...]:
    """One plan for each name under which the application may be loaded, the likeliest first; there is at least one.

    Raises:
        RetrofitStopped: one of its subclasses for each thing that is missing or undecided.
    """
    database = choose_database(project, answers)
    attachments = wired_attachments(project, answers, database)
    apps = candidate_apps(project, answers, attachments)
    return tuple(plan_for(app, database, attachments, project, answers) for app in apps)


def plan_for(app: App, database: Database, attachments: tuple[Attachment, ...], project: Project, answers: Answers) -> Plan:
    """Settle every site to edit for one application."""
    attachments = tuple([place for place in attachments if place.where.path == app.where.path] or attachments)
    all_sites = [site for site in project.config.sites if concerns(site.where.path, app, database, project)]
    sites = [site for site in all_sites if not site.is_test]
    is_prefixed = answers.database_url_variable in project.config.prefixed
    follows_already = is_prefixed or any(answers.database_url_variable in site.variables for site in sites)
    to_edit = tuple(site for site in sites if not is_prefixed and answers.database_url_variable not in site.variables)
    calls = [call for call in project.create_all if not call.stands_in]  # which goes, or stays, with the one before
    start_up = [call for call in calls if call.role is CreateAllRole.START_UP]
    mine = tuple(call for call in start_up if concerns(call.where.path, app, database, project))
    return Plan(
        app=app,
        database=database,
        attachments=() if attached_for_flask(project.existing, app) else attachments,
        uri_sites=to_edit,
        at_attachment=not to_edit and not follows_already,
        prefixed=() if to_edit or follows_already else project.config.prefixed,
        start_up_create_all=mine if answers.create_all == "remove" else (),
        kept_create_all=tuple(call for call in calls if call not in mine or answers.create_all == "keep"),
        flask_app=flask_app_to_write(app, project),
        variable=answers.database_url_variable,
        all_attachments=attachments,
        tests_need_create_all=bool(mine) and tests_need_create_all(project),
        said_flask_app=said_flask_app(project),
        scheme=scheme_for(project, sites),
        test_sites=tuple(site for site in all_sites if site.is_test and not is_test_file(site.where.path)),
    )


def variable_read_today(plan: Plan) -> str:
    """The one variable that names the whole database wherever the plan would edit; "" where there is none, or more than one."""
    if plan.prefixed:
        return plan.prefixed[0] if len(plan.prefixed) == 1 else ""
    read = {site.variables for site in plan.uri_sites}
    is_whole = len(read) == 1 and not any(site.is_made_up for site in plan.uri_sites)
    (names,) = read if is_whole else ((),)
    return names[0] if len(names) == 1 else ""


def tests_need_create_all(project: Project) -> bool:
    """Whether taking out the call at start-up would leave the project's tests without tables."""
    return project.has_tests and not any(call.role is CreateAllRole.TEST for call in project.create_all)


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
    places = likely_attachments(project, answers)
    attached = {place.database for place in places}
    candidates = [database for database in everything if database.spec in attached] or everything
    if len(candidates) > 1:
        homes = {app.where.path for app in settled_apps(project, answers)[:1]}
        meant = {place.database for place in places if place.where.path in homes}
        candidates = [database for database in candidates if database.spec in meant] or candidates
    if len(candidates) > 1 and answers.app != "auto":
        home = top_folder_of_module(answers.app.partition(":")[0], project)
        candidates = [database for database in candidates if top_folder(database.where.path) == home] or candidates
    if len(candidates) > 1:
        raise TwoDatabases(candidates)
    return candidates[0]


def likely_attachments(project: Project, answers: Answers) -> list[Attachment]:
    """The attachments without those of tests, nor those to an application that only a database uses."""
    unlikely = {(app.where.path, app.name) for app in set(project.apps) - set(likely_apps(project, answers))}
    return [place for place in project.attachments if not place.in_tests and (place.where.path, place.app) not in unlikely]


def wired_attachments(project: Project, answers: Answers, database: Database) -> tuple[Attachment, ...]:
    """The places that attach `database`, those that only tests or `python module.py` reach left out where there are others."""
    likely = likely_attachments(project, answers)
    places = [place for place in likely if place.database == database.spec]
    if not places:
        last = database.name.rpartition(".")[2]
        places = [place for place in likely if not place.database and place.db.rpartition(".")[2] == last]
    if not places:
        raise NotAttached(database)
    return tuple([place for place in places if not place.under_main] or places)


def concerns(path: str, app: App, database: Database, project: Project) -> bool:
    """Whether a file belongs to the chosen application: not to the folder of another one in the same tree, however deep, and
    not to a script that makes both an application and a `SQLAlchemy` object of its own."""
    mine = (app.where.path, database.where.path)
    others = [one for one in project.apps if not one.in_tests]
    is_whole = path in {one.where.path for one in others if identity(one) != identity(app)}
    if is_whole and path not in mine and any(one.where.path == path for one in project.databases):
        return False
    tops = {top_folder(one.where.path) for one in others} - {top_folder(mine[0]), top_folder(mine[1]), ""}
    folders = {str(PurePosixPath(one.where.path).parent) + "/" for one in others if identity(one) != identity(app)}
    apart = [folder for folder in folders if not any(place.startswith(folder) for place in mine)]
    return top_folder(path) not in tops and not path.startswith(tuple(apart))


def top_folder_of_module(module: str, project: Project) -> str:
    """The first folder of the file that holds a dotted module."""
    tail = module.replace(".", "/")
    found = (path for path in project.files if path.removeprefix("src/") in (f"{tail}.py", f"{tail}/__init__.py"))
    return top_folder(next(found, ""))
