"""One command on whole projects with rows in them, on every kind of database: verified, stamped, nothing else changed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.end_to_end.tools import (
    Project,
    check_changes,
    commit_all,
    flask,
    git,
    heads,
    make_project,
    rows,
    run,
    run_copier,
    sqlite_file,
    stamped_at,
    tree_bytes,
)

SHAPES = ("shop_factory", "single_module", "factory_package")


def assert_retrofitted(project: Project, before: dict[str, list[tuple[object, ...]]]) -> None:
    """The team's own commands find the project at its one revision with nothing to do, and every row is there."""
    (head,) = heads(project.root)
    assert stamped_at(project.database_url) == [head]
    current = flask(project, "db", "current", app=False)
    assert f"{head} (head)" in current.stdout, current.output
    check = flask(project, "db", "check", app=False)
    assert check.returncode == 0, check.output
    assert rows(project.database_url) == before


@pytest.mark.parametrize("shape", SHAPES)
def test_project_is_stamped_and_its_rows_are_there(shape: str, database_url: str, tmp_path: Path):
    """On each kind of database, the project ends at its baseline, `flask db check` is clean and no row has changed."""
    project = make_project(shape, tmp_path, database_url)
    before = rows(database_url)
    assert any(before.values())

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert_retrofitted(project, before)


@pytest.mark.parametrize("shape", SHAPES)
def test_changes_are_the_expected_ones(shape: str, tmp_path: Path):
    """The whole diff of a run, and the names of all new files, are those of tests/expected/."""
    project = make_project(shape, tmp_path)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    check_changes(project)


@pytest.mark.parametrize("shape", SHAPES)
def test_second_run_changes_nothing(shape: str, tmp_path: Path):
    """Running the command again leaves every file as it is, the database file included."""
    project = make_project(shape, tmp_path)
    assert run_copier(project).returncode == 0
    commit_all(project.root)
    before = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert tree_bytes(project.root) == before


@pytest.mark.parametrize("shape", SHAPES)
def test_fresh_clone_gets_a_baseline_and_no_database(shape: str, tmp_path: Path):
    """Without an existing database, everything but the stamp happens, and no database file appears."""
    project = make_project(shape, tmp_path, populate=False)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert len(heads(project.root)) == 1
    assert list(project.root.rglob("*.db")) == []
    assert "stamped  " not in result.stderr


def test_upgrade_makes_the_schema_that_create_all_made(tmp_path: Path):
    """A colleague's empty database becomes, by `flask db upgrade`, what `create_all()` used to make."""
    project = make_project("shop_factory", tmp_path)
    assert run_copier(project).returncode == 0
    fresh = f"sqlite:///{tmp_path / 'fresh.db'}"

    upgraded = flask(project, "db", "upgrade", app=False, env={"DATABASE_URL": fresh})

    assert upgraded.returncode == 0, upgraded.output
    assert stamped_at(fresh) == heads(project.root)
    assert rows(fresh).keys() == rows(project.database_url).keys()


@pytest.mark.parametrize("shape", ["shop_factory", "factory_package"])
def test_the_projects_own_tests_pass_afterwards(shape: str, tmp_path: Path):
    """A project's tests, with their in-memory database, do after the run what they did before, whatever DATABASE_URL says."""

    project = make_project(shape, tmp_path)
    assert run_copier(project).returncode == 0
    before = rows(project.database_url)

    tests = run(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project.root, env={"DATABASE_URL": project.database_url}
    )

    assert tests.returncode == 0, tests.output
    assert rows(project.database_url) == before


def test_two_applications_are_refused(tmp_path: Path):
    """Where two applications are possible nothing is changed, and the message names both."""
    project = make_project("two_apps", tmp_path)
    before = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode != 0
    assert "error: two-apps" in result.stderr
    assert "-d app=shop.app:app" in result.stderr
    assert "-d app=admin.app:app" in result.stderr
    assert tree_bytes(project.root) == before
    assert git(project.root, "status", "--porcelain") == ""


def test_named_application_of_two(tmp_path: Path):
    """`-d app=` settles which of two applications is meant."""
    project = make_project("two_apps", tmp_path)

    result = run_copier(project, "app=shop.app:app")

    assert result.returncode == 0, result.output
    assert stamped_at(sqlite_file(project.root)) == heads(project.root)
