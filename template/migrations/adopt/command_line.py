"""The command that is running, as whoever gave it would write it again."""

import os
import shlex
import sys

from alembic import context

from .urls import hide_password

MODULES = {("flask", "__main__.py"): "flask", ("alembic", "__main__.py"): "alembic", ("adopt", "__main__.py"): "migrations.adopt"}
NAMES = {"do_stamp": "stamp", "retrieve_migrations": "migrate"}  # of Alembic's functions, where they are not those of the command


def given():
    """`flask db downgrade base`, `alembic upgrade head`, `python -m migrations.adopt deploy`; passwords are hidden.

    Where an application does by itself what a command of `flask db` does, that command.
    """
    program, arguments = os.path.basename(sys.argv[0] or ""), sys.argv[1:]
    module = MODULES.get((os.path.basename(os.path.dirname(sys.argv[0] or "")), program))
    if module:
        words = ["python", "-m", module] + arguments
    elif os.path.splitext(program)[0] in ("flask", "alembic"):  # flask.exe
        words = [os.path.splitext(program)[0]] + arguments
    else:
        environment = getattr(context, "_proxy", None)  # while env.py runs
        running = getattr(environment.context_opts.get("fn"), "__name__", "") if environment else ""
        words = ["flask", "db", NAMES.get(running, running) or "upgrade"]
    return hide_password(" ".join(shlex.quote(word) for word in words))
