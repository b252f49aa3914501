"""`copier update` from every version that was ever released to the working tree: the team's work and its databases stay."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.end_to_end.test_oldest_copier import OLDEST, copier
from tests.end_to_end.tools import commit_all, flask, git, heads, run, run_copier, said, stamped_at, tree_bytes
from tests.end_to_end.trace import trace
from tests.end_to_end.updating import (
    ANSWERS,
    COPIER,
    PAGE,
    SCHEMA,
    data,
    insert_between_unchanged,
    is_templates,
    newest_files,
    retrofitted,
    update,
    updated,
    without_tests_own,
)
from tests.releases import NEXT, ORDERED, RELEASES
from tests.servers import execute

every_release = pytest.mark.parametrize("tag", RELEASES)
A_TAG = ORDERED[-1]


@every_release
@pytest.mark.parametrize("shape", ["shop_factory", "single_module", "monorepo_subfolder"])
def test_project_becomes_what_the_newest_version_renders(tag: str, shape: str, tmp_path: Path) -> None:
    """Every file of the newest version is there, those it has no more are gone, and nothing else has changed."""
    project = retrofitted(tag, shape, tmp_path)
    tree = tree_bytes(project.root)

    result = updated(project)

    after = tree_bytes(project.root)
    assert f"Updating to template version {NEXT[1:]}" in result.stderr
    assert {path: after.get(path) for path in newest_files()} == newest_files()
    assert {path for path in after if is_templates(path)} == {*newest_files(), SCHEMA}
    assert without_tests_own(after) == without_tests_own(tree)
    assert f"_commit: {NEXT}\n" in (project.root / ANSWERS).read_text()
    assert "conflict" not in result.output.lower()


@every_release
def test_nothing_runs_in_scratch_folders(tag: str, tmp_path: Path) -> None:
    """No task acts, neither the old version's nor the new one's: one look for conflicts in the project, and no connection."""
    project = retrofitted(tag, "shop_factory", tmp_path)
    traced = trace(tmp_path)

    updated(project, env=traced.env)

    assert traced.hooks() == [("__main__.py", str(project.root))] * 2
    assert traced.programs() - {"uname"} == {"git", Path(sys.executable).name}  # uname: Copier asks for the system
    assert traced.connections() == []


def test_the_trace_sees_what_runs(tmp_path: Path) -> None:
    """The watching of the test above is none that sees nothing: a first `copier copy` starts the hook, and what opens databases.

    That is started without `sitecustomize`, so that its connections are not seen, but those of any other program are.
    """
    project = retrofitted(A_TAG, "single_module", tmp_path)
    git(project.root, "reset", "-q", "--hard", "HEAD~1")
    execute(project.database_url, "DROP TABLE alembic_version")
    traced = trace(tmp_path)

    result = run_copier(project, env=traced.env)

    assert result.returncode == 0, result.output
    assert {file for file, _ in traced.hooks()} == {"__main__.py", "inside/run.py"}
    assert {folder for _, folder in traced.hooks()} == {str(project.root)}
    assert traced.connections() == []
    run(sys.executable, "-c", "import sqlite3; sqlite3.connect(':memory:')", cwd=tmp_path, env=traced.env)
    assert traced.connections() == [[":memory:"]]


@every_release
def test_revisions_and_databases_on_every_server(tag: str, database_url: str, tmp_path: Path) -> None:
    """Revisions of the team and its database are untouched, and the daily commands work with the newer files."""
    project = retrofitted(tag, "single_module", tmp_path, database_url)
    add_column(project.root, "colour")
    assert flask(project, "db", "migrate", "-m", "colour", app=False).returncode == 0
    assert flask(project, "db", "upgrade", app=False).returncode == 0
    commit_all(project.root, "A colour")
    tree, before = tree_bytes(project.root), data(database_url)

    updated(project)

    assert data(database_url) == before
    assert without_tests_own(tree_bytes(project.root)) == without_tests_own(tree)
    check_daily_commands(project)


@every_release
def test_database_that_is_behind(tag: str, database_url: str, tmp_path: Path) -> None:
    """A revision that was written and not yet run before the update is run after it."""
    project = retrofitted(tag, "single_module", tmp_path, database_url)
    add_column(project.root, "colour")
    assert flask(project, "db", "migrate", "-m", "colour", app=False).returncode == 0
    commit_all(project.root, "A colour")
    before = data(database_url)

    updated(project)

    assert data(database_url) == before
    upgraded = flask(project, "db", "upgrade", app=False)
    assert upgraded.returncode == 0, upgraded.output
    assert len(heads(project.root)) == 2
    assert stamped_at(database_url) != before.stamp
    check_daily_commands(project)


@every_release
@pytest.mark.usefixtures("from_nothing")
def test_edits_of_the_team_are_merged(tag: str, tmp_path: Path) -> None:
    """What the team wrote into alembic.ini, db.mk and the page is still there, beside all that the newer version brings."""
    project = retrofitted(tag, "shop_factory", tmp_path)
    edits = {
        "migrations/alembic.ini": "# a line of the team",
        "migrations/db.mk": "# our own flask",
        PAGE: "Ask Ada before you deploy.",
    }
    for path in ("migrations/alembic.ini", "migrations/db.mk"):
        insert_between_unchanged(project, path, edits[path])
    target = "\ndb-dump: ## write a copy\n\tsqlite3 instance/shop.db .dump\n"
    with (project.root / "migrations" / "db.mk").open("a") as file:
        file.write(target)
    with (project.root / PAGE).open("a") as file:
        file.write(f"\n{edits[PAGE]}\n")
    commit_all(project.root, "Our own ways")

    updated(project)

    for path in ("migrations/alembic.ini", "migrations/db.mk"):
        merged = (project.root / path).read_text()
        without = merged.replace(edits[path] + "\n", "").removesuffix(target)
        assert without == newest_files()[path].decode()
        assert edits[path] in merged
    assert (project.root / "migrations" / "db.mk").read_text().endswith(target)
    assert (project.root / PAGE).read_text().endswith(f"\n{edits[PAGE]}\n")
    assert unmerged(project.root) == []


@every_release
def test_how_it_came_about_moves_to_a_file_of_the_teams(tag: str, tmp_path: Path) -> None:
    """What a run had written at the end of README.md is in SCHEMA.md, where the schema is drawn from now on."""
    project = retrofitted(tag, "shop_factory", tmp_path)
    facts = (project.root / PAGE).read_text().partition("\n## How this directory came about\n")[2]

    result = updated(project)

    assert facts != ""
    assert (project.root / SCHEMA).read_text() == f"# The schema of this project\n\n## How this directory came about\n{facts}"
    assert (project.root / PAGE).read_bytes() == newest_files()[PAGE]
    assert "added      migrations/SCHEMA.md: how migrations/ came about, and the picture of the schema" in said(result)
    drawn = [run(sys.executable, "-m", "migrations.adopt", "diagram", cwd=project.root, env=project.shape.env) for _ in range(2)]
    assert [one.stdout for one in drawn] == ["drawn     migrations/SCHEMA.md\n", ""]
    assert (project.root / PAGE).read_bytes() == newest_files()[PAGE]


@every_release
def test_deleted_files_stay_deleted(tag: str, tmp_path: Path) -> None:
    """A team that has no use for db.mk, nor for the page, is not given them again."""
    project = retrofitted(tag, "shop_factory", tmp_path)
    git(project.root, "rm", "-q", "migrations/db.mk", PAGE, "Makefile")
    commit_all(project.root, "Without make")

    updated(project)

    assert not (project.root / "migrations" / "db.mk").exists()
    assert not (project.root / PAGE).exists()
    assert not (project.root / "Makefile").exists()
    assert (project.root / "migrations" / "env.py").read_bytes() == newest_files()["migrations/env.py"]


@every_release
def test_oldest_copier_updates(tag: str, tmp_path: Path) -> None:
    """The oldest Copier that copier.yml admits does the same, and no task acts there either."""
    project = retrofitted(tag, "shop_factory", tmp_path)
    insert_between_unchanged(project, "migrations/db.mk", "# our own flask")
    commit_all(project.root, "Our own ways")
    tree, before, traced = tree_bytes(project.root), data(project.database_url), trace(tmp_path)

    updated(project, copier=(copier(OLDEST),), env=traced.env)

    after = tree_bytes(project.root)
    assert data(project.database_url) == before
    assert without_tests_own(after) == without_tests_own(tree)
    assert {path for path in after if is_templates(path)} == {*newest_files(), SCHEMA}
    assert "# our own flask" in (project.root / "migrations" / "db.mk").read_text()
    assert traced.hooks() == [("__main__.py", str(project.root))] * 2
    check_daily_commands(project)


@every_release
def test_update_again_changes_nothing(tag: str, tmp_path: Path) -> None:
    """Twice in a row, and `recopy` and `copy` after it: every byte stays, an edited env.py too."""
    project = retrofitted(tag, "shop_factory", tmp_path)
    updated(project)
    insert_between_unchanged(project, "migrations/env.py", "# a line of the team")
    commit_all(project.root, "Updated")
    tree, before = tree_bytes(project.root), data(project.database_url)

    again = updated(project)
    recopied, copied = run_copier(project, command="recopy"), run_copier(project)

    assert (recopied.returncode, copied.returncode) == (0, 0), recopied.output + copied.output
    assert f"Keeping template version {NEXT[1:]}" in again.stderr
    assert without_source(tree_bytes(project.root)) == without_source(tree)
    assert data(project.database_url) == before


@every_release
def test_overwriting_recopy_brings_the_newest_files(tag: str, tmp_path: Path) -> None:
    """`copier recopy --overwrite` gives up edits of the template's files, as it says; revisions and database are untouched."""
    project = retrofitted(tag, "shop_factory", tmp_path)
    insert_between_unchanged(project, "migrations/db.mk", "# a line of the team")
    commit_all(project.root, "Our own ways")
    tree, before = tree_bytes(project.root), data(project.database_url)

    result = run_copier(project, command="recopy", options=("--overwrite",))

    after = tree_bytes(project.root)
    assert result.returncode == 0, result.output
    assert {path: after.get(path) for path in newest_files()} == newest_files()
    assert without_tests_own(after) == without_tests_own(tree)
    assert data(project.database_url) == before


@every_release
@pytest.mark.parametrize("option", ["--skip-tasks", "--skip-answered", "--prereleases", "--data=stamp=false"])
def test_options_make_no_difference(tag: str, option: str, tmp_path: Path) -> None:
    """With tasks skipped, answers skipped, or an answer changed that only the first run goes by, the files are the same."""
    project = retrofitted(tag, "single_module", tmp_path)
    before = data(project.database_url)

    updated(project, option)

    after, wanted = tree_bytes(project.root), dict(newest_files())
    if option == "--skip-tasks":
        del wanted["migrations/adopt.py"]  # which a task makes
    assert {path: after.get(path) for path in wanted} == wanted
    assert data(project.database_url) == before


@every_release
def test_another_variable_is_in_the_answers_alone(tag: str, tmp_path: Path) -> None:
    """The page is the same in every project, and names the answer that says which variable it is."""
    project = retrofitted(tag, "single_module", tmp_path)
    tree = tree_bytes(project.root)

    updated(project, "--data=database_url_variable=NOTES_DB")

    assert "database_url_variable: NOTES_DB\n" in (project.root / ANSWERS).read_text()
    assert "`database_url_variable` in `.copier-answers.yml`" in (project.root / PAGE).read_text()
    assert (project.root / PAGE).read_bytes() == newest_files()[PAGE]
    assert without_tests_own(tree_bytes(project.root)) == without_tests_own(tree)


@every_release
def test_pretending_changes_nothing(tag: str, tmp_path: Path) -> None:
    """`copier update --pretend` leaves every byte as it is."""
    project = retrofitted(tag, "single_module", tmp_path)
    tree, before = tree_bytes(project.root), data(project.database_url)

    update(project, "--pretend")

    assert tree_bytes(project.root) == tree
    assert data(project.database_url) == before


@every_release
def test_without_trust_nothing_happens(tag: str, tmp_path: Path) -> None:
    """Copier itself says that the template has tasks and asks for --trust; every byte is as it was."""
    project = retrofitted(tag, "single_module", tmp_path)
    tree = tree_bytes(project.root)

    result = run(*COPIER, "update", "--defaults", cwd=project.root)

    assert result.returncode == 4, result.output
    assert "--trust" in result.stderr
    assert tree_bytes(project.root) == tree


@every_release
def test_dirty_tree_is_refused(tag: str, tmp_path: Path) -> None:
    """Copier asks for a clean tree, so that what the update did can be told, and undone."""
    project = retrofitted(tag, "single_module", tmp_path)
    with (project.root / "app.py").open("a") as file:
        file.write("# not committed\n")
    tree = tree_bytes(project.root)

    result = update(project)

    assert result.returncode == 1
    assert "Destination repository is dirty" in result.output
    assert tree_bytes(project.root) == tree


@every_release
def test_check_update_tells_of_the_newer_version(tag: str, tmp_path: Path) -> None:
    """`copier check-update` names both versions; with -q its status is 2 before the update and 0 after it."""
    project = retrofitted(tag, "single_module", tmp_path)

    told = run(*COPIER, "check-update", cwd=project.root)
    status = run(*COPIER, "check-update", "-q", cwd=project.root).returncode
    updated(project)
    status_after = run(*COPIER, "check-update", "-q", cwd=project.root).returncode

    assert told.returncode == 0, told.output
    assert f"Current version is {tag[1:]}, latest version is {NEXT[1:]}.\n" in told.stdout
    assert (status, status_after) == (2, 0)


@every_release
def test_answers_file_of_another_name(tag: str, tmp_path: Path) -> None:
    """Beside another template's answers, `-a` names ours on the update as it did on the first run."""
    project = retrofitted(tag, "single_module", tmp_path)
    git(project.root, "mv", ANSWERS, ".copier-answers.flask-migrate.yml")
    (project.root / ANSWERS).write_text("_src_path: gh:somebody/template\n")
    commit_all(project.root, "Two templates")

    updated(project, "-a", ".copier-answers.flask-migrate.yml")

    after = tree_bytes(project.root)
    assert {path: after.get(path) for path in newest_files()} == newest_files()
    assert after[ANSWERS] == b"_src_path: gh:somebody/template\n"


def add_column(root: Path, name: str) -> None:
    """Let the model of the single-module project have one more column."""
    source = (root / "app.py").read_text()
    column = "    pinned = db.Column(db.Boolean, default=False)\n"
    assert column in source
    (root / "app.py").write_text(source.replace(column, f"{column}    {name} = db.Column(db.String(20))\n"))


def check_daily_commands(project) -> None:
    """Upgrade, check, status and adoption find a database at the newest revision, and the next migration is one of its own."""
    for arguments in (("db", "upgrade"), ("db", "current"), ("db", "check"), ("db", "migrate")):
        result = flask(project, *arguments, app=False)
        assert result.returncode == 0, result.output
    assert stamped_at(project.database_url) != []
    for command in ("status", "check", "adopt"):
        result = run(sys.executable, "-m", "migrations.adopt", command, cwd=project.root)
        assert result.returncode == 0, result.output
    assert git(project.root, "status", "--porcelain", "migrations/versions") == ""


def unmerged(root: Path) -> list[str]:
    """The files in which git, or a reader, would see a conflict."""
    named = git(root, "diff", "--name-only", "--diff-filter=U").split()
    marked = [path for path, raw in tree_bytes(root).items() if b"<<<<<<< " in raw or path.endswith(".rej")]
    return sorted({*named, *marked})


def without_source(tree: dict[str, bytes]) -> dict[str, bytes]:
    """A tree without the answers file, in which another template repository is named after each run of these tests."""
    return {path: raw for path, raw in tree.items() if path != ANSWERS}
