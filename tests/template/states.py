"""A project whose history is written by hand, and databases that are at one of its revisions, with rows."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import MetaData, inspect, make_url, select, text

from adopt.history import loading, replay
from adopt.project import project
from adopt.schema import snapshot
from tests.servers import engine_for, execute
from tests.template.project import Project

REVISION = """\
from alembic import op
import sqlalchemy as sa

revision = {revision!r}
down_revision = {down!r}
branch_labels = {labels!r}
depends_on = {depends!r}


def upgrade():
    {body}


def downgrade():
    pass
"""
USERS = (
    "op.create_table('users', sa.Column('id', sa.Integer, primary_key=True), sa.Column('email', sa.String(120), nullable=False))"
)
ORDERS = (
    "op.create_table('orders', sa.Column('id', sa.Integer, primary_key=True), "
    "sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id'), nullable=False))"
)
ROWS_ONLY = 'op.execute("UPDATE users SET email = LOWER(email)")'
PHONE = "op.add_column('users', sa.Column('phone', sa.String(20)))"
STEPS = {"first": USERS, "orders": ORDERS, "lower": ROWS_ONLY, "phone": PHONE}


class History(Project):
    """Four revisions: first (users), orders, lower (changes rows only), phone (a column of users)."""

    def __init__(self, folder: Path, database_url: str, steps: dict[str, str] | None = None) -> None:
        super().__init__(folder, database_url)
        before = None
        for revision, body in (STEPS if steps is None else steps).items():
            self.revision(revision, before, body)
            before = revision

    def revision(self, revision: str, down: object, body: str, *, depends: object = None, labels: object = None) -> Path:
        name = f"migrations/versions/{revision}.py"
        indented = "\n    ".join(body.split("\n"))
        self.write(name, REVISION.format(revision=revision, down=down, body=indented, depends=depends, labels=labels))
        return self.folder / name

    def build(self, *revisions: str, stamp: str | tuple[str, ...] = (), url: str | None = None) -> None:
        """Run these revisions on the database as they are, and stamp it; a row in `users` is there afterwards."""
        url = url or self.database_url
        with engine_for(url).begin() as connection, Operations.context(MigrationContext.configure(connection)):
            for revision in revisions:
                runpy.run_path(str(self.folder / f"migrations/versions/{revision}.py"))["upgrade"]()
        execute(url, "INSERT INTO users (id, email) VALUES (1, 'A@example.com')")
        if stamp:
            self.stamp(*([stamp] if isinstance(stamp, str) else stamp), url=url)

    def stamp(self, *revisions: str, url: str | None = None) -> None:
        """Write `alembic_version` as `flask db stamp` does, whatever is true; nothing but the table without a revision."""
        table = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
        execute(url or self.database_url, table, *(f"INSERT INTO alembic_version VALUES ('{one}')" for one in revisions))

    @property
    def shown(self) -> str:
        """The URL of the database as messages have it."""
        return shown(self.database_url)


def shown(url: str) -> str:
    """The URL as the application has it, without a password."""
    if url.startswith("postgresql://"):
        return url.replace("postgresql://", "postgresql+psycopg2://")
    return url + "?charset=utf8mb4" if url.startswith("mysql") else url  # Flask-SQLAlchemy adds it


def everything(url: str) -> dict[str, object]:
    """The schema and all rows, `alembic_version` included; None where there is no such file."""
    if url.startswith("sqlite") and not Path(make_url(url).database or "").exists():
        return {"missing": True}
    with engine_for(url).connect() as connection:
        tables = MetaData()
        tables.reflect(connection)
        rows = {name: sorted(map(str, connection.execute(select(table)).all())) for name, table in tables.tables.items()}
        return {"schema": snapshot.take(connection, ignore=()), "rows": rows}


def without_stamp(facts: dict) -> dict[str, object]:
    """The same but for `alembic_version`."""
    schema = {**facts["schema"], "tables": {k: v for k, v in facts["schema"]["tables"].items() if k != "alembic_version"}}
    return {"schema": schema, "rows": {name: rows for name, rows in facts["rows"].items() if name != "alembic_version"}}


def stamped(url: str) -> list[str] | None:
    """The rows of `alembic_version`; None where there is no such table."""
    with engine_for(url).connect() as connection:
        if "alembic_version" not in inspect(connection).get_table_names():
            return None
        return sorted(connection.scalars(text("SELECT version_num FROM alembic_version")))


class Folder:
    """A project that is there already."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.database_url = folder, database_url


@contextmanager
def inside(shop: Project | Folder, name: str = "shop") -> Iterator[loading.Database]:
    """The project's application in this process, and its database: what one process for each command takes seconds for."""
    folder = shop.folder / "migrations"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replay, "MIGRATIONS", str(folder))
        patch.setattr(replay, "ROOT", str(shop.folder))
        patch.setattr(replay, "VERSIONS", str(folder / "versions"))
        patch.setattr(project, "FILE", str(folder / "project.ini"))
        patch.setenv("DATABASE_URL", shop.database_url)
        loaded = runpy.run_path(str(shop.folder / f"{name}.py"))
        with loaded["app"].app_context():
            yield loading.databases()[0]
