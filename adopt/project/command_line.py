"""The command that is running, as whoever gave it would write it again."""

from __future__ import annotations

import os
import shlex
import sys

from alembic import context

from ..base import redaction

MODULES = {("flask", "__main__.py"): "flask", ("alembic", "__main__.py"): "alembic", ("migrations", "adopt.py"): "migrations.adopt"}
NAMES = {"do_stamp": "stamp", "retrieve_migrations": "migrate"}  # of Alembic's functions, where they are not those of the command
COMMANDS = ("upgrade", "downgrade", "stamp", "migrate", "revision", "check", "current", "merge", "edit")  # of `flask db`


def program() -> list[str]:
    """The words that begin the command of a person at a terminal, or [] where another program uses Alembic."""
    name = os.path.basename(sys.argv[0] or "")
    module = MODULES.get((os.path.basename(os.path.dirname(sys.argv[0] or "")), name))
    if module:
        return ["python", "-m", module]
    name = os.path.splitext(name)[0]  # flask.exe
    return [name] if name in ("flask", "alembic") else []


def is_given() -> bool:
    """Whether a person gave the command, rather than an application that upgrades its database when it starts."""
    words = program()
    return bool(words) and (words[-1] != "flask" or bool(set(COMMANDS) & set(sys.argv[1:])))


def given() -> str:
    """`flask db downgrade base`, `alembic upgrade head`, `python -m migrations.adopt deploy`; secrets are masked.

    Where an application does by itself what a command of `flask db` does, that command.
    """
    words = program()
    if words:
        words = words + sys.argv[1:]
    else:
        environment = getattr(context, "_proxy", None)  # while env.py runs
        running = getattr(environment.context_opts.get("fn"), "__name__", "") if environment else ""
        words = ["flask", "db", NAMES.get(running, running) or "upgrade"]
    return redaction.masked(" ".join(shlex.quote(word) for word in words))
