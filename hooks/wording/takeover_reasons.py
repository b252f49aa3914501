"""The text of why what `flask db init` has set up was not taken over."""

from __future__ import annotations

import posixpath
from functools import singledispatch

from hooks.base import takeover_errors
from hooks.wording.message import message, places


@singledispatch
def explain_takeover(stop: takeover_errors.TakeoverStopped) -> str:
    """The complete message for `stop`."""
    return message(stop.reference, f"{stop}")


@explain_takeover.register
def _(stop: takeover_errors.MigrationsElsewhere) -> str:
    folder = posixpath.dirname(stop.directory)
    todo = ["Move them, commit, and run again; `flask db` is run here, and not in a folder of this one, from then on:"]
    if stop.told:
        todo = ["Move them, take the directory out of Migrate(...), commit, and run again:"]
    if stop.directed:
        calls = "Migrate(...) and of the calls above" if stop.told else "the calls above"
        todo = [f"Move them, take the directory out of {calls}, commit, and run again:"]
    todo.append(f"  git mv {stop.directory} migrations")
    if stop.directed and folder:
        todo.append(
            f"Where {folder}/ is installed as a package that upgrades its database itself, leave them: a wheel has no migrations/."
        )
    if stop.is_of_app and not stop.told:
        todo = [f"The application is imported from {folder}/, and `flask db` was run there. Run the command there:  cd {folder}"]
    return message(
        stop.reference,
        f"Flask-Migrate keeps the migrations of this project in {stop.directory}/. Here they have to be in migrations/, where\n"
        "`python -m migrations.adopt` and the make targets look for them.",
        [f"{stop.directory}/env.py", *places([*(stop.told or stop.places), *stop.directed])],
        todo=todo,
    )


@explain_takeover.register
def _(stop: takeover_errors.OptionInEnv) -> str:
    said = ", ".join(f"{option.name}={option.value}" for option in stop.options)
    return message(
        stop.reference,
        "migrations/env.py says by itself where the database is stamped. It would be replaced by one that does not know:",
        places([*(option.where for option in stop.options), *stop.places]),
        todo=["Say it where Flask-Migrate is made, take it out of env.py, commit, and run again:", f"  Migrate(..., {said})"],
    )
