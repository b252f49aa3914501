"""Searching words in many files."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from hooks.detect.search import MANY, Sources, git_grep, holding

CONTENT = {"a.py": b"create_app()", "b.py": b"create_app_for_tests()", "c.py": b"nothing"}


def test_files_are_read_once_and_when_needed():
    """Asking for one file reads that one, and only the first time."""
    read: list[str] = []
    sources = Sources(CONTENT, lambda path: read.append(path) or CONTENT[path])

    assert (sources["a.py"].raw, sources["a.py"].raw, read) == (b"create_app()", b"create_app()", ["a.py"])


def test_words_within_words():
    """A word is looked for anywhere, and a longer one only where the shorter was found."""
    sources = Sources(CONTENT, CONTENT.get)

    assert sources.holding(["create_app"]) == ["a.py", "b.py"]
    assert sources.holding(["create_app_for", "nothing"]) == ["b.py", "c.py"]


@pytest.mark.parametrize("in_git", [True, False])
def test_large_tree_is_searched_by_git(tmp_path: Path, in_git: bool):
    """In a large tree only files that are asked for are read; those of other people's folders are not even searched."""
    if in_git:
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    names = [f"m{number}.py" for number in range(MANY)]
    for name in names:
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "m3.py").write_text("Flask(__name__); FlaskForm\n")
    (tmp_path / "m4.py").write_bytes(b"\0 Flask\n")
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "app.py").write_text("Flask(__name__)\n")
    read: list[str] = []

    def reading(path: str) -> bytes:
        read.append(path)
        return (tmp_path / path).read_bytes()

    grep = git_grep(tmp_path, ["env"], in_git=in_git)
    sources = Sources(names, reading, grep)
    assert sources.holding(["Flask", "-e"]) == ["m3.py", "m4.py"]
    assert sources.holding(["Form", "-e"]) == ["m3.py"]
    assert read == []
    assert sources.holding(["FlaskForm"]) == ["m3.py"]
    assert read == ["m3.py", "m4.py"]
    found = grep(["Flask", "FlaskForm", "x"])
    assert found == {"Flask": ["m3.py", "m4.py"], "FlaskForm": ["m3.py"], "x": sorted({*names} - {"m3.py", "m4.py"})}
    assert Sources(names, reading, lambda words: None).holding(["Flask"]) == ["m3.py", "m4.py"]


def test_files_that_only_git_knows(tmp_path: Path):
    """Of a large tree `git grep` finds a file of the run, too, such as migrations/adopt.py, which is none of the project's."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    names = [f"m{number}.py" for number in range(MANY)]
    for name in names:
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "m3.py").write_text("FlaskForm\n")
    (tmp_path / "adopt.py").write_text("Flask, FlaskForm\n")
    sources = Sources(names, lambda path: (tmp_path / path).read_bytes(), git_grep(tmp_path))

    assert sources.holding(["Flask"]) == ["m3.py"]
    assert sources.holding(["FlaskForm"]) == ["m3.py"]


def test_file_names_and_settings(tmp_path: Path):
    """Any file name comes back as it is, from a folder of a repository, whatever git's settings are."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for setting in ("grep.fullName=true", "grep.lineNumber=true", "grep.column=true", "color.ui=always", "core.quotePath=true"):
        subprocess.run(["git", "-C", str(tmp_path), "config", *setting.split("=")], check=True)
    folder = tmp_path / "shop"
    folder.mkdir()
    for name in ("one two.py", "zwei\nzeilen.py", "é.py"):
        (folder / name).write_text("Flask\n")

    assert git_grep(folder)(["Flask"]) == {"Flask": ["one two.py", "zwei\nzeilen.py", "é.py"]}


def test_where_git_cannot_tell(tmp_path: Path):
    """`git grep` answers None where there is no repository, and nothing where nothing is found."""
    assert git_grep(tmp_path)(["x"]) is None
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert git_grep(tmp_path)(["x"]) == {}


def test_small_tree_starts_no_process():
    """Below MANY files nothing but Python searches."""

    def refuse(words: Sequence[str]) -> None:
        raise AssertionError(words)

    assert Sources(CONTENT, CONTENT.get, refuse).holding(["nothing"]) == ["c.py"]


@pytest.mark.parametrize("where", ["repository", "ignored", "no repository"])
def test_files_that_hold_a_word(tmp_path: Path, where: str):
    """Of a large tree only those are read; of one that git does not know all are, so that none is missed."""
    if where != "no repository":
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    if where == "ignored":
        (tmp_path / ".gitignore").write_text("shop\n")
    root = tmp_path / "shop"
    root.mkdir()
    names = sorted(f"m{number}.py" for number in range(MANY))
    for name in names:
        (root / name).write_text("x = 1\n")
    (root / "m3.py").write_text("-e db\n")
    (root / "m4.py").write_bytes(b"\0 \xff models\n")
    (root / "other.py").write_text("db\n")  # was not asked for

    found = holding(root, names, ["db", "models"])

    assert found == (["m3.py", "m4.py"] if where == "repository" else names)
    assert holding(root, names[:3], ["db"]) == names[:3]
