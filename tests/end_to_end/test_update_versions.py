"""`copier update` to versions that are made up here: what a newer one can bring, in conflicts, renamed files, steps in code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.end_to_end.test_oldest_copier import OLDEST, copier
from tests.end_to_end.tools import (
    ROOT,
    TEMPLATE,
    Project,
    commit_all,
    flask,
    git,
    make_project,
    run,
    run_copier,
    said,
    sqlite_files,
    tree_bytes,
)
from tests.end_to_end.trace import trace
from tests.end_to_end.updating import ANSWERS, COPIER, FLASK, NEWER_DB_MK, data, update, updated, without_tests_own
from tests.releases import add_working_tree, made_up_template

TAG = "v9.0.0"
DB_MK = "migrations/db.mk"


def retrofitted(tmp_path: Path, edits: dict[str, str | None], shape: str = "single_module") -> Project:
    """A project that the working tree has retrofitted, committed; its template then has a newer version, with `edits`."""
    template = tmp_path / "template"
    add_working_tree(template)
    project = make_project(shape, tmp_path)
    result = run_copier(project, template=template)
    assert result.returncode == 0, result.output
    commit_all(project.top, "Flask-Migrate")
    add_working_tree(template, TAG, edits)
    return project


@pytest.mark.parametrize("shape", ["shop_factory", "monorepo_subfolder", "set_up_by_hand", "other_variable"])
def test_same_version_again(shape: str, tmp_path: Path) -> None:
    """Each file has one owner: `recopy --overwrite` and `update` to the version that is there change no byte, nor a database."""
    template = tmp_path / "template"
    add_working_tree(template)
    project = make_project(shape, tmp_path)
    first = run_copier(project, template=template)
    assert first.returncode == 0, first.output
    commit_all(project.top, "Flask-Migrate")
    tree = tree_bytes(project.top)
    before = {url: data(url) for url in sqlite_files(project.top)}

    for command in (("recopy", "--overwrite"), ("update",), ("update", "--skip-tasks")):
        again = run(*COPIER, *command, "--trust", "--defaults", cwd=project.root, env=project.shape.env)

        assert again.returncode == 0, again.output
        assert git(project.top, "status", "--porcelain") == ""
        assert tree_bytes(project.top) == tree
    assert {url: data(url) for url in sqlite_files(project.top)} == before


def edit(project: Project, path: str, old: str, new: str) -> None:
    """Change a file as the team does, and commit."""
    text = (project.root / path).read_text()
    assert old in text
    (project.root / path).write_text(text.replace(old, new))
    commit_all(project.top, "Our own ways")


def test_the_same_lines_are_a_conflict(tmp_path: Path) -> None:
    """Both sides are in the file, between markers, and nowhere else; the message names the line and how to take it all back."""
    project = retrofitted(tmp_path, NEWER_DB_MK)
    edit(project, DB_MK, FLASK, "FLASK ?= uv run flask\n")
    before, tree = data(project.database_url), tree_bytes(project.root)

    result = update(project)

    line = (TEMPLATE / DB_MK).read_text().splitlines().index(FLASK.strip()) + 1
    assert result.returncode == 1
    assert said(result) == (
        "error: update-conflicts\n"
        "  Your team and the new version have changed the same lines:\n"
        f"    migrations/db.mk:{line}   <<<<<<< before updating\n"
        "  All else is merged. Your revisions and your databases were not touched.\n"
        "  Keep what is right, take the markers out (or delete the .rej files), and commit.\n"
        "  To take the whole update back:  git reset -q --hard && git clean -fdq migrations\n"
    )
    conflict = "<<<<<<< before updating\nFLASK ?= uv run flask\n=======\nFLASK ?= python -m flask\n>>>>>>> after updating\n"
    assert (project.root / DB_MK).read_text() == (TEMPLATE / DB_MK).read_text().replace(FLASK, conflict)
    assert git(project.root, "diff", "--name-only", "--diff-filter=U").split() == [DB_MK]
    assert data(project.database_url) == before
    git(project.root, "reset", "-q", "--hard")
    git(project.root, "clean", "-fdq", "migrations")
    assert tree_bytes(project.root) == tree


def test_conflict_as_a_rejected_hunk(tmp_path: Path) -> None:
    """With `--conflict rej` the newer file is in place, the team's lines are in a file beside it, and that is told."""
    project = retrofitted(tmp_path, NEWER_DB_MK)
    edit(project, DB_MK, FLASK, "FLASK ?= uv run flask\n")

    result = update(project, "--conflict", "rej")

    assert result.returncode == 1
    assert "    migrations/db.mk.rej:1   what could not be merged into migrations/db.mk\n" in result.stderr
    assert (project.root / DB_MK).read_text() == NEWER_DB_MK["template/" + DB_MK]
    assert "+FLASK ?= uv run flask" in (project.root / (DB_MK + ".rej")).read_text()


def test_neighbouring_edits_are_merged(tmp_path: Path) -> None:
    """A change of the team a few lines away is no conflict: the update ends well, and both are there."""
    project = retrofitted(tmp_path, NEWER_DB_MK)
    edit(project, DB_MK, "# Targets for the database", "# Ada's targets for the database")

    result = updated(project)

    text = (project.root / DB_MK).read_text()
    assert "error:" not in result.stderr
    assert text.startswith("# Ada's targets for the database")
    assert "FLASK ?= python -m flask\n" in text


def test_new_and_removed_files(tmp_path: Path) -> None:
    """What a version adds appears, at the top of the project too; what it has no more goes; a renamed one keeps nothing behind."""
    project = retrofitted(
        tmp_path,
        {
            "adopt/base/__init__.py": "newer = 1\n",
            "template/migrations/db.mk": None,
            "template/schema.md": "# Schema\n",
            "template/migrations/more/deep.py": "x = 1\n",
        },
    )

    updated(project)

    assert "\n#:base\nnewer=1\n#:" in (project.root / "migrations/adopt.py").read_text()
    assert not (project.root / DB_MK).exists()
    assert (project.root / "schema.md").read_text() == "# Schema\n"
    assert (project.root / "migrations/more/deep.py").read_text() == "x = 1\n"


def test_new_file_where_the_team_has_one_of_that_name(tmp_path: Path) -> None:
    """A file of the team's own, of a name that the newer version brings, is not lost: both contents are there, as a conflict."""
    project = retrofitted(tmp_path, {"template/schema.md": "# Schema of the template\n"})
    (project.root / "schema.md").write_text("# Our schema\n")
    commit_all(project.root, "Our schema")

    update(project)

    assert "# Our schema\n" in (project.root / "schema.md").read_text()


@pytest.mark.parametrize("program", [COPIER, None], ids=["newest Copier", "oldest Copier"])
def test_update_asks_nothing(program: tuple[object, ...] | None, tmp_path: Path) -> None:
    """Without --defaults and without a terminal it goes well, and the answers that were given stay."""
    template = tmp_path / "template"
    add_working_tree(template)
    project = make_project("single_module", tmp_path)
    assert run_copier(project, "ci=none", "on_drift=stop", "stamp=false", "app=app:app", template=template).returncode == 0
    commit_all(project.top, "Flask-Migrate")
    answers = (project.root / ANSWERS).read_text().splitlines()
    add_working_tree(template, TAG, {})

    result = run(*(program or (copier(OLDEST),)), "update", "--trust", cwd=project.root)

    assert result.returncode == 0, result.output
    after = (project.root / ANSWERS).read_text().splitlines()
    assert [line for line in after if not line.startswith("_")] == [line for line in answers if not line.startswith("_")]
    assert {"ci: none", "on_drift: stop", "stamp: false", "app: app:app"} <= set(after)
    assert f"_commit: {TAG}" in after


def test_new_question(tmp_path: Path) -> None:
    """An answer that a newer version asks for takes its default, is stored, and changes nothing else."""
    question = "\nci:\n  type: str\n  help: Which CI?\n  choices: [none, github]\n  default: none\n"
    project = retrofitted(tmp_path, {"copier.yml": (ROOT / "copier.yml").read_text() + question})
    tree = tree_bytes(project.root)

    updated(project)

    after = tree_bytes(project.root)
    assert "\nci: none\n" in after.pop(ANSWERS).decode()
    tree.pop(ANSWERS)
    assert after == tree


INCLUDES = """\
from hooks.updates.step import Step


def include_if_there(root):
    makefile = root / "Makefile"
    if not makefile.exists():
        return {}
    lines = makefile.read_bytes().splitlines(keepends=True)
    return {"Makefile": b"".join(b"-" + line if line.startswith(b"include migrations/db.mk") else line for line in lines)}


STEPS = (Step("9.0.0", "goes on where migrations/db.mk is missing", include_if_there),)
"""
FAILS = INCLUDES.replace(
    "STEPS = (",
    """\
def fail(root):
    (root / "Makefile").read_bytes().index(b"-include")  # the first step has been done by now
    raise OSError("no space left on device")


STEPS = (
    Step("9.0.0", "cannot be done", fail),
    """,
)
FAILS = FAILS.replace('Step("9.0.0", "goes', 'Step("8.9.0", "goes')
STEPS_FILE = "hooks/updates/steps.py"


@pytest.mark.parametrize("program", [COPIER, None], ids=["newest Copier", "oldest Copier"])
def test_step_in_code_of_the_team(program: tuple[object, ...] | None, tmp_path: Path) -> None:
    """What a version needs from the team's own files is done there, once, in the project itself, and no database is opened."""
    project = retrofitted(tmp_path, {STEPS_FILE: INCLUDES})
    tree, before, traced = tree_bytes(project.root), data(project.database_url), trace(tmp_path)

    result = updated(project, copier=program or (copier(OLDEST),), env=traced.env)

    after = tree_bytes(project.root)
    assert said(result).startswith("edited     Makefile: goes on where migrations/db.mk is missing\n")
    assert after.pop("Makefile") == tree.pop("Makefile").replace(b"include ", b"-include ")
    assert without_tests_own(after) == without_tests_own(tree)
    assert traced.hooks() == [("__main__.py", str(project.root))] * 2
    assert traced.connections() == []
    assert data(project.database_url) == before
    assert flask(project, "db", "check", app=False).returncode == 0


def test_step_is_taken_once(tmp_path: Path) -> None:
    """The next update passes no version, so that an edit that the team takes back stays taken back."""
    project = retrofitted(tmp_path, {STEPS_FILE: INCLUDES})
    updated(project)
    edit(project, "Makefile", "-include ", "include ")

    again = updated(project)

    assert "Makefile" not in said(again)
    assert "-include" not in (project.root / "Makefile").read_text()


def test_step_finds_nothing_to_do(tmp_path: Path) -> None:
    """A team that has done it already, or deleted the file, sees no change."""
    project = retrofitted(tmp_path, {STEPS_FILE: INCLUDES})
    git(project.root, "rm", "-q", "Makefile")
    commit_all(project.root, "No make")

    result = updated(project)

    assert "edited" not in said(result)
    assert not (project.root / "Makefile").exists()


def test_step_that_fails(tmp_path: Path) -> None:
    """None of the steps is done, the merged files stay, and the message says what is missing."""
    project = retrofitted(tmp_path, {STEPS_FILE: FAILS, **NEWER_DB_MK})
    makefile, before = (project.root / "Makefile").read_bytes(), data(project.database_url)

    result = update(project)

    assert result.returncode == 1
    assert said(result) == (
        "error: update-step-failed\n"
        "  Version 9.0.0 changes something in your own files (cannot be done), and that could not be done:\n"
        "    OSError: no space left on device\n"
        "  Your own files are as they were; those of the template are merged. No database was touched.\n"
        "  Do it by hand, and commit.\n"
        "  To take the whole update back:  git reset -q --hard && git clean -fdq migrations\n"
    )
    assert (project.root / "Makefile").read_bytes() == makefile
    assert (project.root / DB_MK).read_text() == NEWER_DB_MK["template/" + DB_MK]
    assert data(project.database_url) == before


def test_copy_and_recopy_take_no_step(tmp_path: Path) -> None:
    """Steps are for updates: a project that starts with the newer version has what it needs from the first run."""
    template = made_up_template(tmp_path / "template", TAG, {STEPS_FILE: INCLUDES})
    project = make_project("single_module", tmp_path)

    copied = run_copier(project, template=template)
    commit_all(project.root, "Flask-Migrate")
    recopied = run_copier(project, command="recopy")

    assert (copied.returncode, recopied.returncode) == (0, 0), copied.output + recopied.output
    assert "-include" not in (project.root / "Makefile").read_text()


def test_copied_before_any_release(tmp_path: Path) -> None:
    """A project whose template had no tag yet is brought to the first version that has one."""
    template = tmp_path / "template"
    add_working_tree(template)
    (tag,) = git(template, "tag", "--list").split()
    git(template, "tag", "-d", tag)
    project = make_project("single_module", tmp_path)
    assert run_copier(project, template=template).returncode == 0
    commit_all(project.root, "Flask-Migrate")
    add_working_tree(template, TAG, NEWER_DB_MK)
    before = data(project.database_url)

    result = run(sys.executable, "-m", "copier", "update", "--trust", "--defaults", cwd=project.root)

    assert result.returncode == 0, result.output
    assert (project.root / DB_MK).read_text() == NEWER_DB_MK["template/" + DB_MK]
    assert data(project.database_url) == before
