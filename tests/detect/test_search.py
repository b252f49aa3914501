"""Searching words in many files."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from hooks.detect.search import MANY, Sources, git_grep

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


def test_large_tree_is_searched_by_git(tmp_path: Path):
    """In a large repository only files that hold a word are read; what git cannot tell is searched here."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    names = [f"m{number}.py" for number in range(MANY)]
    for name in names:
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "m3.py").write_text("Flask(__name__)\n")
    (tmp_path / "m4.py").write_bytes(b"\0 Flask\n")
    read: list[str] = []

    def reading(path: str) -> bytes:
        read.append(path)
        return (tmp_path / path).read_bytes()

    assert Sources(names, reading, git_grep(tmp_path)).holding(["Flask", "-e"]) == ["m3.py", "m4.py"]
    assert read == ["m3.py", "m4.py"]
    assert Sources(names, reading, lambda words: None).holding(["Flask"]) == ["m3.py", "m4.py"]


def test_outside_of_git(tmp_path: Path):
    """`git grep` answers None where there is no repository, and an empty list where nothing is found."""
    assert git_grep(tmp_path)(["x"]) is None
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert git_grep(tmp_path)(["x"]) == []


def test_small_tree_starts_no_process():
    """Below MANY files nothing but Python searches."""

    def refuse(words: Sequence[str]) -> list[str]:
        raise AssertionError(words)

    assert Sources(CONTENT, CONTENT.get, refuse).holding(["nothing"]) == ["c.py"]
