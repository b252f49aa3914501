"""The text of what is wrong with the project's Python: none found, nothing to install with, versions that do not fit together."""

from __future__ import annotations

from functools import singledispatch

from hooks.base import errors
from hooks.wording.message import NOTHING, message


@singledispatch
def explain_environment(stop: errors.EnvironmentStopped) -> str:
    """The complete message for `stop`."""
    return message(stop.reference, f"{stop}")


@explain_environment.register
def _(stop: errors.NoInterpreter) -> str:
    what = "No Python was found in which Flask and Flask-SQLAlchemy are installed."
    if stop.answer not in ("", "auto"):
        what = f"-d python={stop.answer} names no Python in which Flask and Flask-SQLAlchemy are installed."
    if stop.is_missing:
        what = f"-d python={stop.answer} names no file and no folder that is there."
        todo = "Name the project's Python or virtual environment, and run again:  -d python=..."
        return message(stop.reference, what, todo=[todo])
    return message(
        stop.reference,
        what,
        [f"{one.python} ({one.found_by}): {one.why}" for one in stop.tried],
        todo=["Install the project's dependencies, or name its Python or virtual environment, and run again:  -d python=..."],
    )


@explain_environment.register
def _(stop: errors.FlaskTooOld) -> str:
    return message(
        stop.reference,
        "Flask-Migrate's commands are part of the `flask` command, which Flask has from 0.11 on.",
        [f"{stop.python} has Flask {stop.version}"],
        todo=["Bring the project to a newer Flask, and run again."],
    )


@explain_environment.register
def _(stop: errors.SqlalchemyTooOld) -> str:
    return message(
        stop.reference,
        "The checks compare schemas with SQLAlchemy 1.2 or newer.",
        [f"{stop.python} has SQLAlchemy {stop.version}"],
        todo=["Bring the project to a newer SQLAlchemy, and run again."],
    )


@explain_environment.register
def _(stop: errors.FlaskMigrateTooNew) -> str:
    return message(
        stop.reference,
        f"Flask-Migrate {stop.flask_migrate} is installed in {stop.python}, and its commands fail with Flask {stop.flask}.",
        todo=[f'Install one that works there and run again:  pip install "{stop.wanted}"'],
    )


@explain_environment.register
def _(stop: errors.FlaskMigrateNotFound) -> str:
    flask, migrate, setuptools = (stop.installed[name] for name in ("flask", "flask-migrate", "setuptools"))
    return message(
        stop.reference,
        f"Flask {flask} finds the commands of Flask-Migrate {migrate} by pkg_resources, which setuptools {setuptools} does not"
        f" have, so there is no `flask db` in {stop.python}.",
        todo=[f'Install one that has it and run again:  pip install "{stop.wanted}"'],
    )


@explain_environment.register
def _(stop: errors.NoInstaller) -> str:
    return message(
        stop.reference,
        f"Nothing can install packages for {stop.python}: {stop.why}.",
        todo=["Install what is missing as you do in this project, and run again:", *(f"  {one}" for one in stop.commands)],
    )


@explain_environment.register
def _(stop: errors.InstallFailed) -> str:
    return message(
        stop.reference,
        f"{' and '.join(stop.names)} could not be installed for {stop.python} without changing what is there:",
        stop.lines,
        todo=["Install Flask-Migrate as you do in this project, and run again."],
    )


@explain_environment.register
def _(stop: errors.InstallChanged) -> str:
    return message(
        stop.reference,
        f"Installing Flask-Migrate for {stop.python} would change what is installed there:",
        [f"{name} {before} -> {after or 'gone'}" for name, before, after in stop.changed],
        changed=NOTHING if stop.is_undone else "These packages could not all be put back; the project's files are as they were.",
        todo=["Install Flask-Migrate as you do in this project, and run again."],
    )
