"""The working tree under attack: links, a git that refuses, an interrupted rendering, signals, a full disk."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hooks.base.git import find_repository
from hooks.worktree.journal import journal_folder, lock_of
from hooks.worktree.run_lock import try_lock
from tests.end_to_end.tools import (
    Project,
    commit_all,
    git,
    heads,
    make_project,
    rows,
    run,
    run_copier,
    said,
    stamped_at,
    template_source,
    tree_bytes,
)
from tests.plain_environ import plain_environ

INCLUDE = "include migrations/db.mk"
OUTSIDE = {"Makefile": b"all:\n\ttrue\n", "gitignore": b"*.pyc\n"}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the project, with files of another one."""
    folder = tmp_path / "outside"
    folder.mkdir()
    for name, raw in OUTSIDE.items():
        (folder / name).write_bytes(raw)
    return folder


def test_links_are_not_written_through(tmp_path: Path, outside: Path) -> None:
    """What leads out of the repository stays, with the lines to add; what leads to another file of it is edited under that name."""
    project = make_project("single_module", tmp_path)
    for name in (".gitignore", "Makefile", ".env.example"):
        (project.root / name).unlink(missing_ok=True)
    (project.root / ".gitignore").symlink_to(outside / "gitignore")
    (project.root / "inner").symlink_to(outside / "Makefile")
    (project.root / "Makefile").symlink_to("inner")
    (project.root / "examples").mkdir()
    (project.root / "examples" / "env").write_text("FLASK_DEBUG=1\n")
    (project.root / ".env.example").symlink_to("examples/env")
    commit_all(project.root)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert tree_bytes(outside) == OUTSIDE
    assert [line for line in result.stderr.splitlines() if "is not edited" in line] == [
        f"note       Makefile is not edited: the symbolic link Makefile leads to inner; add by hand:  {INCLUDE}",
        f"note       .gitignore is not edited: the symbolic link .gitignore leads to {outside}/gitignore; add by hand:  .env",
    ]
    assert "edited     examples/env: shows DATABASE_URL (where the symbolic link .env.example leads)\n" in result.stderr
    assert all((project.root / name).is_symlink() for name in (".gitignore", "Makefile", ".env.example"))
    assert b"DATABASE_URL" in (project.root / "examples" / "env").read_bytes()


@pytest.mark.parametrize(("name", "to"), [("migrations", "{root}/schema"), (".copier-answers.yml", "{outside}/new")])
def test_nothing_is_rendered_through_a_link(name: str, to: str, tmp_path: Path, outside: Path) -> None:
    """Neither by Copier nor by the hook, also where nothing is at its end yet."""
    project = make_project("single_module", tmp_path)
    (project.root / "schema").mkdir()
    target = to.format(root=project.root, outside=outside)
    (project.root / name).symlink_to(target)
    commit_all(project.root)
    tree = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode == 1, result.output
    assert said(result) == (
        "error: symbolic-link\n"
        f"  {name} would be written through a symbolic link, and so somewhere else than its name says:\n"
        f"    {name} -> {target}\n"
        "  Nothing was changed.\n"
        "  Put a file or folder of its own in the place of the link, commit, and run again.\n"
    )
    assert (tree_bytes(project.root), tree_bytes(outside)) == (tree, OUTSIDE)


def test_folder_that_is_a_link_out_of_the_project(tmp_path: Path, outside: Path) -> None:
    """Newer Copiers refuse it by themselves."""
    project = make_project("single_module", tmp_path)
    (project.root / "migrations").symlink_to(outside)
    commit_all(project.root)
    tree = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode == 1, result.output
    assert (tree_bytes(project.root), tree_bytes(outside)) == (tree, OUTSIDE)


def test_git_that_refuses_is_not_taken_for_a_clean_tree(tmp_path: Path) -> None:
    """A dirty tree in a repository that git does not read: not a file is edited, and git's words are shown."""
    project = make_project("single_module", tmp_path)
    (project.root / "app.py").write_bytes((project.root / "app.py").read_bytes() + b"# edited\n")
    (project.root / ".git" / "HEAD").write_bytes(b"")
    tree = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode == 1, result.output
    assert said(result).startswith("error: git-refuses\n  git does not read the repository of this project, so uncommitted changes")
    assert said(result).endswith("  Nothing was changed.\n  Make `git status` work here, and run again.\n")
    assert tree_bytes(project.root) == tree


def all_of_it(root: Path) -> None:
    """Killed when Copier was about to run the task."""


def half_of_it(root: Path) -> None:
    """Killed while a file was written."""
    files = sorted(path for path in (root / "migrations").rglob("*") if path.is_file())
    for path in files[len(files) // 2 :]:
        path.unlink()
    files[0].write_bytes(files[0].read_bytes()[:50])
    (root / ".copier-answers.yml").unlink()


def cut_off_answers(root: Path) -> None:
    """Killed while the answers were written."""
    answers = root / ".copier-answers.yml"
    lines = answers.read_bytes().splitlines(keepends=True)
    answers.write_bytes(b"".join(lines[:3]))  # Copier itself fails where it is empty, or ends within a line
    shutil.rmtree(root / "migrations")


def one_empty_file(root: Path) -> None:
    """Killed when the first file was opened."""
    shutil.rmtree(root / "migrations")
    (root / ".copier-answers.yml").unlink()
    (root / "migrations").mkdir()
    (root / "migrations" / "README.md").touch()


INTERRUPTED = [all_of_it, half_of_it, cut_off_answers, one_empty_file]


@pytest.mark.parametrize("cut", INTERRUPTED)
def test_rendering_that_was_interrupted(cut: Callable[[Path], None], tmp_path: Path) -> None:
    """A run that is refused leaves nothing of it; one that is not finishes it, as if it had never been interrupted."""
    project = make_project("single_module", tmp_path)
    before, tree = rows(project.database_url), tree_bytes(project.root)
    run_copier(project, options=("--skip-tasks",))
    cut(project.root)
    refused = run_copier(project, "app=nowhere:app")
    assert refused.returncode == 1, refused.output
    assert "error: unknown-app" in said(refused)
    assert tree_bytes(project.root) == tree

    run_copier(project, options=("--skip-tasks",))
    whole = tree_bytes(project.root)
    cut(project.root)
    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert "resumed    a run that was interrupted while Copier rendered; " in result.stderr
    now = tree_bytes(project.root)
    made = [path for path in whole if path not in tree]
    assert {path: now.get(path) for path in made} == {path: whole[path] for path in made}
    assert stamped_at(project.database_url) == heads(project.root) != []
    assert rows(project.database_url) == before


def test_files_of_the_team_are_not_taken_for_a_rendering(tmp_path: Path) -> None:
    """What git has is the team's, though its bytes are the template's."""
    project = make_project("single_module", tmp_path)
    run_copier(project, options=("--skip-tasks",))
    commit_all(project.root)
    tree = tree_bytes(project.root)

    refused = run_copier(project, "app=nowhere:app")

    assert refused.returncode == 1
    assert tree_bytes(project.root) == tree


@pytest.fixture
def started(tmp_path: Path) -> Callable[[Project], subprocess.Popen[str]]:
    """Start `copier copy` in a session of its own, with a folder of its own for what is temporary."""
    (tmp_path / "temporary").mkdir()

    def start(project: Project) -> subprocess.Popen[str]:
        source = str(template_source())
        command = [sys.executable, "-m", "copier", "copy", "--trust", "--defaults", "-d", f"python={sys.executable}", source, "."]
        environ = {**plain_environ(), "TMPDIR": str(tmp_path / "temporary")}
        return subprocess.Popen(
            command,
            cwd=project.root,
            env=environ,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    return start


def wait_for_its_end(project: Project) -> None:
    """Until no process of a run has locked the project."""
    lock = lock_of(journal_folder(project.root, find_repository(project.root)))
    until = time.monotonic() + 60
    while lock.exists() and time.monotonic() < until:
        descriptor = try_lock(lock)
        if descriptor is not None:
            os.close(descriptor)
            return
        time.sleep(0.1)


def ctrl_c(process: subprocess.Popen[str]) -> None:
    """What a terminal does: it sends it to all."""
    os.killpg(process.pid, signal.SIGINT)


def hang_up(process: subprocess.Popen[str]) -> None:
    """The terminal is closed."""
    os.killpg(process.pid, signal.SIGHUP)


def terminate_copier(process: subprocess.Popen[str]) -> None:
    """What stops a CI job or a container: Copier alone is told."""
    process.terminate()


def kill_copier(process: subprocess.Popen[str]) -> None:
    """Copier alone is killed."""
    process.kill()


ENDS = [
    (ctrl_c, "detect"),
    (ctrl_c, "load"),
    (ctrl_c, "scratch"),
    (hang_up, "load"),
    (terminate_copier, "load"),
    (kill_copier, "python"),
]


@pytest.mark.parametrize(("end", "step"), ENDS, ids=[f"{end.__name__}-{step}" for end, step in ENDS])
def test_interruptions(
    end: Callable[[subprocess.Popen[str]], None],
    step: str,
    tmp_path: Path,
    started: Callable[[Project], subprocess.Popen[str]],
) -> None:
    """Whoever is told to end, at whatever step: the tree is put back, and that is said; the next run goes well."""
    for attempt in range(5):
        (tmp_path / str(attempt)).mkdir()
        project = make_project("single_module", tmp_path / str(attempt))
        before, tree = rows(project.database_url), tree_bytes(project.root)
        process, words = started(project), ""
        assert process.stderr is not None
        for line in process.stderr:
            words += line
            if line.startswith(f"  {step} "):
                end(process)
        if process.wait() != 0:
            break  # else it had done everything by the time that it was told
    wait_for_its_end(project)
    was_looked_at = "Interrupted. No file was changed, and nothing was stamped."  # the application may be at work still
    both = ("Interrupted. Nothing was changed.", was_looked_at)
    assert any(f"\n{one}\n" in words for one in (both if step in ("detect", "python") else both[1:])), words
    assert tree_bytes(project.root) == tree
    assert stamped_at(project.database_url) == []
    assert not list((project.root / ".git").glob("copier*"))
    assert [path.name for path in (tmp_path / "temporary").iterdir() if not path.name.startswith("copier.")] == []

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert stamped_at(project.database_url) == heads(project.root) != []
    assert rows(project.database_url) == before


def in_child(work: Callable[[], int]) -> tuple[int, str]:
    """Do it in a process of its own; its exit status and what it wrote to standard error."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 99
        try:
            os.close(read)
            os.dup2(write, 2)
            sys.stderr = os.fdopen(2, "w", closefd=False)
            status = work()
            sys.stderr.flush()
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as words:
        text = words.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def hook(project: Project) -> int:
    """The hook alone, after Copier has rendered."""
    from hooks.base.run_settings import Settings
    from hooks.run import run

    settings = Settings.from_words([f"--python={sys.executable}", "--defaults"], project.root, list)
    os.chdir(project.root)
    return run(project.root, settings, template=template_source() / "template")


@pytest.mark.parametrize("bytes_at_most", [500, 3_000, 8_000, 16_000])
def test_full_disk(bytes_at_most: int, tmp_path: Path) -> None:
    """Whichever file finds no room, the journal's own or the project's: everything is as it was, and that is said."""
    project = make_project("single_module", tmp_path)
    tree = tree_bytes(project.root)
    run_copier(project, options=("--skip-tasks",))

    def limited() -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_at_most, bytes_at_most))
        return hook(project)

    status, words = in_child(limited)

    assert status == 1, words
    assert "\nerror: " in words, words
    assert "  Nothing was changed.\n" in words, words
    assert tree_bytes(project.root) == tree
    assert stamped_at(project.database_url) == []
    assert git(project.root, "status", "--porcelain") == ""


def test_folder_of_git_that_cannot_be_written(tmp_path: Path) -> None:
    """The reason is the operating system's; what Copier has rendered is gone again."""
    project = make_project("single_module", tmp_path)
    (project.root / ".git" / "copier-flask-migrate").touch()
    tree = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode == 1, result.output
    lock = lock_of(journal_folder(project.root, find_repository(project.root)))
    assert said(result) == (
        "error: file-refused\n"
        "  The operating system refused this file:\n"
        f"    {lock}   Not a directory\n"
        "  Nothing was changed.\n"
        "  Remove the cause (permissions, a read-only file system, a full disk), and run again.\n"
    )
    assert tree_bytes(project.root) == tree


@pytest.mark.parametrize("options", [("--defaults",), ("--defaults", "--quiet"), ()], ids=["defaults", "quiet", "asked nothing"])
def test_second_run_says_that_there_is_nothing_to_do(options: tuple[str, ...], tmp_path: Path) -> None:
    """One line tells the version that the project has, and the command that goes on from here; nothing is asked."""
    project = make_project("single_module", tmp_path)
    assert run_copier(project).returncode == 0
    version = re.search(r"^_commit: (.*)$", (project.root / ".copier-answers.yml").read_text(), re.M)
    tree = tree_bytes(project.root)

    words = ("-m", "copier", "copy", "--trust", *options, template_source(), ".")
    again = run(sys.executable, *words, cwd=project.root)

    assert again.returncode == 0, again.output
    assert version
    next_command = 'When models change:  flask db migrate -m "what changed"'
    assert said(again).splitlines()[-1] == f"set-up     at {version[1]}; nothing was done. {next_command}"
    assert tree_bytes(project.root) == tree


def test_second_run_of_a_newer_version(tmp_path: Path) -> None:
    """It names the way to that version."""
    project = make_project("single_module", tmp_path)
    assert run_copier(project).returncode == 0
    answers = project.root / ".copier-answers.yml"
    text = answers.read_text()
    answers.write_text(re.sub(r"^_commit: .*$", "_commit: v0.1.0", text, flags=re.M))
    newest = re.search(r"^_commit: (.*)$", text, re.M)

    again = run_copier(project)

    assert newest
    assert said(again) == f"set-up     at v0.1.0; nothing was done. For {newest[1]}:  copier update --trust\n"


WRITES = """

import logging
import os

os.makedirs("logs", exist_ok=True)
logging.getLogger("shop").addHandler(logging.FileHandler("logs/shop.log"))
logging.getLogger("shop").warning("started")
with open("notes.txt", "a") as notes:
    notes.write("started\\n")
"""


def test_application_that_writes_while_it_is_loaded(tmp_path: Path) -> None:
    """Its logs and notes are not those of the project: nothing of them is in the tree, and the run goes well."""
    project = make_project("single_module", tmp_path)
    app = project.root / "app.py"
    app.write_text(app.read_text() + WRITES)
    (project.root / "notes.txt").write_text("one\n")
    commit_all(project.root)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert (project.root / "notes.txt").read_text() == "one\n"
    assert not (project.root / "logs").exists()


def test_somebody_who_writes_meanwhile(tmp_path: Path, started: Callable[[Project], subprocess.Popen[str]]) -> None:
    """A development server that goes on working in the tree: nothing is written or stamped, and what it has changed is named."""
    project = make_project("single_module", tmp_path)
    (project.root / "instance").mkdir(exist_ok=True)
    (project.root / "instance" / "server.log").write_text("one\n")
    tree = tree_bytes(project.root)
    process = started(project)
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("  load "):
            with (project.root / "instance" / "server.log").open("a") as log:
                log.write("two\n")
            (project.root / "upload.bin").write_bytes(b"1")
    process.wait()

    words = "".join(lines)
    assert (
        "error: tree-changed\n"
        "  While the application was loaded and checked, files of the project were changed, and not by this template:\n"
        "    changed  instance/server.log\n"
        "    added    upload.bin\n"
        "  Nothing else was changed, and nothing was stamped.\n"
    ) in words
    theirs = {"instance/server.log": b"one\ntwo\n", "upload.bin": b"1"}
    assert tree_bytes(project.root) == {**tree, **theirs}
    assert stamped_at(project.database_url) == []


def end_of_the_projects_python(root: Path) -> None:
    """Kill what runs hooks/inside/ in the project's Python, as a lack of memory does."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = b"inside/run.py" in (process / "cmdline").read_bytes() and (process / "cwd").readlink() == root
        except OSError:
            continue
        if is_ours:
            os.kill(int(process.name), signal.SIGKILL)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the process in /proc")
def test_end_between_write_and_stamp(tmp_path: Path, started: Callable[[Project], subprocess.Popen[str]]) -> None:
    """Files go back, what is not known is said, and the next run goes on with the same revision id; it is not taken for set up."""
    project = make_project("single_module", tmp_path)
    before, tree = rows(project.database_url), tree_bytes(project.root)
    held = sqlite3.connect(project.database_url.removeprefix("sqlite:///"), isolation_level=None)
    held.execute("BEGIN IMMEDIATE")  # others may read
    process = started(project)
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("  write "):
            revision = heads(project.root)
            end_of_the_projects_python(project.root)
    process.wait()
    held.close()

    assert process.returncode == 1
    assert (
        "error: stamp-unknown\n"
        "  Every check passed, and the stamp was asked for, but there was no answer:\n"
        "    script-died\n"
        "  Every file is as it was. Whether the database was stamped is not known.\n"
        "  Run the command again: it uses the same revision id, so a stamp that was written is the right one.\n"
    ) in "".join(lines)
    assert tree_bytes(project.root) == tree
    result = run_copier(project)
    assert result.returncode == 0, result.output
    assert "resumed    a run that was interrupted; it had edited no file\n" in result.stderr
    assert stamped_at(project.database_url) == heads(project.root) == revision
    assert rows(project.database_url) == before
    assert not list((project.root / ".git").glob("copier*"))
