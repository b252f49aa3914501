"""The text of every reason to stop, in one shape: reference; what happened; evidence; what changed; what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import singledispatch

from hooks.base import errors, takeover_errors, update_errors
from hooks.base.facts import App, Ending
from hooks.base.location import Location
from hooks.wording.message import NO_FILE, NOTHING, Message, left, message, places, shortened
from hooks.worktree.run_lock import AlreadyRunning


def explain(stop: errors.RetrofitStopped, look: Callable[[], Ending] = Ending) -> str:
    """The complete message for `stop`, without a final newline; `look` is asked where it would say that nothing was changed."""
    text = _text(stop)
    if isinstance(text, Message) and text.changed in (NOTHING, NO_FILE):
        return text.saying(left(look(), text.changed))
    return text


@singledispatch
def _text(stop: errors.RetrofitStopped) -> str:
    return message(stop.reference, f"{stop}")


@_text.register
def _(stop: AlreadyRunning) -> str:
    words = "Another run of this template is at work in this project; it has locked this file:"
    todo = "Wait for its end, or end it, and run again: what it had begun is then undone or finished."
    return message(stop.reference, words, [str(stop.lock)], todo=[todo])


ALREADY = "This project already has migrations; a second baseline would contradict them. There is nothing to add."
OTHER_TOOL = "To change over to Flask-Migrate, take the extension and its migrations out of the project, and run again."


@_text.register
def _(stop: errors.AlreadyMigrated) -> str:
    if not stop.directory:
        what = "Another extension keeps the migrations of this project."
        return message(stop.reference, what, places(stop.attached), todo=[ALREADY, OTHER_TOOL])
    shown = [f"{stop.directory}/{path}" if "/" not in path else path for path in shortened(stop.revisions)]
    program = "flask db" if stop.attached or stop.directory == "migrations" else "alembic"
    return message(
        stop.reference,
        f"{stop.directory}/ is an Alembic directory already" + (", with revisions." if stop.revisions else "."),
        [*shown, *places(stop.attached)],
        todo=[
            ALREADY,
            f"To see where its database stands, run:  {program} current",
        ],
    )


@_text.register
def _(stop: errors.NoApplication) -> str:
    is_quart = any("Quart" in place.text for place in stop.seen)
    quart = ["Quart is another framework, for which Flask-Migrate is not made; Alembic works without it:  alembic init migrations"]
    return message(
        stop.reference,
        "No Flask application was found: nothing here calls Flask(...), or a subclass of it.",
        [*places(stop.seen), *unparsable(stop.unparsable)],
        todo=[
            *make_parsable(stop.unparsable),
            *(quart if is_quart else ()),
            "If the application is in a subfolder, run the command there.",
            "If another package makes it, name it as `flask --app` would:  -d app=package.module:create_app",
        ],
    )


@_text.register
def _(stop: errors.NoFlaskSQLAlchemy) -> str:
    return message(
        stop.reference,
        "No SQLAlchemy object of Flask-SQLAlchemy was found, and Flask-Migrate works with Flask-SQLAlchemy only.",
        [*places(stop.seen), *unparsable(stop.unparsable)],
        todo=[
            *make_parsable(stop.unparsable),
            "If the application is in a subfolder, run the command there.",
            "With plain SQLAlchemy, use Alembic itself:  alembic init migrations",
        ],
    )


def unparsable(locations: Sequence[Location]) -> list[str]:
    """Files that could not be read as Python 3, since the answer may be in one of them."""
    return [f"{place.path}:{place.line}   cannot be read as Python 3 in UTF-8" for place in locations]


def make_parsable(locations: Sequence[Location]) -> list[str]:
    """What to do where the answer may be in files that could not be read."""
    return (
        ["If it is in what cannot be read, make that Python 3 in UTF-8, check with `flask routes`, and run again."]
        if locations
        else []
    )


@_text.register
def _(stop: errors.TwoApplications) -> str:
    return message(
        stop.reference,
        f"{number_word(len(stop.candidates))} Flask applications were found, so it is unclear which one gets migrations.",
        app_rows(stop.candidates),
        todo=[f"Name the one you want and run again:  -d app={stop.candidates[0].spec}"],
    )


@_text.register
def _(stop: errors.UnknownApplication) -> str:
    return message(
        stop.reference,
        f"-d app={stop.answer} names no Flask application of this project.",
        app_rows(stop.candidates) or ["none was found"],
        todo=["Name it as `flask --app` takes it, module:name, and run again."],
    )


def app_rows(candidates: Sequence[App]) -> list[str]:
    """One row per application: its place, its line, and how to name it."""
    rows = places(app.where for app in candidates)
    width = max((len(row) for row in rows), default=0)
    return [f"{row:<{width}}   -d app={app.spec}" for row, app in zip(rows, candidates, strict=True)]


@_text.register
def _(stop: errors.ApplicationNeedsArguments) -> str:
    return message(
        stop.reference,
        f"The factory {stop.app.name} has parameters without a default, and nothing in the project shows what to pass: "
        + ", ".join(stop.app.required)
        + ".",
        places([stop.app.where]),
        todo=[
            f"Say it as `flask --app` takes it and run again:  -d app=\"{stop.app.module}:{stop.app.name}('...')\"",
            f"Where it takes more than literals, commit a wsgi.py:  from {stop.app.module} import {stop.app.name};"
            f" app = {stop.app.name}(...)",
        ],
    )


@_text.register
def _(stop: errors.TwoDatabases) -> str:
    rows = places(database.where for database in stop.candidates)
    width = max(len(row) for row in rows)
    return message(
        stop.reference,
        f"{number_word(len(stop.candidates))} SQLAlchemy objects were found, so it is unclear which one gets migrations.",
        [f"{row:<{width}}   -d db={database.spec}" for row, database in zip(rows, stop.candidates, strict=True)],
        todo=[f"Name the one you want and run again:  -d db={stop.candidates[0].spec}"],
    )


@_text.register
def _(stop: errors.VariablesDiffer) -> str:
    both = [place for pair in stop.pairs for place in pair]
    older = stop.pairs[0][1].text
    return message(
        stop.reference,
        f"{stop.variable} would come before {older}, and where both are set they name different databases:",
        [f"{place.path}:{place.line}   {place.text}" if place.line else f"{place.path}   {place.text}" for place in both],
        todo=[
            f"Set both to one URL, or take {stop.variable} out there, and run again.",
            f"To go on with the variable that is read today, and add none:  -d database_url_variable={older}",
        ],
    )


@_text.register
def _(stop: errors.UnknownDatabase) -> str:
    return message(
        stop.reference,
        f"-d db={stop.answer} names no SQLAlchemy object of this project.",
        places(database.where for database in stop.candidates),
        todo=[f"Name one of these and run again:  -d db={stop.candidates[0].spec}"],
    )


@_text.register
def _(stop: errors.NotAttached) -> str:
    return message(
        stop.reference,
        f"The SQLAlchemy object {stop.database.name} is created, and nothing attaches it to an application.",
        places([stop.database.where]),
        todo=[f"Call {stop.database.name}.init_app(app) where the application is made, and run again."],
    )


@_text.register
def _(stop: errors.CannotEdit) -> str:
    return message(
        stop.reference,
        f"{stop.where.path} cannot be edited safely: {stop.why}.",
        places([stop.where]),
        todo=["Add these lines by hand, commit, and run again:", *(f"  {line}" for line in stop.lines.splitlines())],
    )


@_text.register
def _(stop: errors.UnsafeEdit) -> str:
    return message(
        stop.reference,
        f"The edits of {stop.path} are not what was planned, so none was made: {stop.why}.",
        places([stop.where]),
        todo=["Report these lines, with the code around that place, where you have the template from."],
    )


@_text.register
def _(stop: errors.CannotParse) -> str:
    return message(
        stop.reference,
        f"{stop.where.path} has to change, and it cannot be read: {stop.why}.",
        places([stop.where]),
        todo=["Make it Python 3 in UTF-8, and run again."],
    )


@_text.register
def _(stop: errors.Unexpected) -> str:
    return message(
        stop.reference,
        "This template made a mistake; it is not your project's.",
        [stop.what, stop.place],
        todo=["Report these lines, with the shape of your application, where you have the template from."],
    )


@_text.register
def _(stop: errors.DatabaseDiffers) -> str:
    several = len(stop.databases) > 1
    rows = []
    for database in stop.databases:
        rows += [f"{database.title}, {database.database}"] * several
        rows += database.drift
        if database.not_reconciled:
            rows.append(f"no revision could be proven that goes from there to the models: {database.not_reconciled}")
    which = f"{number_word(len(stop.databases)).lower()} existing databases" if several else "the existing database"
    unstamped = "no database was stamped" if stop.is_one_of_several else "the database was not stamped"
    return message(
        stop.reference,
        f"The baseline does not describe {which}" + (":" if several else f" {stop.databases[0].database}:"),
        rows,
        changed=f"The code is edited and the baseline written; {unstamped}.",
        todo=[
            "If the models are right, change the database, then verify and stamp it:  python -m migrations.adopt",
            "If the database is right, change the models, delete the baseline, and run again:  -d allow_dirty=true",
        ],
    )


@_text.register
def _(stop: errors.StampFailed) -> str:
    changed = "The code is edited and the baseline written; the database was not stamped."
    if stop.stamped:
        changed += "\n  Stamped before it, and that is true: " + ", ".join(stop.stamped)
    return message(
        stop.reference,
        f"Every check passed, and the stamp could not be written to {stop.database}:",
        [stop.failed.message or stop.failed.reason],
        changed=changed,
        todo=["When the cause is removed, run:  python -m migrations.adopt"],
    )


@_text.register
def _(stop: errors.WorktreeStopped) -> str:
    from hooks.wording.worktree_reasons import explain_worktree

    return explain_worktree(stop)


@_text.register
def _(stop: errors.EnvironmentStopped) -> str:
    from hooks.wording.environment_reasons import explain_environment

    return explain_environment(stop)


@_text.register
def _(stop: takeover_errors.TakeoverStopped) -> str:
    from hooks.wording.takeover_reasons import explain_takeover

    return explain_takeover(stop)


@_text.register
def _(stop: update_errors.UpdateStopped) -> str:
    from hooks.wording.update_reasons import explain_update

    return explain_update(stop)


@_text.register
def _(stop: errors.ProjectFailed) -> str:
    from hooks.wording.project_reasons import REASONS, other_reason

    worded: Callable[[errors.ProjectFailed], str] = REASONS.get(stop.reason, other_reason)
    return worded(stop)


def number_word(number: int) -> str:
    """Small numbers as words, at the start of a sentence."""
    return {2: "Two", 3: "Three", 4: "Four", 5: "Five"}.get(number, str(number))
