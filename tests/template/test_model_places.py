"""Where the models say what a difference is about."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adopt.rows.model_places import Places

FILES = {
    "parts/__init__.py": """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
""",
    "parts/mixins.py": """\
from sqlalchemy.orm import declared_attr

from parts import db


class Timed:
    created = db.Column(db.DateTime)

    @declared_attr
    def author_id(cls):
        return db.Column(db.ForeignKey("people.id"))


class Base(db.Model):
    __abstract__ = True
    id = db.Column(db.Integer, primary_key=True)
""",
    "parts/models.py": """\
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from parts import db
from parts.mixins import Base, Timed


class Person(Base):
    __tablename__ = "people"
    _name = db.Column("name", db.String(20), unique=True)
    mood = db.Column(db.Enum("ok", "bad", name="mood"))
    if True:
        size = db.Column(db.Integer)


class Post(Timed, Base):
    title: Mapped[str]
    body = mapped_column(sa.Text, index=True)
    __table_args__ = (
        db.UniqueConstraint("title", "body"),
        db.CheckConstraint("title != ''", name="has_title"),
    )


class Boss(Person):
    rank = db.Column(db.Integer)


class Plain(db.Model):
    __table__ = db.Table(
        "plain",
        db.Column("id", db.Integer, primary_key=True),
        db.Column("text", db.Text),
    )


Person.phone = db.Column(db.String(20))
db.Index("ix_title_twice", Post.title, Post.id)


def make():
    class Person:
        name = "another class of that name"

    return Person
""",
    "parts/tables.py": """\
from parts import db

likes = db.Table(
    "likes",
    db.Column("person_id", db.ForeignKey("people.id")),
    db.Column("post_id", db.ForeignKey("post.id")),
    db.Index("ix_likes", "post_id"),
)


def hidden():
    return db.Table("hidden", db.Column("x", db.Integer, primary_key=True))
""",
}


def difference(table: str, what: str, name: str = "", words: str = "") -> dict[str, str]:
    return {"table": table, "what": what, "name": name, "kind": "missing", "expected": words, "actual": ""}


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    """The places of a small package of models, as it is loaded."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module("parts.models")
    importlib.import_module("parts.tables").hidden()
    db = importlib.import_module("parts").db
    yield Places(db.Model, db.metadata.tables.values(), tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("parts", "brings_models")]:
        del sys.modules[name]


CASES = {
    "a table": (difference("people", "table"), "parts/models.py:8"),
    "a column": (difference("people", "column", "mood"), "parts/models.py:11"),
    "a column whose attribute has another name": (difference("people", "column", "name"), "parts/models.py:10"),
    "a column under a condition": (difference("people", "column", "size"), "parts/models.py:13"),
    "a column that was added to the class": (difference("people", "column", "phone"), "parts/models.py:37"),
    "a column of a class without a table of its own": (difference("people", "column", "rank"), "parts/models.py:26"),
    "a column with an annotation only": (difference("post", "column", "title"), "parts/models.py:17"),
    "a column of a mixin": (difference("post", "column", "created"), "parts/mixins.py:7"),
    "a column that a mixin makes": (difference("post", "column", "author_id"), "parts/mixins.py:10"),
    "a column of an abstract base": (difference("people", "column", "id"), "parts/mixins.py:16"),
    "a column that no model has": (difference("people", "column", "legacy"), "parts/models.py:8"),
    "unique, said of a column": (difference("people", "unique", "", "(name)"), "parts/models.py:10"),
    "an index, said of a column": (difference("post", "index", "ix_post_body", "(body)"), "parts/models.py:18"),
    "an index beside the class": (difference("post", "index", "ix_title_twice", "(title, id)"), "parts/models.py:38"),
    "unique on two columns": (difference("post", "unique", "", "(body, title)"), "parts/models.py:20"),
    "a condition without a name": (difference("post", "check", "", "title <> ''"), "parts/models.py:19"),
    "a foreign key of a mixin": (difference("post", "foreign key", "", "author_id to people(id)"), "parts/mixins.py:10"),
    "an enum type": (difference("", "enum", "mood", "ok, bad"), "parts/models.py:11"),
    "a table given to a class": (difference("plain", "table"), "parts/models.py:29"),
    "a column of a table given to a class": (difference("plain", "column", "text"), "parts/models.py:33"),
    "a table without a class": (difference("likes", "table"), "parts/tables.py:3"),
    "a column of a table without a class": (difference("likes", "column", "post_id"), "parts/tables.py:6"),
    "an index of a table without a class": (difference("likes", "index", "ix_likes", "(post_id)"), "parts/tables.py:7"),
    "a table that a function makes": (difference("hidden", "column", "x"), "parts/tables.py:12"),
    "a table of another schema": (difference("public.people", "column", "mood"), "parts/models.py:11"),
    "a table that no model has": (difference("nothing", "table"), None),
    "what only Alembic sees": (difference("add_index ix_a", "flask db check"), None),
}


@pytest.mark.parametrize("case", CASES)
def test_places(case: str, places: Places):
    """The file is named from the root of the project, and the line is the one to edit."""
    item, expected = CASES[case]

    assert places.of(item) == expected


def test_model_of_a_package(places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What nobody edits here is named by the package that brings it."""
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    (folder / "brings_models.py").write_text(
        "from parts import db\n\n\nclass Token(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    importlib.import_module("brings_models")
    db = sys.modules["parts"].db

    found = Places(db.Model, db.metadata.tables.values(), tmp_path)

    assert found.of(difference("token", "column", "id")) == "the package brings_models"


def test_module_without_source(places: Places, tmp_path: Path):
    """Where the source is not to be had, nobody knows the place, and nothing is raised."""
    (tmp_path / "parts" / "models.py").write_text("class (")

    assert places.of(difference("people", "column", "mood")) is None
    assert places.of({}) is None
