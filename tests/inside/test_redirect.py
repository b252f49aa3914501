"""The application gets play databases in the place of its own, and what goes around them is found out."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from hooks.inside.guard.redirect import Moved, Redirect
from tests.inside import tools
from tests.inside.test_guards import everything, existing, fill
from tests.servers import execute, new_database

CREATE = "with app.app_context():\n    db.create_all()\n"


def test_variables_name_the_play_database(tmp_path: Path, database_url: str) -> None:
    """The variable that the application reads, others with the same URL, and those of a .env file."""
    show = "import sys\nfor name in ('DATABASE_URL', 'EXISTING_URL', 'COPY', 'FROM_DOTENV'):\n    print(name, os.environ[name])\n"
    root = tools.shop(tmp_path / "shop", after=show + "print('configured', app.config['SQLALCHEMY_DATABASE_URI'])\n")
    fill(database_url)
    env = existing(database_url)
    url = env["EXISTING_URL"]
    (root / ".env").write_text(f"FROM_DOTENV={url}?application_name=shop\n")

    heard = tools.hear(root, stamp=False, env={**env, "COPY": f"jobs={url}"})

    assert heard.one("verified")["loaded_on"] == "play"
    shown = [line.split(" ", 1) for line in heard.stderr.splitlines() if line.startswith(("DATA", "EXIS", "COPY", "FROM", "conf"))]
    assert [name for name, _ in shown] == ["DATABASE_URL", "EXISTING_URL", "COPY", "FROM_DOTENV", "configured"]
    assert all("scratch_" in value and str(make_url(url).database) not in value for _, value in shown)
    assert heard.one("loaded")["url"].partition("?")[0] == url


def test_schemas_are_refused_before_a_row_is_written(tmp_path: Path) -> None:
    """A schema of MariaDB is another database: models that name one reach neither it nor the existing one, whatever they seed."""
    with new_database("mariadb") as url:
        models = f"""
    class User(db.Model):
        __table_args__ = {{"schema": "{make_url(url).database}"}}
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(20), nullable=False)
"""
        seed = (
            "    if not User.query.first() or True:\n        db.session.add(User(id=9, name='eve'))\n        db.session.commit()\n"
        )
        root = tools.shop(tmp_path / "shop", models, after="with app.app_context():\n" + seed)
        before = fill(url)

        heard = tools.hear(root, env=existing(url))

        assert heard.one("error")["reason"] == "schemas-unsupported"
        assert everything(url) == before


@pytest.mark.parametrize("statement", ["USE {name}", "INSERT INTO {name}.user VALUES (9, 'eve')", "CREATE DATABASE {name}_more"])
def test_another_database_of_the_server_is_out_of_reach(tmp_path: Path, statement: str) -> None:
    """The application's login there has rights on its play database alone."""
    with new_database("mariadb") as url:
        after = "from sqlalchemy import text\nwith app.app_context(), db.engine.begin() as connection:\n"
        after += f"    connection.execute(text({statement.format(name=make_url(url).database)!r}))\n"
        root = tools.shop(tmp_path / "shop", after=after)
        before = fill(url)

        error = tools.hear(root, env=existing(url)).one("error")

        assert (error["reason"], error["asked"]) == ("app-failed-to-load", True)
        assert "denied" in error["exception"]
        assert everything(url) == before


def test_what_goes_around_is_found_out(tmp_path: Path, postgresql_url: str) -> None:
    """A connection that no guard sees writes, and the run ends with what it wrote."""
    parsed = make_url(postgresql_url)
    dsn = f"host={parsed.host} port={parsed.port or 5432} user={parsed.username} dbname={parsed.database}"
    after = f"import psycopg2._psycopg\nconnection = psycopg2._psycopg.connection({dsn!r})\n"
    after += 'connection.cursor().execute("INSERT INTO \\"user\\" VALUES (9, \'eve\')")\nconnection.commit()\nconnection.close()\n'
    root = tools.shop(tmp_path / "shop", after=after)
    fill(postgresql_url)

    heard = tools.hear(root, env=existing(postgresql_url))

    error = heard.one("error")
    assert error["reason"] == "database-changed"
    assert [change for _, change in error["changes"]] == ["rows of public.user were written: its checksum is another, 1 inserted"]
    found = everything(postgresql_url)
    assert isinstance(found, dict)
    assert "alembic_version" not in found


def test_listeners_of_the_application_do_not_run_on_the_existing_database(tmp_path: Path, database_url: str) -> None:
    """Neither while it is looked at, nor in the stamp, nor where a difference is explained."""
    listeners = """
        from sqlalchemy import event
        from sqlalchemy.engine import Engine
        from sqlalchemy.pool import Pool

        def write(connection):
            cursor = connection.cursor()
            for statement in ("SET SESSION TRANSACTION READ WRITE", "INSERT INTO log VALUES ('evil')"):
                try:
                    cursor.execute(statement)
                except Exception:
                    connection.rollback()
            connection.commit()

        event.listen(Engine, "connect", lambda connection, record: write(connection))
        event.listen(Pool, "checkin", lambda connection, record: write(connection) if connection else None)
        event.listen(Engine, "engine_connect", lambda connection, *branch: write(connection.connection))
    """
    root = tools.shop(tmp_path / "shop", tools.USER + "        age = db.Column(db.Integer)\n", after=listeners)
    fill(database_url)
    execute(database_url, "CREATE TABLE log (entry VARCHAR(10))")

    heard = tools.hear(root, env=existing(database_url))

    assert heard.one("verified")["differences"]
    found = everything(database_url)
    assert isinstance(found, dict)
    assert found.pop("alembic_version") == (["version_num"], [(tools.REVISION,)])
    assert found["log"] == (["entry"], [])


TEXTS = {
    "the scheme stays": ("postgres://u:p@h/shop", "postgres://u:q@h/play"),
    "the driver stays": ("postgresql+pg8000://u:p@h/shop", "postgresql+pg8000://u:q@h/play"),
    "what stands behind it stays": ("postgresql://u:p@h/shop?sslmode=require", "postgresql://u:q@h/play?sslmode=require"),
    "within other text": ('{"url": "postgresql://u:p@h/shop"}', '{"url": "postgresql://u:q@h/play"}'),
    "another database": ("postgresql://u:p@h/shop2", "postgresql://u:p@h/shop2"),
    "another host": ("postgresql://u:p@h/shop/more", "postgresql://u:p@h/shop/more"),
    "no URL": ("shop", "shop"),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_texts_are_redirected(text: str, expected: str) -> None:
    """Only the place changes, and only as a whole."""
    moved = Moved("postgresql://u:p@h/shop", ["postgresql://u:p@h/shop?connect_timeout=3"], "postgresql+psycopg2://u:q@h/play?x=1")
    redirect = Redirect([moved], lambda a, b: a == b)

    assert redirect.text(text) == expected
    assert redirect.setting({"url": text, "echo": True}) == {"url": expected, "echo": True}
