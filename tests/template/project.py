"""A small project as a user has it, with the template's migrations/ in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import URL

from tests import warm
from tests.servers import engine_for
from tests.template.conftest import put_migrations

SHOP = """\
import os
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.types import LargeBinary, TypeDecorator

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://")
db = SQLAlchemy(app)
migrate = Migrate(app, db)


class Secret(TypeDecorator):
    impl = LargeBinary
    cache_ok = True


class User(db.Model):
    __tablename__ = "users"
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(120), nullable=False, unique=True)
    secret = db.Column(Secret)
"""
ORDERS = """\
from shop import db


class Order(db.Model):
    __tablename__ = "orders"
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.ForeignKey("users.id"), nullable=False)
"""


class Project:
    """`shop.py` in a folder of its own; `run` is a command in it, with DATABASE_URL set."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.database_url = folder, database_url
        folder.mkdir()
        put_migrations(folder)
        (folder / "migrations" / "versions").mkdir()
        self.write("shop.py", SHOP)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def add(self, text: str) -> None:
        self.write("shop.py", (self.folder / "shop.py").read_text() + text)

    @property
    def engine_url(self) -> URL:
        """The URL as the application's engine has it."""
        return engine_for(self.database_url).url

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """A process of `python -m <arguments>`, with both streams in its output, for a person sees both."""
        return subprocess.Popen(
            [warm.python(), "-m", *arguments],
            cwd=self.folder,
            env={**os.environ, "FLASK_APP": "shop", "DATABASE_URL": self.database_url, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, expect: int = 0, **environment: str) -> str:
        """The output of `python -m <arguments>`, whose libraries are imported already (tests/warm)."""
        words = [sys.executable, "-m", *arguments]
        environ = {**os.environ, "FLASK_APP": "shop", "DATABASE_URL": self.database_url, **environment}
        libraries = warm.libraries_for(words, environ)
        if libraries:
            ended = warm.run(words, libraries=libraries, cwd=self.folder, environ=environ, timeout_s=300, merged=True)
            status, said = ended.returncode, ended.stdout.decode()
        else:
            process = self.start(*arguments, **environment)
            said = process.communicate()[0]
            status = process.returncode
        assert status == expect, said
        return said

    def flask(self, *arguments: str, **options) -> str:
        return self.run("flask", *arguments, **options)

    def adopt(self, *arguments: str, **options) -> str:
        return self.run("migrations.adopt", *arguments, **options)

    def consent(self) -> None:
        """Let the revisions lose what they lose."""
        for path in self.revisions():
            path.write_text(path.read_text().replace("\nconsents = None\n", "\nconsents = {'*': 'it is tried'}\n"))

    def revisions(self) -> list[Path]:
        return sorted((self.folder / "migrations" / "versions").glob("*.py"))
