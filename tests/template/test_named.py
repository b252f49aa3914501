"""Which databases can be known before any code of the application runs."""

from __future__ import annotations

import pytest

from adopt.history import named

SHOP = "postgresql:///shop"
OTHER = "mysql+pymysql://root@127.0.0.1/other"
AWAY = "postgresql://shop@db.example.com/shop"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(named, "ROOT", str(tmp_path))
    for name in [name for name in named.os.environ if named.VARIABLE.search(name)]:
        monkeypatch.delenv(name)
    return tmp_path


def found() -> list[str]:
    return [str(url) for url in named.before_loading()]


@pytest.mark.parametrize(
    "source",
    [
        f'SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or "{SHOP}"',
        f'class Config:\n    SQLALCHEMY_DATABASE_URI: str = "{SHOP}"',
        f'app.config["SQLALCHEMY_DATABASE_URI"] = os.getenv("DB_URL", default="{SHOP}")',
        f'app.config.from_mapping(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI="{SHOP}")',
        f'def url():\n    return config("DATABASE_URL", "{SHOP}")',
        f'app.config.update({{"SQLALCHEMY_DATABASE_URI": "{SHOP}"}})',
    ],
)
def test_literal_beside_the_variable(project, source):
    """However it is written."""
    (project / "config.py").write_text(source + "\n")

    assert found() == [SHOP]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("config.py", f'DOCUMENTATION = "{SHOP}"'),
        ("config.py", f'# SQLALCHEMY_DATABASE_URI = "{SHOP}"'),
        ("config.py", 'SQLALCHEMY_DATABASE_URI = f"postgresql://{USER}@localhost/shop"'),
        ("config.py", 'SQLALCHEMY_DATABASE_URI = "sqlite:///shop.db"  # postgresql://'),
        ("config.py", f'SQLALCHEMY_DATABASE_URI = "{SHOP}'),
        ("tests/conftest.py", f'SQLALCHEMY_DATABASE_URI = "{SHOP}"'),
        ("migrations/env.py", f'SQLALCHEMY_DATABASE_URI = "{SHOP}"'),
        (".tox/config.py", f'SQLALCHEMY_DATABASE_URI = "{SHOP}"'),
    ],
)
def test_what_names_none(project, path, source):
    """Other words, other files, what is no literal, and what is no Python."""
    (project / path).parent.mkdir(exist_ok=True)
    (project / path).write_text(source + "\n")

    assert found() == []


def test_another_machine_is_asked_only_where_it_is_the_only_one(project):
    """Production's database is nothing that a look at the local one connects to."""
    (project / "config.py").write_text(f'class A:\n    SQLALCHEMY_DATABASE_URI = "{AWAY}"\n')
    assert found() == [AWAY]

    (project / "local.py").write_text(f'SQLALCHEMY_DATABASE_URI = "{SHOP}"\nSQLALCHEMY_BINDS = {{"other": "{OTHER}"}}\n')
    assert sorted(found()) == sorted([SHOP, OTHER])


def test_the_environment_comes_before_the_code(project, monkeypatch):
    """Then the literal is what nobody connects to."""
    (project / "config.py").write_text(f'URL = os.environ.get("DATABASE_URL") or "{AWAY}"\n')
    monkeypatch.setenv("DATABASE_URL", SHOP)

    assert found() == [SHOP]
