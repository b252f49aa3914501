"""A database that differs from the models: stamped at a baseline of what it is, and carried to the models by a second revision."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import inspect, text

from tests.end_to_end.tools import (
    Project,
    check_expected,
    flask,
    make_project,
    rows,
    run_copier,
    said_in_the_end,
    stamped_at,
)
from tests.servers import engine_for

DRIFT = (
    "ALTER TABLE note ADD COLUMN legacy VARCHAR(30)",
    "UPDATE note SET legacy = 'kept' WHERE id = 1",
    "ALTER TABLE note DROP COLUMN pinned",
)


def drifted(tmp_path: Path, database_url: str) -> Project:
    """A project whose database has a column that its model does not have, and lacks one that it has."""
    project = make_project("single_module", tmp_path, database_url)
    with engine_for(database_url).begin() as connection:
        for statement in DRIFT:
            connection.execute(text(statement))
    return project


def columns(url: str) -> set[str]:
    """The names of the columns of `note`."""
    return {column["name"] for column in inspect(engine_for(url)).get_columns("note")}


def revisions(root: Path) -> dict[str, tuple[str, str]]:
    """slug -> (id, text) of the revision files."""
    files = sorted((root / "migrations" / "versions").glob("*.py"))
    return {path.stem.rpartition("_")[2]: (path.stem.split("_")[1], path.read_text()) for path in files}


def test_drift_is_reconciled(database_url: str, tmp_path: Path) -> None:
    """The database is stamped at what it is, nothing else in it changes; the upgrade adds what is missing and drops nothing."""
    project = drifted(tmp_path, database_url)
    before, there = rows(database_url), columns(database_url)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    found = revisions(project.root)
    assert set(found) == {"baseline", "reconcile"}
    assert stamped_at(database_url) == [found["baseline"][0]]
    assert (rows(database_url), columns(database_url)) == (before, there)
    if database_url.startswith("sqlite"):
        said = said_in_the_end(project, result).replace(found["reconcile"][0], "<reconcile>")
        check_expected("drift/single_module.txt", said.replace(database_url, "<database>"))
    places = dict(re.findall(r"^drift +note\.(\w+) .*   app\.py:(\d+)$", result.stderr, re.M))
    source = (project.root / "app.py").read_text().splitlines()
    assert {name: source[int(line) - 1].split()[0] for name, line in places.items()} == {"legacy": "class", "pinned": "pinned"}
    assert "    1 row has a value in it: add it to the model, or save it before the column is dropped." in result.stderr
    assert "decide     note.legacy: 1 row with a value in it" in result.stderr

    upgraded = flask(project, "db", "upgrade", app=False)

    assert upgraded.returncode == 0, upgraded.output
    assert stamped_at(database_url) == [found["reconcile"][0]]
    assert columns(database_url) == {*there, "pinned"}
    assert {row[0] for row in rows(database_url)["note"]} == {row[0] for row in before["note"]}


def test_with_every_decision_a_yes_the_models_are_reached(database_url: str, tmp_path: Path) -> None:
    """The marks taken away, the upgrade makes the database what the models say, and `flask db check` finds nothing."""
    project = drifted(tmp_path, database_url)
    assert run_copier(project).returncode == 0
    (path,) = (project.root / "migrations" / "versions").glob("*_reconcile.py")
    marks = re.compile(r"^    # (with |    )", re.M)
    path.write_text(marks.sub(r"    \1", path.read_text()))

    upgraded = flask(project, "db", "upgrade", app=False)

    assert upgraded.returncode == 0, upgraded.output
    assert columns(database_url) == {"id", "notebook_id", "text", "pinned", "created"}
    check = flask(project, "db", "check", app=False)
    assert check.returncode == 0, check.output


def test_drift_can_be_a_reason_to_stop(database_url: str, tmp_path: Path) -> None:
    """`-d on_drift=stop`: one revision, of the models; the differences are listed, and nothing is stamped."""
    project = drifted(tmp_path, database_url)
    before = rows(database_url)

    result = run_copier(project, "on_drift=stop")

    assert result.returncode != 0
    assert "error: database-differs" in result.stderr
    assert set(revisions(project.root)) == {"baseline"}
    assert (stamped_at(database_url), rows(database_url)) == ([], before)
