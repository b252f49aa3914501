"""The text of what stopped in the project's own Python because of the databases: how they are configured, what they hold."""

from __future__ import annotations

from collections.abc import Callable

from hooks.base.errors import ProjectFailed
from hooks.base.verified import VerifiedDatabase, titled
from hooks.wording.message import message, shortened


def in_bind(stop: ProjectFailed) -> str:
    """ " of the bind users" where something is told of a bind; nothing for the default database."""
    keys = stop.failed.keys or (None,)
    return "" if None in keys else f" of {titled(keys)}"


def bind_not_configured(stop: ProjectFailed) -> str:
    """A model names a bind that SQLALCHEMY_BINDS has no URL for, so nothing tells where its table is."""
    return message(
        stop.reason,
        "These models name a bind (__bind_key__) that SQLALCHEMY_BINDS has no URL for:",
        shortened(stop.failed.binds),
        todo=["Configure it as where the application runs, and run again."],
    )


def binds_alike(stop: ProjectFailed) -> str:
    """The functions of two binds in a revision would have one name."""
    return message(
        stop.reason,
        "The functions of a revision are named after the binds, and the names of these would be the same:",
        stop.failed.binds,
        todo=["Rename one in SQLALCHEMY_BINDS and in __bind_key__, and run again."],
    )


def table_in_two_binds(stop: ProjectFailed) -> str:
    """Two models, in two binds that are configured to be one database, have one table."""
    return message(
        stop.reason,
        "Two binds lead to one database, and both have a model with a table of this name:",
        shortened(stop.failed.tables),
        todo=["Configure them as two databases, as where the application runs, or take one of the models out, and run again."],
    )


def schemas(stop: ProjectFailed) -> str:
    """Models name a schema, which on MySQL and SQLite is another database."""
    return message(
        stop.reason,
        f"Models of this project name a schema, which on {stop.failed.dialect or 'this server'} is another database; what is"
        " tried on an empty database would reach that one.",
        shortened(stop.failed.tables),
        todo=[
            "Set up migrations by hand: install Flask-Migrate, write  migrate = Migrate(app, db)  where the database is attached,",
            "and run:  flask db init",
        ],
    )


def already_stamped(stop: ProjectFailed) -> str:
    """The existing database names a revision that this project does not have."""
    return message(
        stop.reason,
        f"The existing database {stop.failed.database} is stamped already, with a revision that is not in this project:",
        [f"alembic_version   {stop.failed.revision}"],
        todo=[
            "Find the migrations it belongs to (another branch, another checkout); a second baseline would contradict them.",
            "If they were taken back, take the stamp back too (your tables stay as they are), and run again:",
            "  DELETE FROM alembic_version",
        ],
    )


def scratch_refused(stop: ProjectFailed) -> str:
    """The scratch database is not what a scratch database must be."""
    variable = VerifiedDatabase(name=stop.failed.name).empty_url
    return message(
        stop.reason,
        f"No scratch database{in_bind(stop)} could be used: {stop.failed.message}",
        todo=[f"Name an empty database of the same kind and run again:  {variable}=... copier copy ..."],
    )


def database_locked(stop: ProjectFailed) -> str:
    """Another session keeps the existing database, or a table of it, locked."""
    return message(
        stop.reason,
        f"The existing database {stop.failed.database} could not be read:",
        [stop.failed.message],
        todo=["End that session and run again, or wait longer for it:  MIGRATIONS_LOCK_WAIT_S=600 copier copy ..."],
    )


OF_DATABASES: dict[str, Callable[[ProjectFailed], str]] = {
    "schemas-unsupported": schemas,
    "bind-not-configured": bind_not_configured,
    "binds-alike": binds_alike,
    "table-in-two-binds": table_in_two_binds,
    "already-stamped": already_stamped,
    "database-locked": database_locked,
    "scratch-refused": scratch_refused,
    "no-scratch-database": scratch_refused,
    "not-permitted": scratch_refused,
}
