"""Keep a loading app from starting servers, leaving the process, or opening a browser.

`app.run()` at module level, `socketio.run`, `waitress.serve` and their kind return at once; `os._exit` becomes a SystemExit, which
names its place. Programs that could write to a database on their own (another Python, `flask`, `psql`) are not started.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from adopt.base.types import AnyPath

    from ..base.types import Command


SERVERS = {
    "flask": ["Flask.run"],
    "werkzeug.serving": ["run_simple", "BaseWSGIServer.serve_forever"],
    "flask_socketio": ["SocketIO.run"],
    "waitress": ["serve"],
    "gevent.pywsgi": ["WSGIServer.serve_forever"],
    "eventlet.wsgi": ["server"],
    "uvicorn": ["run"],
    "bjoern": ["run"],
    "cheroot.wsgi": ["Server.start"],
    "tornado.ioloop": ["IOLoop.start"],
    "flask_script": ["Manager.run"],
    "wsgiref.simple_server": ["WSGIServer.serve_forever"],
    "webbrowser": ["open", "open_new", "open_new_tab"],
}

DATABASE_PROGRAMS = re.compile(
    r"(python[\d.]*|pypy[\d.]*|flask|alembic|gunicorn|uwsgi|celery|psql|pg_restore|createdb|dropdb|mysql|mariadb|mysqladmin|sqlite3)(\.exe)?"
)


class ProgramRefused(Exception):
    """The app starts a program while it loads that could reach a database."""


class ExitRequested(SystemExit):
    """The app called `os._exit` while it loads."""


def patches() -> dict[str, Callable[[ModuleType], None]]:
    """What to patch on import, for `PatchOnImport`."""

    def patch_with(names: Sequence[str]) -> Callable[[ModuleType], None]:
        def patch(module: ModuleType) -> None:
            for dotted in names:
                owner: Any = module
                *parents, name = dotted.split(".")
                for parent in parents:
                    owner = getattr(owner, parent, None)
                if hasattr(owner, name):
                    setattr(owner, name, not_started)

        return patch

    return {module: patch_with(names) for module, names in SERVERS.items()}


def not_started(*args: object, **kwargs: object) -> None:
    """In the place of a server's run method: it returns at once."""


def install() -> None:
    """Patch what every Python has: `os._exit` and the starting of programs."""
    owner = os.getpid()
    leave = os._exit

    def _exit(status: int) -> NoReturn:
        if os.getpid() != owner:  # a forked child ends as it always does
            leave(status)
        raise ExitRequested(status)

    os._exit = _exit
    start, system = subprocess.Popen.__init__, os.system

    def checked_start(self: subprocess.Popen[Any], args: Command, *rest: Any, **kwargs: Any) -> None:
        refuse_database_program(args)
        return start(self, args, *rest, **kwargs)

    def checked_system(command: AnyPath) -> int:
        refuse_database_program(command)
        return system(command)

    subprocess.Popen.__init__ = checked_start  # type: ignore[method-assign]  # on purpose
    os.system = checked_system


def refuse_database_program(args: Command) -> None:
    """Raise ProgramRefused for a command line that names one of DATABASE_PROGRAMS as its program."""
    if isinstance(args, (str, bytes, os.PathLike)):
        programs = [part.split()[0] for part in re.split(r"[;&|()\n]+", os.fsdecode(args)) if part.split()]
    else:
        programs = [os.fsdecode(word) for word in list(args)[:1]]
    for program in programs:
        name = os.path.basename(program.strip("'\""))
        if DATABASE_PROGRAMS.fullmatch(name):
            raise ProgramRefused(name)
