"""The files above a project in a folder of a larger repository that run something in it: compose at the top, workflows.

services:
  api:
    build: ./services/api        <-  the project
    command: flask db init
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hooks.base.git import boundary
from hooks.base.location import Location
from hooks.detect.deploy.ran import Ran
from hooks.detect.deploy.yaml_files import find_ran

COMPOSE = re.compile(r"^(docker-)?compose[\w.-]*\.ya?ml$")
WORKFLOWS = ".github/workflows"
LARGEST = 200_000


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
        if not path.is_file() or path.stat().st_size > LARGEST:
            continue
        text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
        for one in find_ran(path.relative_to(top).as_posix(), text):
            if one.folder == folder:
                where = Location(f"{up}/{one.where.path}", one.where.line, one.where.text)
                yield replace(one, where=where, folder="", block=f"{up}/{one.block}")
