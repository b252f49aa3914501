"""The one command on every kind of project: each ends with what is expected of it, in every file, row and word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.shapes import PROJECTS, SHAPES, Shape
from tests.end_to_end.tools import (
    EXPECTED,
    Project,
    as_its_team,
    check_changes,
    check_expected,
    commit_all,
    flask,
    make_project,
    newest,
    rows,
    run_copier,
    said_in_the_end,
    schema,
    stamped_at,
    tree_bytes,
)

REFUSED = [shape.name for shape in SHAPES.values() if shape.error]
RETROFITTED = [shape.name for shape in SHAPES.values() if not shape.error]


@pytest.mark.parametrize("name", RETROFITTED)
def test_retrofit(name: str, tmp_path: Path) -> None:
    """Diff and words are as expected, data and use of the project as they were, and plain `flask` finds it at the head."""
    project = make_project(name, tmp_path)
    used = use(project)
    before = [(rows(url), schema(url)) for url in project.databases]

    result = run_copier(project)

    assert result.returncode == 0, result.output
    check_expected(f"{name}.txt", said_in_the_end(project, result))
    check_changes(project)
    assert [(rows(url), schema(url)) for url in project.databases] == before
    for url in project.databases:
        assert stamped_at(url) == newest(project.root) != []
    if project.databases:
        check_at_head(project)
    assert use(project) == used
    if not project.shape.needs_tables and not project.shape.binds_only:
        check_builds_a_new_database(project, f"sqlite:///{tmp_path / 'new.db'}", before[0][1] if before else None)
    check_second_run(project)


@pytest.mark.parametrize("name", REFUSED)
def test_refusal(name: str, tmp_path: Path) -> None:
    """The message is as expected, and every byte of the tree and the database is as it was."""
    project = make_project(name, tmp_path)
    tree = tree_bytes(project.top)

    result = run_copier(project)

    assert result.returncode == 1, result.output
    assert f"error: {project.shape.error}\n" in result.stderr
    check_expected(f"{name}.txt", said_in_the_end(project, result))
    assert tree_bytes(project.top) == tree


def use(project: Project, database_url: str = "") -> str:
    """What the project's own command says, on its database or another one."""
    used = as_its_team(project, project.shape.use, {"DATABASE_URL": database_url} if database_url else {})
    assert used.returncode == 0, used.output
    return used.stdout


def check_at_head(project: Project) -> None:
    """`flask db current` and `flask db check` in the project's folder, with what the repository says itself."""
    current = flask(project, "db", "current", app=False)
    assert "(head)" in current.stdout, current.output
    check = flask(project, "db", "check", app=False)
    assert check.returncode == 0, check.output


def check_builds_a_new_database(project: Project, url: str, tables: object) -> None:
    """`flask db upgrade` builds the same schema from nothing where DATABASE_URL says, and the application starts on it."""
    upgraded = flask(project, "db", "upgrade", app=False, env={"DATABASE_URL": url})
    assert upgraded.returncode == 0, upgraded.output
    assert stamped_at(url) == newest(project.root)
    assert tables is None or schema(url) == without(tables, project.shape.others)
    use(project, url)


def without(tables: object, others: tuple[str, ...]) -> object:
    """What `schema` gave, without tables that other programs have made."""
    by_name, sequences = tables  # type: ignore[misc]
    return {name: table for name, table in by_name.items() if name not in others}, sequences


def check_second_run(project: Project) -> None:
    """The same command again changes nothing."""
    commit_all(project.top)
    tree = tree_bytes(project.top)
    again = run_copier(project)
    assert again.returncode == 0, again.output
    assert tree_bytes(project.top) == tree


def test_every_shape_is_complete() -> None:
    """Each folder has its description, each description its folder, and nothing is expected of a shape that is not there."""
    folders = {path.name for path in PROJECTS.iterdir() if path.is_dir()}
    words = {path.stem for path in EXPECTED.glob("*.txt")}
    diffs = {path.stem for path in EXPECTED.glob("*.diff")}

    assert folders == set(SHAPES) == words
    assert diffs == set(RETROFITTED)


def test_a_shape_says_what_it_is() -> None:
    """The description is read into a Shape; whoever misspells a field is told."""
    with pytest.raises(TypeError, match="seeds"):
        Shape("shop", **{"about": "a shop", "seeds": "none"})
