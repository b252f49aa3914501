"""What the user is shown is what `git apply` takes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hooks.base.source import Source
from hooks.edit.core.changed_files import changed_files
from hooks.edit.core.diff import unified_diff
from hooks.edit.core.splice import Edit, Splice


def test_whole_text():
    """Changed, new and deleted files, sorted, with the end of a file that lacks a newline."""
    before = {"b.py": b"x = 1\ny = 2", "gone.txt": b"x\n", "same.txt": b"x"}
    after = {"b.py": b"x = 1\r\ny = 3", "a.txt": b"new\n", "gone.txt": None, "same.txt": b"x"}

    assert unified_diff(before, after) == (
        "diff --git a/a.txt b/a.txt\nnew file mode 100644\n--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+new\n"
        "diff --git a/b.py b/b.py\n--- a/b.py\n+++ b/b.py\n@@ -1,2 +1,2 @@\n-x = 1\n-y = 2\n\\ No newline at end of file\n"
        "+x = 1\r\n+y = 3\n\\ No newline at end of file\n"
        "diff --git a/gone.txt b/gone.txt\ndeleted file mode 100644\n--- a/gone.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    )


def test_nothing_changed():
    """No difference, no text."""
    assert unified_diff({"a": b"x"}, {"a": b"x"}) == ""


def test_utf_16_is_readable():
    """A file in UTF-16 is shown as text."""
    shown = unified_diff({"r.txt": "a\n".encode("utf-16")}, {"r.txt": "a\nb\n".encode("utf-16")})

    assert shown == "diff --git a/r.txt b/r.txt\n--- a/r.txt\n+++ b/r.txt\n@@ -1 +1,2 @@\n a\n+b\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\nb\nc", b"a\nx\nc"),
        (b"a\r\nb\r\n", b"a\r\nb\r\nc\r\n"),
        (b"a\x0cb\x1cc\xc2\x85d\n", b"a\x0cb\x1cc\xc2\x85d\ne"),
        (None, "größe\n".encode()),
    ],
    ids=["no final newline", "CRLF", "odd separators", "new"],
)
def test_git_takes_it(before: bytes | None, after: bytes, tmp_path: Path):
    """`git apply` turns the old file into the new one, byte for byte."""
    if before is not None:
        (tmp_path / "a.txt").write_bytes(before)
    shown = unified_diff({"a.txt": before}, {"a.txt": after})

    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=shown.encode(), cwd=tmp_path, check=True)

    assert (tmp_path / "a.txt").read_bytes() == after


def test_changed_files():
    """Edits of one file are made together, files that stay the same are not named, a path without a source is a new file."""
    sources = {"a.txt": Source("a.txt", b"ac"), "b.txt": Source("b.txt", b"x")}
    edits = [
        Edit("a.txt", "test", (Splice(1, 1, "b"),)),
        Edit("b.txt", "test", (Splice(0, 1, "x"),)),
        Edit("c.txt", "test", (Splice(0, 0, "new\n"),)),
        Edit("a.txt", "test", (Splice(2, 2, "d"),)),
    ]

    assert changed_files(sources, edits) == {"a.txt": b"abcd", "c.txt": b"new\n"}
