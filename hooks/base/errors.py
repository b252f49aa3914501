"""Every reason to stop, one class each. They carry facts; `wording/` alone turns them into text.

RetrofitStopped             exit status 1; nothing was changed, unless the class says otherwise
  WorktreeStopped           the tree cannot be written, or put back: see `worktree_errors.py`
  AlreadyMigrated           Flask-Migrate or Alembic keeps revisions here already
  NoApplication             nothing in the source makes a Flask application
  NoFlaskSQLAlchemy         there is no SQLAlchemy object of Flask-SQLAlchemy
  TwoApplications           several applications, none named
  UnknownApplication        -d app= names none that the source defines
  ApplicationNeedsArguments a factory has parameters without a default, and nothing tells what to pass
  TwoDatabases              several SQLAlchemy objects, none named
  UnknownDatabase           -d db= names none that the source creates
  VariablesDiffer           the environment or a file gives the new variable another URL than the one that is read today
  NotAttached               the SQLAlchemy object is created, and attached nowhere
  CannotEdit                a place that has to change cannot be edited safely
  UnsafeEdit                the syntax-tree check found that an edit would do something else than planned
  CannotParse               a file that has to change is not Python 3 in UTF-8
  EnvironmentStopped        the project's Python cannot be used as it is
    NoInterpreter           no Python has both Flask and Flask-SQLAlchemy
    FlaskTooOld             Flask has no `flask` command there
    SqlalchemyTooOld        SQLAlchemy is older than those whose schemas can be compared
    FlaskMigrateTooNew      the installed Flask-Migrate does not work with the installed Flask
    FlaskMigrateNotFound    the installed Flask cannot find the commands of the installed Flask-Migrate
    NoInstaller             nothing can install packages there
    InstallFailed           the installer failed, or what it installed does not work
    InstallChanged          it changed the version of something that was there
  Unexpected                a mistake of this template; `__cause__` is the exception
  ProjectFailed             what happened in the project's own Python; `reason` is its reference
    ScriptTimedOut          it said nothing for too long and was ended
    ScriptDied              it ended without saying why
  DatabaseDiffers           changed: code and baseline are kept, the database is not stamped
  StampFailed               changed: code and baseline are kept, the database is not stamped
  UpdateStopped             after `copier update`: see `update_errors.py`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from hooks.base.facts import App, Attachment, Database, Tried
from hooks.base.location import Location
from hooks.base.verified import VerifiedDatabase
from hooks.inside.base.messages import Failed


class RetrofitStopped(Exception):
    """The retrofit ends here, for a reason that the user can act on.

    `reference` is the short stable name of the reason, shown after "error: "; `keeps_changes` says that the edits stay.
    """

    reference: ClassVar[str] = "stopped"
    keeps_changes: ClassVar[bool] = False


class AlreadyMigrated(RetrofitStopped):
    """An Alembic directory exists: `directory` with its revisions; "" where another extension, `attached`, keeps migrations."""

    reference = "already-migrated"

    def __init__(self, directory: str, revisions: Sequence[str], attached: Sequence[Location]) -> None:
        super().__init__(directory)
        self.directory, self.revisions, self.attached = directory, tuple(revisions), tuple(attached)


class NoApplication(RetrofitStopped):
    """No Flask application was found; `seen` is what came nearest (Quart, Python 2 files that cannot be parsed)."""

    reference = "no-app"

    def __init__(self, seen: Sequence[Location] = (), unparsable: Sequence[Location] = ()) -> None:
        super().__init__("no Flask application")
        self.seen, self.unparsable = tuple(seen), tuple(unparsable)


class NoFlaskSQLAlchemy(RetrofitStopped):
    """No `SQLAlchemy` object of Flask-SQLAlchemy was found; `seen` is what was found in its place."""

    reference = "no-flask-sqlalchemy"

    def __init__(self, seen: Sequence[Location] = (), unparsable: Sequence[Location] = ()) -> None:
        super().__init__("no Flask-SQLAlchemy")
        self.seen, self.unparsable = tuple(seen), tuple(unparsable)


class TwoApplications(RetrofitStopped):
    """Several applications are equally likely."""

    reference = "two-apps"

    def __init__(self, candidates: Sequence[App]) -> None:
        super().__init__(", ".join(app.spec for app in candidates))
        self.candidates = tuple(candidates)


class UnknownApplication(RetrofitStopped):
    """`-d app=` names something that the source does not define."""

    reference = "unknown-app"

    def __init__(self, answer: str, candidates: Sequence[App]) -> None:
        super().__init__(answer)
        self.answer, self.candidates = answer, tuple(candidates)


class ApplicationNeedsArguments(RetrofitStopped):
    """The factory cannot be called by `flask`: parameters without a default, and no call in the project to learn from."""

    reference = "app-needs-arguments"

    def __init__(self, app: App) -> None:
        super().__init__(app.spec)
        self.app = app


class TwoDatabases(RetrofitStopped):
    """Several SQLAlchemy objects are equally likely."""

    reference = "two-dbs"

    def __init__(self, candidates: Sequence[Database]) -> None:
        super().__init__(", ".join(database.spec for database in candidates))
        self.candidates = tuple(candidates)


class VariablesDiffer(RetrofitStopped):
    """Where `variable` and one that is read today are set side by side, they name different databases.

    `pairs` are their places; the environment is a place of line 0. No value is among the facts: it may hold a password.
    """

    reference = "variables-differ"

    def __init__(self, variable: str, pairs: Sequence[tuple[Location, Location]]) -> None:
        super().__init__(", ".join(dict.fromkeys(place.path for place, _ in pairs)))
        self.variable = variable
        self.pairs = tuple(pairs)


class UnknownDatabase(RetrofitStopped):
    """`-d db=` names something that the source does not create."""

    reference = "unknown-db"

    def __init__(self, answer: str, candidates: Sequence[Database]) -> None:
        super().__init__(answer)
        self.answer, self.candidates = answer, tuple(candidates)


class NotAttached(RetrofitStopped):
    """Nothing attaches the SQLAlchemy object to an application."""

    reference = "db-not-attached"

    def __init__(self, database: Database) -> None:
        super().__init__(database.spec)
        self.database = database


class CannotEdit(RetrofitStopped):
    """A place cannot be edited safely; `lines` are what to add there by hand, as a diff with this project's names."""

    reference = "cannot-edit"

    def __init__(self, where: Location, why: str, lines: str) -> None:
        super().__init__(f"{where.path}:{where.line}")
        self.where, self.why, self.lines = where, why, lines


class UnsafeEdit(RetrofitStopped):
    """The edits of a file do not add up: overlapping, or what they make is not the old tree plus what was planned."""

    reference = "unsafe-edit"

    def __init__(self, path: str, where: Location, why: str) -> None:
        super().__init__(f"{where.path}:{where.line}: {why}")
        self.path, self.where, self.why = path, where, why


class CannotParse(RetrofitStopped):
    """A file that has to change is not Python that can be parsed, or not UTF-8."""

    reference = "cannot-parse"

    def __init__(self, where: Location, why: str) -> None:
        super().__init__(f"{where.path}:{where.line}")
        self.where, self.why = where, why


class WorktreeStopped(RetrofitStopped):
    """The working tree cannot be written as it has to be, or is not what it was."""


class EnvironmentStopped(RetrofitStopped):
    """The project's Python cannot be used as it is."""


class NoInterpreter(EnvironmentStopped):
    """No Python was found in which Flask and Flask-SQLAlchemy are installed; `answer` is what `-d python=` said.

    `is_missing` is whether nothing is there.
    """

    reference = "no-python"

    def __init__(self, answer: str, tried: Sequence[Tried], *, is_missing: bool = False) -> None:
        super().__init__(answer)
        self.answer, self.tried, self.is_missing = answer, tuple(tried), is_missing


class FlaskTooOld(EnvironmentStopped):
    """The project's Flask is older than its `flask` command, of which `flask db` is a part."""

    reference = "flask-too-old"

    def __init__(self, python: str, version: str) -> None:
        super().__init__(version)
        self.python, self.version = python, version


class SqlalchemyTooOld(EnvironmentStopped):
    """The project's SQLAlchemy is older than the first that the checks know."""

    reference = "sqlalchemy-too-old"

    def __init__(self, python: str, version: str) -> None:
        super().__init__(version)
        self.python, self.version = python, version


class FlaskMigrateTooNew(EnvironmentStopped):
    """The Flask-Migrate that is installed there does not work with the Flask that is; `wanted` is what would."""

    reference = "flask-migrate-too-new"

    def __init__(self, python: str, flask: str, flask_migrate: str, wanted: str) -> None:
        super().__init__(flask_migrate)
        self.python, self.flask, self.flask_migrate, self.wanted = python, flask, flask_migrate, wanted


class FlaskMigrateNotFound(EnvironmentStopped):
    """Flask there looks for `flask db` by pkg_resources, which its setuptools has no more; `wanted` is one that has it."""

    reference = "flask-migrate-not-found"

    def __init__(self, python: str, installed: Mapping[str, str], wanted: str) -> None:
        super().__init__(python)
        self.python, self.installed, self.wanted = python, dict(installed), wanted


class NoInstaller(EnvironmentStopped):
    """Nothing can install packages in that Python: `why`; `commands` are what to run by hand."""

    reference = "no-installer"

    def __init__(self, python: str, why: str, commands: Sequence[str]) -> None:
        super().__init__(python)
        self.python, self.why, self.commands = python, why, tuple(commands)


class InstallFailed(EnvironmentStopped):
    """`names` could not be installed; `lines` are the last that the installer (or the import of what it installed) said."""

    reference = "install-failed"

    def __init__(self, names: Sequence[str], python: str, lines: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names, self.python, self.lines = tuple(names), python, tuple(lines)


class InstallChanged(EnvironmentStopped):
    """Installing changed what was there: name, version before, version after (None: gone). `is_undone`: it was put back."""

    reference = "install-changed"

    def __init__(self, python: str, changed: Sequence[tuple[str, str, str | None]], *, is_undone: bool) -> None:
        super().__init__(", ".join(name for name, _, _ in changed))
        self.python, self.changed, self.is_undone = python, tuple(changed), is_undone


class Unexpected(RetrofitStopped):
    """A mistake of this template, not of the project: `place` is where in its own code, `what` the exception."""

    reference = "unexpected"

    def __init__(self, what: str, place: str) -> None:
        super().__init__(what)
        self.what, self.place = what, place


def said_once(output: str) -> str:
    """What an application prints, whose last lines are there again each time it is loaded."""
    lines = output.splitlines()
    size = len(lines) // 2
    while size:
        if lines[-size:] == lines[-2 * size : -size]:
            del lines[-size:]
            size = len(lines) // 2
        else:
            size -= 1
    return "\n".join(lines)


@dataclass(frozen=True)
class Circumstances:
    """What the source tells about a failure in the project's own Python.

    `attachments` are the places that attach the database; `folder` where the application's module is, ".." for the one above.
    `examples` show the missing variable; `own_file` is the missing file of the project's, `template` what it is copied from,
    `ignored_by` the line that makes git ignore it. `other_driver` is installed in the place of the missing one. `also_tried` are
    (name of the application, why it failed). `following` are configurations for tests that would use the database of `variable`,
    beside the `older` ones that are read today. `unset` are variables that the configuration reads and that are not set, with the
    places.
    """

    attachments: tuple[Attachment, ...] = ()
    has_wsgi: bool = False
    folder: str = ""
    examples: tuple[Location, ...] = ()
    own_file: str = ""
    template: str | None = None
    ignored_by: Location | None = None
    other_driver: str = ""
    also_tried: tuple[tuple[str, str], ...] = ()
    variable: str = ""
    older: tuple[str, ...] = ()
    unset: tuple[tuple[str, Location], ...] = ()
    following: tuple[str, ...] = ()
    reflected: tuple[str, ...] = ()


NOTHING_KNOWN = Circumstances()


class ProjectFailed(RetrofitStopped):
    """Something stopped in the project's own Python; `failed` is what that Python reported."""

    reference = "project-failed"

    def __init__(self, failed: Failed, output: str = "", known: Circumstances = NOTHING_KNOWN) -> None:
        super().__init__(failed.reason)
        self.reason, self.failed, self.output, self.known = failed.reason, failed, said_once(output), known


class ScriptTimedOut(ProjectFailed):
    """The project's Python told nothing for `timeout_s` wall-clock seconds, and was ended with all that it had started."""

    def __init__(self, timeout_s: float, output: str) -> None:
        super().__init__(Failed("timed-out"), output)
        self.timeout_s = round(timeout_s)


class ScriptDied(ProjectFailed):
    """The project's Python ended without telling why; a negative status is the number of the signal that ended it."""

    def __init__(self, status: int, output: str) -> None:
        super().__init__(Failed("script-died", status=str(status)), output)


class DatabaseDiffers(RetrofitStopped):
    """Existing databases are not what the baseline builds, and a second revision was not asked for, or could not be proven."""

    reference = "database-differs"
    keeps_changes = True

    def __init__(self, databases: Sequence[VerifiedDatabase]) -> None:
        super().__init__(", ".join(one.database for one in databases))
        self.databases, self.is_one_of_several = tuple(one for one in databases if one.differs), len(databases) > 1


class StampFailed(RetrofitStopped):
    """Every check passed, and the stamp could not be written or read back; `stamped` are the databases that have theirs already."""

    reference = "stamp-failed"
    keeps_changes = True

    def __init__(self, failed: Failed, stamped: Sequence[str] = ()) -> None:
        super().__init__(failed.database)
        self.database, self.failed, self.stamped = failed.database, failed, tuple(stamped)


class EndedEarly(Exception):
    """Somebody wants it so: what Copier has rendered and what was installed goes again, and the exit status is 0."""

    result = ""


class Planned(EndedEarly):
    """`-d mode=plan`, and all is shown."""

    result = "planned"


class Declined(EndedEarly):
    """Somebody looked at the diff, or at the candidates, and said no."""

    result = "declined"
