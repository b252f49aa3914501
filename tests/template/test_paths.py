"""What is read of a project's files, whatever is among them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adopt.autogenerate import unloaded
from adopt.base import paths, redaction
from adopt.history import named
from hooks.environment.project_secrets import learn_tree

NO_SOURCES: dict[str, Callable[[Path], None]] = {
    "a lock of Emacs": lambda path: path.symlink_to("ada@host.123:456"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a pipe": os.mkfifo,
    "a huge file": lambda path: path.touch() or os.truncate(path, 2**40),
}


def test_a_source(tmp_path):
    """Its bytes."""
    (tmp_path / "app.py").write_bytes(b"app = 1\r\n")

    assert paths.source_bytes(tmp_path / "app.py") == b"app = 1\r\n"


@pytest.mark.parametrize("make", NO_SOURCES.values(), ids=NO_SOURCES)
def test_what_is_no_source(tmp_path, monkeypatch, make):
    """Nothing, at once; whoever looks through the tree goes on to the next file."""
    make(tmp_path / ".#app.py")
    make(tmp_path / "app.py")
    make(tmp_path / ".env")
    (tmp_path / "config.py").write_text('SQLALCHEMY_DATABASE_URI = "postgresql://shop:S3cretly@localhost/shop"\n')
    (tmp_path / "models.py").write_text("class Order(db.Model):\n    pass\n")
    monkeypatch.setattr(unloaded, "ROOT", str(tmp_path))

    assert paths.source_bytes(tmp_path / "app.py") == b""
    assert [url.database for url in named.in_code(str(tmp_path))] == ["shop"]
    assert unloaded.declared(["order"]) == {"order": ("models.py", 1)}
    secrets = redaction.Secrets()
    learn_tree(tmp_path, secrets)
    assert secrets.masked("S3cretly") == "***"
