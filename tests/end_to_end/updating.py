"""What the tests of `copier update` are made of: projects that a release has retrofitted, their teams' edits, the update."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from hooks import bundle
from tests.end_to_end.shapes import SHAPES
from tests.end_to_end.tools import (
    TEMPLATE,
    Project,
    Result,
    commit_all,
    make_project,
    rows,
    run,
    run_copier,
    schema,
    sqlite_files,
    stamped_at,
    template_files,
)
from tests.releases import released_template

COPIER = (sys.executable, "-m", "copier")
ANSWERS = ".copier-answers.yml"
PAGE = "migrations/README.md"
SCHEMA = "migrations/SCHEMA.md"
DB_MK_NOW = (TEMPLATE / "migrations/db.mk").read_text()
FLASK = next(line for line in DB_MK_NOW.splitlines(keepends=True) if line.startswith("FLASK ?= "))
NEWER_DB_MK: dict[str, str | None] = {  # what a version made up for a test changes
    "template/migrations/db.mk": DB_MK_NOW.replace(FLASK, "FLASK ?= python -m flask\n")
}


def retrofitted(tag: str, shape: str, tmp_path: Path, database_url: str = "") -> Project:
    """A project that the release `tag` has retrofitted, committed; `database_url` as for `make_project`."""
    if database_url:
        return retrofit(tag, shape, tmp_path, database_url)
    top = tmp_path / shape
    shutil.copytree(retrofitted_once(tag, shape), top, symlinks=True)
    (url,) = sqlite_files(top)
    return Project(top / SHAPES[shape].folder, SHAPES[shape], url, top=top)


@cache
def retrofitted_once(tag: str, shape: str) -> Path:
    """The same on SQLite, made once per test process, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix=f"{tag}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return retrofit(tag, shape, folder).top


def retrofit(tag: str, shape: str, folder: Path, database_url: str = "") -> Project:
    """Let the release do its work, and commit it."""
    project = make_project(shape, folder, database_url)
    result = run_copier(project, template=released_template(), options=("--vcs-ref", tag))
    assert result.returncode == 0, result.output
    commit_all(project.top, f"Flask-Migrate, by {tag}")
    return project


def update(project: Project, *options: str, copier: tuple[object, ...] = COPIER, env: Mapping[str, str] | None = None) -> Result:
    """`copier update --trust --defaults` in the project; `copier` is the program of another version."""
    return run(*copier, "update", "--trust", "--defaults", *options, cwd=project.root, env={**project.shape.env, **(env or {})})


def updated(project: Project, *options: str, **more: object) -> Result:
    """The same, which must go well."""
    result = update(project, *options, **more)  # type: ignore[arg-type]
    assert result.returncode == 0, result.output
    return result


@dataclass(frozen=True)
class Data:
    """All that an update must leave alone in a database. `file` has bytes and time of the last write where it is SQLite's."""

    rows: object
    schema: object
    stamp: list[str]
    file: tuple[bytes, int] | None


def data(url: str) -> Data:
    """What a database holds now."""
    path = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
    file = (path.read_bytes(), path.stat().st_mtime_ns) if path else None  # looked at first: looking opens it
    return Data(rows(url), schema(url), stamped_at(url), file)


def without_tests_own(tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """A tree without what an update renews: the template's own files and the answers."""
    return {path: raw for path, raw in tree.items() if path != ANSWERS and not is_templates(path)}


def is_templates(path: str) -> bool:
    """Whether a file in a project is the template's, or was in some release: all in migrations/ but what the team has there."""
    return path.startswith("migrations/") and not path.startswith("migrations/versions/") and path != "migrations/project.ini"


def newest_files() -> dict[str, bytes]:
    """What the working tree renders without looking at any answer: path in a project, content."""
    rendered = {path: (TEMPLATE / path).read_bytes() for path in template_files() if (TEMPLATE / path).is_file()}
    return {**rendered, bundle.PATH: bundle.bundle()}


def insert_between_unchanged(project: Project, path: str, line: str) -> None:
    """Put a line of the team's own into a file of the template, where the newest version says the same as the project's does."""
    target = project.root / path
    mine, newest = (file.read_text(encoding="utf-8").splitlines(keepends=True) for file in (target, TEMPLATE / path))
    block = max(SequenceMatcher(None, mine, newest, autojunk=False).get_matching_blocks(), key=lambda one: one.size)
    assert block.size >= 4, f"nothing is left of {path}"
    at = block.a + block.size // 2
    target.write_text("".join([*mine[:at], line + "\n", *mine[at:]]), encoding="utf-8")
