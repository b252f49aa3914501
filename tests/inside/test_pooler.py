"""The run behind a pooler that lends sessions: the application's drivers are guarded, and no session is left read-only."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from tests.inside import tools
from tests.inside.test_guards import RAW_SERVER, everything, existing, fill
from tests.poolers import pooled
from tests.servers import engine_for, execute

POSTGRESQL = [name for name in RAW_SERVER if name.startswith("psycopg")]
ASYNC = """
    import asyncio, psycopg
    async def attack():
        address = "host=%s port=%s user=%s dbname=%s" % (HOST, PORT, USER_NAME, NAME)
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            await connection.execute('DELETE FROM "user"')
    asyncio.run(attack())
"""


@pytest.fixture
def pooler(postgresql_url: str, tmp_path: Path) -> Iterator[URL]:
    """The way through the pooler to an empty database."""
    with pooled(postgresql_url, tmp_path) as url:
        yield url


def write(url: URL) -> None:
    """What the application does all day: fails in a session that was left read-only."""
    execute(url, "INSERT INTO \"user\" (id, name) VALUES (9, 'eve')", 'DELETE FROM "user" WHERE id = 9')


@pytest.mark.parametrize("attack", [*POSTGRESQL, "psycopg's async class"])
def test_raw_drivers_reach_the_play_database(tmp_path: Path, pooler: URL, attack: str) -> None:
    """Every way of psycopg2 and psycopg to connect, in autocommit too: there is no table in the play database."""
    names = f"HOST, PORT, USER_NAME, NAME = {pooler.host!r}, {pooler.port!r}, {pooler.username!r}, {pooler.database!r}\n"
    root = tools.shop(tmp_path / "shop", after=names)
    (root / "app.py").write_text((root / "app.py").read_text() + "\n" + textwrap.dedent(RAW_SERVER.get(attack, ASYNC)))
    url = pooler.render_as_string(hide_password=False)
    before = fill(url)

    error = tools.hear(root, env=existing(url)).one("error")

    assert error["reason"] == "app-queries-while-loading", error
    assert everything(url) == before
    write(pooler)


def test_whole_run(tmp_path: Path, postgresql_url: str) -> None:
    """Load, baseline on a scratch database that is made through the pooler, verification and stamp."""
    root = tools.shop(tmp_path / "shop")
    before = fill(postgresql_url)

    with pooled(postgresql_url, tmp_path, size=3) as pooler:
        heard = tools.hear(root, env=existing(pooler.render_as_string(hide_password=False)))

        assert heard.names[-1] == "stamped"
        with ExitStack() as stack:
            every = [stack.enter_context(engine_for(pooler).begin()) for _ in range(3)]
            assert {one.execute(text("SHOW default_transaction_read_only")).scalar() for one in every} == {"off"}
    after = everything(postgresql_url)
    assert isinstance(after, dict)
    assert after.pop("alembic_version")
    assert after == before
