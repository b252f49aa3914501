"""Source and settings of a project tell their secrets before anything of them was run."""

from __future__ import annotations

from hooks.base.redaction import redaction
from hooks.environment import project_secrets
from hooks.environment.project_secrets import learn_tree
from tests.template.conftest import put_migrations


def test_what_a_tree_says(tmp_path):
    """Assignments, a `.env` and a compose file."""
    (tmp_path / "config.py").write_text("class Config:\n    SECRET_KEY = 'k3y-of-file'\n    password = ask(a1b2c3)\n")
    (tmp_path / ".env").write_text('export MAIL_PASSWORD="m4il pw"\nNAME=ada-1815\n')
    (tmp_path / "compose.yml").write_text("services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: c0mpose\n")
    secrets = redaction.Secrets()
    learn_tree(tmp_path, secrets)

    assert secrets.masked("k3y-of-file, m4il pw, c0mpose; ask(a1b2c3) ada-1815") == "***, ***, ***; ask(a1b2c3) ada-1815"


def test_our_own_file_is_not_read_for_secrets(tmp_path, monkeypatch):
    """migrations/adopt.py has patterns of secrets in it, and none of its owner."""
    put_migrations(tmp_path)
    read = []
    monkeypatch.setattr(project_secrets, "learn_source", lambda text, secrets, is_python: read.append(text))
    learn_tree(tmp_path)

    assert not [text for text in read if "MODULES=" in text]
    assert len(read) == len([path for path in tmp_path.rglob("*") if path.suffix in (".py", ".ini")]) - 1
