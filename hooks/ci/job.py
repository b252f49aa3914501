"""Put the job together from what is known of the project, its Python and its database; or say why there can be none."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hooks.base.environ import child_environ
from hooks.base.facts import Interpreter, Project
from hooks.base.reading import read
from hooks.ci.facts import CHECK, Ci, Job
from hooks.ci.installing import find_way
from hooks.ci.services import DRIVERS, kind_of, make_service
from hooks.detect.examples import find_variable
from hooks.detect.files import is_test_file
from hooks.planning.plan import Plan

SQLITE = "sqlite:////tmp/migrations.db"
PLACEHOLDER = "not-a-secret"
EVERYWHERE = re.compile(r"PATH|HOME|USER|LOGNAME|SHELL|TERM|PWD|OLDPWD|LANG|LC_\w+|TMPDIR|TZ|_|FLASK_APP")  # is set in CI, too
DOTENV = ".env"
OLDEST = (3, 7)


@dataclass(frozen=True)
class Circumstances:
    """What only running the application has told.

    `driver` is that of its URL, `server` such as "PostgreSQL 16.2". `needs_tables`: it starts on an empty database only because its
    create_all() stays. `flask_app` is what FLASK_APP must say where only committed files are, "" where those say it.
    `lacks`: why it does not start with no more set than CI has.
    """

    driver: str
    server: str = ""
    starts: bool = True
    follows_variable: bool = True
    needs_tables: bool = False
    databases: int = 1
    flask_app: str = ""
    lacks: str = ""


class NoJob(Exception):
    """There can be no such job, for the reason that it is made with."""


def make_job(project: Project, plan: Plan, interpreter: Interpreter, ci: Ci, now: Circumstances) -> Job:
    """The job for this project.

    Raises:
        NoJob: the application could not be loaded there, or it is not known how.
    """
    kind = kind_of(now.driver, now.server)
    if not kind:
        raise NoJob(f"there is no service for {now.driver.partition('+')[0] or 'its database'}")
    if not now.starts:
        raise NoJob("the application does not start on an empty database")
    if kind != "sqlite" and not now.follows_variable:
        raise NoJob(f"the application does not follow {plan.variable}, which would name the database there")
    if kind != "sqlite" and now.databases > 1:
        raise NoJob("the application has several databases, of which the job would start one")
    way = find_way(project, interpreter, DRIVERS.get({"postgres": "postgresql"}.get(kind, "mysql"), ()) if kind != "sqlite" else ())
    if way is None:
        raise NoJob("no file declares what the application needs")
    if now.lacks:
        check = f"{way.prefix}{CHECK}"
        raise NoJob(f"the application does not start with what is set there ({now.lacks}); set what it needs, and run  {check}")
    service = make_service(kind, now.driver, now.server, ci.images) if kind != "sqlite" else None
    environ = {**({"FLASK_APP": now.flask_app} if now.flask_app else {}), **needed(project, ci)}
    runs = [f"{way.prefix}flask db upgrade"] if now.needs_tables else []
    return Job(
        python=python_version(interpreter, ci),
        way=way,
        variable=plan.variable,
        url=service.url if service else SQLITE,
        service=service,
        environ={name: value for name, value in environ.items() if name != plan.variable},
        runs=(*runs, f"{way.prefix}{CHECK}"),
        folder=ci.folder,
        paths=(f"{ci.folder}/**", *above(project, ci)) if ci.folder else (),
    )


def needed(project: Project, ci: Ci) -> dict[str, str]:
    """The variables that the application reads to start: as CI sets them already, else a placeholder."""
    placeholders = {name: "8000" if name.endswith("PORT") else PLACEHOLDER for name in project.needed_variables}
    return {name: ci.values.get(name) or value for name, value in placeholders.items()} | chosen(project, ci)


def bare_environ(root: Path, project: Project, variable: str, ci: Ci) -> dict[str, str] | None:
    """The environment as it is in CI: without what is set here alone and the code speaks of; None where that is nothing.

    `variable` is the one that names the database, which is set there as well.
    """
    here, given = child_environ(), needed(project, ci)
    names = [name for name in here if name != variable and not EVERYWHERE.fullmatch(name) and given.get(name) != here[name]]
    spoken = re.compile(rb"\b(?:%s)\b" % b"|".join(re.escape(name.encode()) for name in names), re.IGNORECASE)
    python = [
        path for path in project.files if path.endswith(".py") and not is_test_file(path) and not path.startswith("migrations/")
    ]
    found = {match.decode().upper() for path in python for match in spoken.findall(read(root, path) or b"")} if names else set()
    gone = {name for name in names if name.upper() in found}
    if not gone and not hidden(root, project):
        return None
    return {**{name: value for name, value in here.items() if name not in gone}, **given}


def hidden(root: Path, project: Project) -> Mapping[str, bytes]:
    """What CI has not, as git has it not: the variables in a file of one's own. It is there as an empty file."""
    return {DOTENV: b""} if DOTENV not in project.files and (root / DOTENV).is_file() else {}


def chosen(project: Project, ci: Ci) -> dict[str, str]:
    """The variables that choose the configuration: as CI sets them, else as in this run, else as the repository shows them.

    A value is taken where it names a module of the project, which is no secret.
    """
    found: dict[str, str] = {}
    for name in project.choosers:
        values = (ci.values.get(name, ""), os.environ.get(name, ""), *shown_values(project, name))
        value = next((one for one in values if is_module(one, project)), "")
        if value:
            found[name] = value
    return found


def shown_values(project: Project, name: str) -> Iterator[str]:
    """What Dockerfiles, compose files, examples and pages of the repository set a variable to."""
    reading = partial(read, Path(project.root))
    for where in find_variable(project.files, reading, name):
        line = (reading(where.path) or b"").decode("utf-8", "replace").splitlines()[where.line - 1]
        yield from re.findall(rf"\b{re.escape(name)}[\"']?\s*[=:\s]\s*[\"']?([\w.]+)", line)


def is_module(value: str, project: Project) -> bool:
    """Whether it is a dotted path of a module of the project, or of something in one."""
    parts = value.split(".")
    files = ("/".join(parts[: size + 1]) + ending for size in range(len(parts)) for ending in (".py", "/__init__.py"))
    return any(known == file or known.endswith("/" + file) for file in files for known in project.files)


def python_version(interpreter: Interpreter, ci: Ci) -> str:
    """The Python of the job: where the repository names others than the one that has proven everything, the first of those."""
    mine = "{}.{}".format(*interpreter.version)
    usable = [one for one in ci.pythons if tuple(map(int, re.findall(r"\d+", one)[:2])) >= OLDEST]
    return mine if mine in usable or not usable else usable[0]


def above(project: Project, ci: Ci) -> list[str]:
    """The files above the project's folder that it is installed with, from the top of the repository."""
    found = []
    for one in project.declarations:
        up, parts = one.path.count("../"), ci.folder.split("/")
        if up:
            found.append("/".join((*parts[: len(parts) - up], one.path.rpartition("../")[2])))
    return found
