"""`copier update` from every release where all comes together: a second revision, edited env.py and db.mk, a stamped database."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

import pytest

from tests import warm
from tests.end_to_end.test_update import add_column, check_daily_commands, every_release, unmerged
from tests.end_to_end.tools import TEMPLATE, Project, commit_all, flask, git, heads, run, tree_bytes
from tests.end_to_end.trace import trace
from tests.end_to_end.updating import data, insert_between_unchanged, newest_files, retrofitted, update, updated, without_tests_own

INI, DB_MK = "migrations/alembic.ini", "migrations/db.mk"
EDITS = {INI: "# a line of the team", DB_MK: "# our own flask"}


def worked_on(tag: str, tmp_path: Path, database_url: str) -> Project:
    """A project that a release has retrofitted, and its team has gone on with: a second revision, run, and lines of its own."""
    project = retrofitted(tag, "single_module", tmp_path, database_url)
    add_column(project.root, "colour")
    for arguments in (("migrate", "-m", "colour"), ("upgrade",)):
        done = flask(project, "db", *arguments, app=False)
        assert done.returncode == 0, done.output
    for path, line in EDITS.items():
        insert_between_unchanged(project, path, line)
    commit_all(project.root, "A colour, and our own ways")
    return project


@every_release
def test_all_at_once_on_every_server(tag: str, database_url: str, tmp_path: Path) -> None:
    """Edits are merged without a conflict, no database is opened, and with the merged files the days go on, up, down and up."""
    project = worked_on(tag, tmp_path, database_url)
    tree, before, traced = tree_bytes(project.root), data(database_url), trace(tmp_path)

    updated(project, env=traced.env)

    assert traced.connections() == []
    assert traced.hooks() == [("__main__.py", str(project.root))] * 2
    assert data(database_url) == before
    assert without_tests_own(tree_bytes(project.root)) == without_tests_own(tree)
    assert unmerged(project.root) == []
    for path, line in EDITS.items():
        assert (project.root / path).read_text().replace(line + "\n", "", 1).encode() == newest_files()[path]
    check_daily_commands(project)
    for arguments in (("downgrade",), ("upgrade",)):
        done = flask(project, "db", *arguments, app=False)
        assert done.returncode == 0, done.output
    assert (data(database_url).schema, data(database_url).stamp) == (before.schema, before.stamp)
    add_column(project.root, "shape")
    assert flask(project, "db", "migrate", "-m", "shape", app=False).returncode == 0
    assert flask(project, "db", "upgrade", app=False).returncode == 0
    assert len(heads(project.root)) == 3
    check_targets(project)


def check_targets(project: Project) -> None:
    """The merged db.mk is one that make can read: its targets run what they are for."""
    for target in ("db-status", "db-upgrade", "db-check"):
        done = run("make", target, f"FLASK={warm.python()} -m flask", cwd=project.root)
        assert done.returncode == 0, done.output


@every_release
def test_same_line_as_the_newer_version(tag: str, database_url: str, tmp_path: Path) -> None:
    """One line that both have changed is one conflict, in that file alone; all else is merged, and the database is as before."""
    project = worked_on(tag, tmp_path, database_url)
    changed = change_what_changes(project.root / DB_MK)
    commit_all(project.root, "Our way of that line")
    tree, before = tree_bytes(project.root), data(database_url)

    result = update(project)

    assert result.returncode == 1
    assert "error: update-conflicts\n" in result.stderr
    assert unmerged(project.root) == [DB_MK]
    text = (project.root / DB_MK).read_text()
    assert text.count("<<<<<<< before updating\n") == 1
    assert changed in text.partition("<<<<<<< before updating\n")[2].partition("=======\n")[0]
    assert (project.root / INI).read_text().replace(EDITS[INI] + "\n", "", 1).encode() == newest_files()[INI]
    assert data(database_url) == before
    assert without_tests_own(tree_bytes(project.root)) == without_tests_own(tree)
    git(project.root, "checkout", "-q", "--theirs", DB_MK)
    check_daily_commands(project)


def change_what_changes(path: Path) -> str:
    """Write something else where the newest version does too, and return it."""
    mine = path.read_text().splitlines(keepends=True)
    newest = (TEMPLATE / DB_MK).read_text().splitlines(keepends=True)
    replaced = [code for code in SequenceMatcher(None, mine, newest, autojunk=False).get_opcodes() if code[0] == "replace"]
    if not replaced:
        pytest.skip("the newest version replaces no line of this file")
    _, at, *_ = replaced[0]
    mine[at] = mine[at].rstrip("\n") + " # ours\n"
    path.write_text("".join(mine))
    return mine[at]
