"""A project whose models live in several databases, as a user has it: `archive` and `my-bind` beside the default one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import inspect, text

from tests.servers import engine_for, new_database
from tests.template.project import Project

SHOP = """\
import os
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

def url(name):
    return os.environ[name].replace("postgresql://", "postgresql+psycopg2://")

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = url("DATABASE_URL")
app.config["SQLALCHEMY_BINDS"] = {"archive": url("ARCHIVE_URL"), "my-bind": url("OTHER_URL"), "theirs": url("THEIRS_URL")}
db = SQLAlchemy(app)
migrate = Migrate(app, db)


class User(db.Model):
    __tablename__ = "users"
    id = db.Column(db.Integer, primary_key=True)
"""
BINDS = """

class Entry(db.Model):
    __bind_key__ = "archive"
    __tablename__ = "entries"
    id = db.Column(db.Integer, primary_key=True)

tags = db.Table("tags", db.Column("id", db.Integer, primary_key=True), bind_key="my-bind")
"""


class BindsProject(Project):
    """`urls` are those of DATABASE_URL, ARCHIVE_URL, OTHER_URL and THEIRS_URL; no model lives in the last one."""

    def __init__(self, folder: Path, **urls: str) -> None:
        self.urls = urls
        super().__init__(folder, urls["DATABASE_URL"])
        self.write("shop.py", SHOP)

    def run(self, *arguments: str, expect: int = 0, **environment: str) -> str:
        return super().run(*arguments, expect=expect, **{**self.urls, **environment})

    def tables(self, name: str) -> set[str]:
        """The tables of the database that this variable names."""
        return set(inspect(engine_for(self.urls[name])).get_table_names())

    def revision_of(self, name: str) -> list[str]:
        """What `alembic_version` says there; [] where there is none."""
        if "alembic_version" not in self.tables(name):
            return []
        with engine_for(self.urls[name]).connect() as connection:
            return list(connection.scalars(text("SELECT version_num FROM alembic_version")))

    def new_revision(self, message: str) -> str:
        """The text of the one revision with this message."""
        [path] = (path for path in self.revisions() if path.stem.endswith("_" + message))
        return path.read_text()


@contextmanager
def binds_project(dialect: str, folder: Path, code: str = SHOP + BINDS) -> Iterator[BindsProject]:
    """A project with four databases of one kind."""
    with ExitStack() as stack:
        names = ("DATABASE_URL", "ARCHIVE_URL", "OTHER_URL", "THEIRS_URL")
        project = BindsProject(folder / "project", **{name: stack.enter_context(new_database(dialect, folder)) for name in names})
        project.write("shop.py", code)
        yield project
