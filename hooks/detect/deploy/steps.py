"""What a command does to the migrations or the database, told from its words alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hooks.base.deploy_facts import Does, Place, Step
from hooks.base.location import Location
from hooks.detect.deploy.creators import Creators
from hooks.detect.deploy.ran import Ran

OF_FLASK_MIGRATE = {"init": Does.INIT, "migrate": Does.MIGRATE, "upgrade": Does.UPGRADE, "stamp": Does.STAMP}
SERVERS = frozenset({"gunicorn", "uwsgi", "waitress-serve", "hypercorn", "uvicorn", "daphne", "gevent", "meinheld", "granian"})
CREATE_ALL = re.compile(r"\bcreate_all\s*\(")
OWN = "migrations"


def step_of(ran: Ran, creators: Creators) -> Step | None:
    """What `ran` does, None where that concerns nobody here."""
    step = _step_of(ran, creators)
    return replace(step, drops=True) if step and step.creator in creators.dropping else step


def _step_of(ran: Ran, creators: Creators) -> Step | None:
    program, *arguments = ran.words or ("",)
    if program in creators.programs:
        return _flask(ran, program, arguments, creators)
    if program == "python":
        return _python(ran, arguments, creators)
    if program.endswith(".py"):
        return _script(ran, program, arguments, creators)
    if program.rpartition("/")[2] in SERVERS:
        return _step(ran, Does.SERVE, program.rpartition("/")[2])
    return None


def _flask(ran: Ran, program: str, arguments: list[str], creators: Creators) -> Step | None:
    if arguments[:1] == ["db"]:
        return _db(ran, program, arguments[1:])
    if arguments[:1] == ["run"]:
        return _step(ran, Does.SERVE, f"{program} run")
    if arguments[:1] == ["shell"]:
        return _code(ran, ran.handed, creators)
    return _command(ran, program, arguments, creators)


def _db(ran: Ran, caller: str, arguments: list[str]) -> Step | None:
    """`flask db init` and its sisters; in another directory only an upgrade, which may be of what was moved from there."""
    for at, word in enumerate(arguments):
        name, has_value, value = word.partition("=")
        if name in ("-d", "--directory"):
            directory = value if has_value else "".join(arguments[at + 1 : at + 2])
            if directory.strip("./") != OWN:
                command = f"{caller} db {arguments[0]} {name} {directory}"
                return _step(ran, Does.UPGRADE_ELSEWHERE, command) if arguments[0] == "upgrade" else None
    does = OF_FLASK_MIGRATE.get(arguments[0]) if arguments else None
    return _step(ran, does, f"{caller} db {arguments[0]}") if does else None


def _python(ran: Ran, arguments: list[str], creators: Creators) -> Step | None:
    first, rest = (arguments[0], arguments[1:]) if arguments else ("-", [])
    if first == "-c":
        return _code(ran, " ".join(rest[:1]), creators)
    if first == "-":
        return _code(ran, ran.handed, creators)
    if first == "-m" and rest:
        if rest[0] == "migrations.adopt":
            return _step(ran, Does.UPGRADE, "python -m migrations.adopt") if rest[1:2] == ["deploy"] else None
        if rest[0] in SERVERS:
            return _step(ran, Does.SERVE, rest[0])
        return _script(ran, rest[0].replace(".", "/") + ".py", rest[1:], creators, f"python -m {rest[0]}")
    return _script(ran, first, rest, creators) if first.endswith(".py") else None


def _script(ran: Ran, path: str, arguments: list[str], creators: Creators, called: str = "") -> Step | None:
    """A script of the project's, `python manage.py db upgrade` of Flask-Script among them."""
    called = called or (f"python {path}" if ran.words[0] == "python" else path)
    if arguments[:1] == ["db"]:
        return _db(ran, called, arguments[1:])
    if by_name := _command(ran, called, arguments, creators):
        return by_name
    creator = _by_path(creators.scripts, path) if not arguments else None
    if creator:
        return _step(ran, Does.CREATE_ALL, called, creator)
    is_server = arguments[:1] in ([], ["run"], ["runserver"]) and ran.place in (Place.START, Place.PAGE)
    return (
        _step(ran, Does.SERVE, called)
        if is_server and re.search(r"(^|/)(app|run|wsgi|main|server|manage|application)\.py$", path)
        else None
    )


def _command(ran: Ran, called: str, arguments: list[str], creators: Creators) -> Step | None:
    """A command of the project's own, or one of a group of commands."""
    for at, word in enumerate(arguments[:2], start=1):
        creator = creators.commands.get(word)
        if creator:
            return _step(ran, Does.CREATE_ALL, " ".join([called, *arguments[:at]]), creator)
        if word.startswith("-"):
            break
    return None


def _code(ran: Ran, code: str, creators: Creators) -> Step | None:
    """A piece of Python: it makes the tables itself, or calls a function of the project's that does."""
    if CREATE_ALL.search(code):
        return _step(ran, Does.CREATE_ALL, "db.create_all()")
    for name, creator in creators.functions.items():
        if re.search(rf"\b{re.escape(name)}\s*\(", code):
            return _step(ran, Does.CREATE_ALL, f"{name}()", creator)
    return None


def _by_path(scripts: Mapping[str, Location], path: str) -> Location | None:
    """The script that a command names: from the project's root, from a folder in it, or with the folder it has in an image."""
    name = path.removeprefix("./")
    for script, creator in scripts.items():
        short, long = sorted(("/" + script, "/" + name.lstrip("/")), key=len)
        if long.endswith(short):
            return creator
    return None


def _step(ran: Ran, does: Does, command: str, creator: Location | None = None) -> Step:
    return Step(does, ran.place, ran.where, command, ran.block, creator, ran.folder)
