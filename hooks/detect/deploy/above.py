"""The files above a project in a folder of a larger repository that run something in it.

services:
  api:
    build: ./services/api        <-  the project
    command: flask db init

Compose at the top and workflows say in which folder. Pages, Makefiles and CI do not always; what they run that is a command of the
project's own is meant for it.

docker compose run users python manage.py recreate_db
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hooks.base.git import boundary, folders_above
from hooks.base.location import Location
from hooks.detect.deploy.find_deploy import LARGEST, is_read, ran_by, text_of
from hooks.detect.deploy.ran import Ran
from hooks.detect.deploy.yaml_files import find_ran

COMPOSE = re.compile(r"^(docker-)?compose[\w.-]*\.ya?ml$")
WORKFLOWS = ".github/workflows"
CIRCLE = ".circleci/config.yml"


def ran_above(root: Path) -> Iterator[Ran]:
    """What is run there in the project's own folder; nothing where the project is the whole repository."""
    here = root.resolve()
    top = boundary(here)
    if top == here:
        return
    folder = here.relative_to(top).as_posix()
    up = posixpath.relpath("/", "/" + folder)
    listed = [path for path in sorted(top.iterdir()) if COMPOSE.match(path.name)] + sorted((top / WORKFLOWS).glob("*.y*ml"))
    for path in listed:
        for one in find_ran(path.relative_to(top).as_posix(), _text(path)):
            if one.folder == folder:
                yield _from(up, one)


def named_above(root: Path) -> Iterator[Ran]:
    """What other files there run, in whichever folder that may be."""
    here = root.resolve()
    for folder in folders_above(here):
        up = posixpath.relpath(folder, here)
        for path in [*sorted(folder.iterdir()), folder / CIRCLE]:
            name = path.relative_to(folder).as_posix()
            if is_read(name) and not COMPOSE.match(name):
                for one in ran_by(name, _text(path)):
                    yield _from(up, one)


def _text(path: Path) -> str:
    """What a file says; nothing of one that is not read."""
    is_small = path.is_file() and path.stat().st_size <= LARGEST
    return text_of(path.read_bytes() if is_small else None) or ""


def _from(up: str, ran: Ran) -> Ran:
    """The same, seen from the project, whose folder it is in."""
    where = Location(f"{up}/{ran.where.path}", ran.where.line, ran.where.text)
    return replace(ran, where=where, folder="", block=f"{up}/{ran.block}")
