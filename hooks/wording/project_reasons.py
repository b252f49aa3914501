"""The text of what stopped in the project's own Python, one function for each reason that `inside/` reports."""

from __future__ import annotations

import re
from collections.abc import Callable

from hooks.base.errors import ProjectFailed
from hooks.base.plural import count
from hooks.environment.install import WITH_PKG_RESOURCES
from hooks.wording.database_reasons import OF_DATABASES, in_bind
from hooks.wording.message import NO_FILE, message, shortened

LAST_LINES = 15
NOTHING_TELLS = "there is no database that could tell whether they are in use"
TRACEBACK = "Traceback (most recent call last):"
# What drivers say of a server that does not run, or is not where the URL says.
OUT_OF_REACH = re.compile(
    r"OperationalError.*(connection refused|could(n't| not) connect|can't connect|timed? ?out|timeout expired"
    r"|could not translate host name|failed to resolve host|unknown (MySQL )?server host|name or service not known)",
    re.IGNORECASE | re.DOTALL,
)

# What is installed under another name than it is imported by.
CALLED_OTHERWISE = {
    "MySQLdb": "mysqlclient",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "decouple": "python-decouple",
    "dotenv": "python-dotenv",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "pkg_resources": f"setuptools{WITH_PKG_RESOURCES}",
    "yaml": "pyyaml",
}


def place(stop: ProjectFailed) -> list[str]:
    """The last line of the user's own code that was running, what it raised, and why the application's other names failed."""
    rows, failed = [], stop.failed
    if failed.path:
        rows.append(f"{failed.path}:{failed.line}   {failed.text}".rstrip())
    said = failed.exception.strip().splitlines()[:6]
    rows += said
    rows += [f"tried as {name}: {why}" for name, why in stop.known.also_tried if not said or not why.startswith(said[0])]
    return rows


def app_failed_to_load(stop: ProjectFailed) -> str:
    """The application raised while it was loaded, as it would for `flask run`."""
    what = "The application could not be loaded; this is its own error:"
    return message(stop.reason, what, place(stop), todo=provide(stop))


def packages_do_not_fit(stop: ProjectFailed) -> str:
    """What the application stands on cannot be imported, mostly for a release that came after the pins of the project."""
    return message(
        stop.reason,
        "A package of the project's Python cannot be imported, so the application does not start there either:",
        place(stop),
        todo=["Install versions that go together, or name the Python in which it does start:  -d python=..."],
    )


def provide(stop: ProjectFailed) -> list[str]:
    """How to give the application what it did not find, with the place where the repository shows an example of it."""
    failed, known = stop.failed, stop.known
    again = "as you do to run the application, and run again"
    if known.folder == "..":
        name = failed.missing_module
        return [f"{name} is this folder: the application is imported from the one above it. Run the command there:  cd .."]
    if known.folder:
        return [f"Run the command in {known.folder}/, from where this module can be imported:  cd {known.folder}"]
    if failed.missing_dialect:
        return [
            "SQLAlchemy 1.4 and newer take no URL that begins with postgres://. Where the application reads it, write:",
            '  url.replace("postgres://", "postgresql://", 1)',
            "Or give it one that begins with postgresql://, and run again.",
        ]
    if failed.missing_variable:
        if not known.examples:
            return [f"Set {failed.missing_variable} {again}."]
        shown = [f"  {one.path}:{one.line}" for one in known.examples]
        return [f"Set {failed.missing_variable} {again}. The repository shows it in:", *shown]
    if known.unset:
        shown = [f"  {where.path}:{where.line}   {name}" for name, where in known.unset]
        return [f"Set the variable of the database {again}. The configuration reads:", *shown]
    if known.own_file:
        path, ignored = known.own_file, known.ignored_by
        why = f", which git ignores ({ignored.path}:{ignored.line}), " if ignored else " "
        if known.template:
            copy = f"  cp {known.template} {path}"
            return [f"Make {path}{why}from the example in the repository, fill it in, and run again:", copy]
        return [f"Create {path}{why}{again}."]
    if known.other_driver:
        return [
            f"From SQLAlchemy 2.1 on, postgresql:// means psycopg; {known.other_driver} is installed. Name it where the URL is:",
            f"  postgresql+{known.other_driver}://...",
            "Or ask for sqlalchemy<2.1 in the project's requirements, install that, and run again.",
        ]
    if failed.missing_module:
        name = CALLED_OTHERWISE.get(failed.missing_module.partition(".")[0], failed.missing_module)
        return [f"Install {name} in the project's environment, or name the right Python:  -d python=..."]
    if failed.missing_file:
        return [f"Create {failed.missing_file} {again}."]
    if OUT_OF_REACH.search(failed.exception):
        return ["Start the server of its database, or have the application read the URL of one that runs, and run again."]
    return ["Make the application load (`flask routes` shows the same error), and run again."]


def app_exits(stop: ProjectFailed) -> str:
    """The application ended the process while it was loaded."""
    output = [line for line in stop.output.splitlines() if line.strip()][-3:]
    todo = ["Set up what it asks for (variables, files), so that `flask routes` works, and run again."]
    return message(
        stop.reason,
        "The application ends the process while it is loaded.",
        [*place(stop), *output],
        todo=provide(stop) if stop.failed.missing_variable else todo,
    )


def app_writes(stop: ProjectFailed) -> str:
    """A write was refused although the application ran on an empty database of its own."""
    return message(
        stop.reason,
        "The application writes to its database while it is loaded, and did not load on an empty one either.",
        place(stop),
        todo=["Move what it writes into a CLI command, and run again."],
    )


def app_drops(stop: ProjectFailed) -> str:
    """Loading the application drops its tables; here that did nothing, under `flask db upgrade` it would."""
    return message(
        stop.reason,
        "The application drops its tables whenever it is loaded, and every `flask db` command loads it.",
        place(stop),
        todo=["Move that into a CLI command or a script of its own, and run again."],
    )


def app_queries(stop: ProjectFailed) -> str:
    """A query found no table, although the application ran on an empty database of its own."""
    return message(
        stop.reason,
        "The application reads its tables while it is loaded; they do not exist, and it does not create them before.",
        place(stop),
        todo=["Create its database as you do to run it, or move the query into a function, and run again."],
    )


def app_has_no_database(stop: ProjectFailed) -> str:
    """The loaded application has no SQLAlchemy object attached: that happens in a function that only `python app.py` calls."""
    return message(
        stop.reason,
        "The application loads, but nothing has attached its SQLAlchemy object by then; `flask` runs no main() and no `__main__`.",
        [*attachment_rows(stop), *place(stop)],
        todo=[
            *attach_for_flask(stop),
            "If `flask` is to run another application, name it:  -d app=module:name",
        ],
    )


def attach_for_flask(stop: ProjectFailed) -> list[str]:
    """How to have the database attached when `flask` imports the application: as lines to paste, where the source tells them."""
    lines = next((one.lines for one in stop.known.attachments if one.lines), ())
    if not lines or stop.known.has_wsgi:
        return ["Attach it where the application is made, or when its module is imported, and run again."]
    return [
        "Make a file wsgi.py of these lines, which `flask` and servers import, commit it, and run again:",
        *(f"  {line}" for line in lines),
    ]


def attachment_rows(stop: ProjectFailed) -> list[str]:
    """Where the source attaches the database, and in which function."""
    places = stop.known.attachments
    rows = [
        (f"{one.where.path}:{one.where.line}", one.where.text, f"in {one.function}()" if one.function else "") for one in places
    ]
    return ["   ".join(filter(None, row)) for row in rows]


def migrate_not_attached(stop: ProjectFailed) -> str:
    """The edit that attaches Flask-Migrate is not on the way that loading takes."""
    return message(
        stop.reason,
        "The application loads, but the place where Flask-Migrate would be attached is not reached by loading it.",
        place(stop),
        todo=["Attach the database where the application is made, or name another application:  -d app=module:name"],
    )


def models_not_loaded(stop: ProjectFailed) -> str:
    """Models of the source are not registered: they are in use, or there is no database to tell whether they are."""
    rows = [f"{model['path']}:{model['line']}   {model['name']}" for model in stop.failed.models]
    if stop.failed.have_tables:
        whys = [f"{row}   {model['exception']}" for row, model in zip(rows, stop.failed.models, strict=True)]
        return message(
            stop.reason,
            "These models have tables in the existing database and cannot be loaded, so the baseline would lack their tables:",
            shortened(whys),
            todo=["Correct that, or delete the models that are no longer in use, and run again."],
        )
    why = "the existing database has none of their tables" if stop.failed.is_looked_up else NOTHING_TELLS
    return message(
        stop.reason,
        f"Loading the application does not import these models, and {why}.",
        shortened(rows),
        todo=["Import their module where the application is made, or remove what is not in use, and run again."],
    )


def foreign_key_leads_nowhere(stop: ProjectFailed) -> str:
    """A model refers to a table that no model has."""
    return message(
        stop.reason,
        "A foreign key of the models leads nowhere; create_all() fails on it as well:",
        [stop.failed.message, *(f"{one['path']}:{one['line']}   class {one['name']}" for one in stop.failed.models)],
        todo=["Have it name a table and a column that are there, and run again."],
    )


def no_models(stop: ProjectFailed) -> str:
    """Nothing describes a schema, neither in the source nor after loading it."""
    tables = stop.failed.tables
    if not tables:
        return message(
            stop.reason,
            "The application has no models, and its database no tables.",
            todo=["Write the first model, and run again."],
        )
    return message(
        stop.reason,
        f"The application has no models for the {count(len(tables), 'table')} of its database, so no baseline can be written:",
        shortened(tables),
        todo=[
            "Write models for them, by hand or with sqlacodegen, and run again; docs/tables-without-models.md shows it all:",
            "  sqlacodegen <the database's URL> > models.py",
        ],
    )


def baseline_differs(stop: ProjectFailed) -> str:
    """The generated baseline does not build what the models say."""
    return message(
        stop.reason,
        f"The generated baseline, run on an empty database, does not build what the models{in_bind(stop)} describe:",
        shortened(stop.failed.differences),
        todo=["This may be a type that Alembic cannot render. Report it with these lines."],
    )


def baseline_does_not_run(stop: ProjectFailed) -> str:
    """The generated baseline fails on an empty database: nearly always a type that this kind of database does not have."""
    return message(
        stop.reason,
        f"The generated baseline{in_bind(stop)} does not run on an empty database of the kind that the application uses:",
        place(stop),
        todo=[
            "If create_all() fails there in the same way, correct the model, and run again. Otherwise report these lines.",
        ],
    )


def baseline_does_not_downgrade(stop: ProjectFailed) -> str:
    """The baseline's downgrade leaves tables behind."""
    return message(
        stop.reason,
        f"The generated baseline{in_bind(stop)} does not take away again all that it builds:",
        shortened(stop.failed.tables),
        todo=["Report these lines, with the models of these tables."],
    )


def connection_refused(stop: ProjectFailed) -> str:
    """While it loads, the application opens a database other than its own."""
    return message(
        stop.reason,
        f"While it is loaded, the application opens another database ({stop.failed.family or 'of unknown kind'})"
        " than the one that it is configured with, and that was not let through.",
        place(stop),
        todo=["Open it where it is used instead of at start-up, and run again."],
    )


def starts_program(stop: ProjectFailed) -> str:
    """While it loads, the application starts a program, which nothing could keep from the existing database."""
    return message(
        stop.reason,
        f"While it is loaded, the application starts a program, which could write to the database: {stop.failed.program}",
        place(stop),
        todo=["Start it where it is needed instead of at start-up, and run again."],
    )


def writes_to_our_pipe(stop: ProjectFailed) -> str:
    """What it writes could be taken for a result."""
    return message(
        stop.reason,
        "While it is loaded, the application, or something that it has started, writes to a pipe of this run:",
        [stop.failed.text],
        todo=["Find what writes to files by number without having opened them (os.write, os.fdopen), and run again."],
    )


def not_a_flask_app(stop: ProjectFailed) -> str:
    """The name leads to something that is not a Flask application."""
    return message(
        stop.reason,
        "What was taken for the application is not a Flask object once it is loaded.",
        place(stop),
        todo=["Name the application as `flask --app` takes it, and run again:  -d app=module:name"],
    )


def reflected(stop: ProjectFailed) -> str:
    """Tables have no columns in the source but those of the database, and the application does not start without them."""
    return message(
        stop.reason,
        "No model describes these tables: the application reads them from its database while it is loaded, and fails without them.",
        [*shortened(stop.known.reflected), *place(stop)],
        todo=["Write models for them (sqlacodegen prints them from a database), take out db.reflect(), and run again."],
    )


def tests_would_follow(stop: ProjectFailed) -> str:
    """No variant of the edits keeps the variable from what the tests build."""
    variable, older = stop.known.variable, stop.known.older
    give = "Give each a SQLALCHEMY_DATABASE_URI of its own, set before the database is attached, and run again."
    read_today = f"To go on with the variable that is read today, and add none:  -d database_url_variable={''.join(older)}"
    return message(
        stop.reason,
        f"With our edits these configurations for tests would use the database that {variable} names; today they do not.\n"
        "Tests that drop or fill tables would do that in this database:",
        shortened(stop.known.following),
        todo=[read_today, "Or g" + give[1:]] if len(older) == 1 else [give],
    )


def timed_out(stop: ProjectFailed) -> str:
    """Loading or checking took too long."""
    return message(
        stop.reason,
        f"The project's Python was still running after {getattr(stop, 'timeout_s', '')} seconds and was ended.",
        last_lines(stop),
        todo=["If the application starts a server or waits for one while it is loaded, guard that, and run again."],
    )


def other_reason(stop: ProjectFailed) -> str:
    """Any reason without a text of its own: all that is known about it."""
    known = [stop.failed.message] if stop.failed.message else []
    return message(
        stop.reason,
        "The checks in the project's own Python failed.",
        [*known, *place(stop), *([] if known or stop.failed.exception else last_lines(stop))],
        todo=["Remove the cause and run again."],
    )


def last_lines(stop: ProjectFailed) -> list[str]:
    """The end of what the project's Python printed, without the first line of tracebacks, which says nothing."""
    lines = [line for line in stop.output.splitlines() if line.strip() and line.strip() != TRACEBACK]
    return lines[-LAST_LINES:]


def elsewhere(stop: ProjectFailed) -> str:
    """`Migrate(...)` was told of another directory, which only running it tells."""
    return message(
        stop.reason,
        f"The application tells Flask-Migrate to keep its migrations in {stop.failed.directory}. Here they have to be\n"
        "in migrations/, where `python -m migrations.adopt` and the make targets look for them.",
        todo=["Take the directory out of Migrate(...), move what is there to migrations/, commit, and run again."],
    )


def database_changed(stop: ProjectFailed) -> str:
    """A database is not what it was before the application was loaded."""
    changes = [tuple(one) for one in stop.failed.changes]
    rows = []
    for database in dict.fromkeys(database for database, _ in changes):
        rows += [f"{database}:", *(f"  {change}" for of, change in changes if of == database)]
    if stop.failed.exception:
        rows.append(f"the application ended with {stop.failed.exception}")
    return message(
        stop.reason,
        "The existing database changed while the application was loaded, though the application was given another one:",
        shortened(rows),
        NO_FILE,
        [
            "Where a colleague or a job has done that, run again. Otherwise code that runs at start-up connects on its own:",
            "move it into a CLI command, look at what it has changed, and run again.",
        ],
    )


def names_another_database(stop: ProjectFailed) -> str:
    """The play database has no login of its own, so a statement that names another database would reach it."""
    name = stop.failed.name or "another database"
    return message(
        stop.reason,
        f"While it is loaded, the application runs a statement that names {name}. It was not sent:\n"
        "its login may not create users, so the empty database that it was given has no login of its own.",
        place(stop),
        todo=["Move it into a CLI command, or let the login create users (CREATE USER), and run again."],
    )


REASONS: dict[str, Callable[[ProjectFailed], str]] = {
    "app-failed-to-load": app_failed_to_load,
    "packages-do-not-fit": packages_do_not_fit,
    "app-exits-while-loading": app_exits,
    "app-writes-while-loading": app_writes,
    "app-queries-while-loading": app_queries,
    "app-drops-tables-while-loading": app_drops,
    "app-has-no-database": app_has_no_database,
    "migrate-not-attached": migrate_not_attached,
    "migrations-elsewhere": elsewhere,
    "baseline-does-not-run": baseline_does_not_run,
    "baseline-does-not-downgrade": baseline_does_not_downgrade,
    "connection-refused": connection_refused,
    "names-another-database": names_another_database,
    "app-starts-program-while-loading": starts_program,
    "app-writes-to-our-pipe": writes_to_our_pipe,
    "not-a-flask-app": not_a_flask_app,
    "tables-reflected": reflected,
    "database-changed": database_changed,
    "tests-would-follow": tests_would_follow,
    "models-not-loaded": models_not_loaded,
    "foreign-key-leads-nowhere": foreign_key_leads_nowhere,
    "no-models": no_models,
    "baseline-differs-from-models": baseline_differs,
    "timed-out": timed_out,
    **OF_DATABASES,
}
