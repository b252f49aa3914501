"""Which models and tables a source declares, and what their tables are called."""

from __future__ import annotations

import pytest

from hooks.base.facts import Model
from hooks.detect.database import find_databases
from hooks.detect.models import derived_name, find_models
from tests.detect.tools import Text

EXT = "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n"
ID = "id = db.Column(db.Integer, primary_key=True)"


def models(text: Text) -> tuple[Model, ...]:
    """The models of a project made of text."""
    index = text.index
    return find_models(index, find_databases(index))


def names(text: Text) -> dict[str, str]:
    """Class or variable name to table name."""
    return {model.name: model.table for model in models(text)}


@pytest.mark.parametrize(
    ("class_name", "table"),
    [
        ("User", "user"),
        ("BlogPost", "blog_post"),
        ("HTTPLog", "http_log"),
        ("OAuth2Token", "o_auth2_token"),
        ("UserID", "user_id"),
        ("A", "a"),
    ],
)
def test_derived_name(class_name: str, table: str):
    """The name that Flask-SQLAlchemy 2 and 3 give."""
    assert derived_name(class_name) == table


@pytest.mark.parametrize(
    ("imports", "base"),
    [
        pytest.param("from ext import db", "db.Model", id="by name"),
        pytest.param("from ext import db as d", "d.Model", id="aliased"),
        pytest.param("import ext", "ext.db.Model", id="by the module"),
        pytest.param("from ext import *", "db.Model", id="import *"),
        pytest.param("from ext import db\nModel = db.Model", "Model", id="an alias of Model"),
        pytest.param("from base import Base", "Base", id="an abstract base elsewhere"),
        pytest.param("from base import Base\nclass Mixin: pass", "Mixin, Base", id="with a mixin"),
        pytest.param("from flask_appbuilder import Model", "Model", id="AppBuilder"),
        pytest.param("from company.database import db", "db.Model", id="another package's db"),
        pytest.param("from flask import Flask\nfrom ext import app", "app.db.Model", id="kept on the application"),
    ],
)
def test_model_through_every_base(imports: str, base: str):
    """A class that derives from `db.Model`, however far, is a model; abstract bases and mixins are none."""
    text = Text(
        {
            "ext.py": EXT + "from flask import Flask\napp = Flask('x')\napp.db = SQLAlchemy(app)\n",
            "base.py": "from ext import db\nclass Base(db.Model):\n    __abstract__ = True\n",
            "shop.py": f"{imports}\nclass OrderLine({base}):\n    id = Column(Integer, primary_key=True)\n",
        }
    )
    line = len(imports.splitlines()) + 1

    assert models(text) == (Model("shop", "OrderLine", "order_line", text.at("shop.py", line)),)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("from django.db import models\nclass A(models.Model):\n    pass", id="Django"),
        pytest.param("from peewee import Model\nclass A(Model):\n    Column()", id="peewee"),
        pytest.param(
            "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\nclass A(Base):\n    x = Column()",
            id="another base",
        ),
        pytest.param("class Mixin:\n    id = Column()", id="mixin"),
        pytest.param("class A(Model):\n    id = Column()", id="unknown Model"),
        pytest.param("from flask_peewee.db import Database\ndb = Database(app)\nclass A(db.Model):\n    pass", id="another db"),
        pytest.param("from flask_sqlalchemy import Model\nclass CRUD(Model):\n    pass", id="a model_class"),
    ],
)
def test_what_only_looks_like_a_model(source: str):
    """Other packages' models, and bases that belong to no `SQLAlchemy` object, are none."""
    assert models(Text({"ext.py": EXT, "shop.py": source})) == ()


def test_names_of_tables():
    """A literal name is taken, a derived one computed, and what only loading can tell is left empty."""
    text = Text(
        {
            "shop.py": EXT
            + f"""
PREFIX = "shop_"
NAME = "constants"
class Literal(db.Model):
    __tablename__ = "literals"
    {ID}
class Constant(db.Model):
    __tablename__ = NAME
    {ID}
class Computed(db.Model):
    __tablename__ = PREFIX + "x"
    {ID}
class Formatted(db.Model):
    __tablename__ = f"{{PREFIX}}x"
    {ID}
class Declared(db.Model):
    @declared_attr
    def __tablename__(cls):
        return "x"
    {ID}
class Explicit(db.Model):
    __table__ = db.Table("explicit", db.metadata)
"""
        }
    )

    assert names(text) == {
        "Literal": "literals",
        "Constant": "constants",
        "Computed": "",
        "Formatted": "",
        "Declared": "",
        "Explicit": "explicit",
        "Explicit.__table__": "explicit",
    }


def test_children_of_a_model():
    """A child without a key of its own lives in its parent's table; one with a key has a table."""
    text = Text(
        {
            "shop.py": EXT
            + f"""
class Person(db.Model):
    {ID}
    kind = db.Column(db.String(10))
    __mapper_args__ = {{"polymorphic_on": kind}}
class Joined(Person):
    id = db.Column(db.ForeignKey("person.id"), primary_key=True)
""",
            "staff.py": "from shop import Person\nclass Clerk(Person):\n    pass\n",
        }
    )

    assert names(text) == {"Person": "person", "Joined": "joined", "Clerk": ""}


def test_name_from_a_mixin():
    """A mixin's `declared_attr` decides for its classes; a mixin without one does not."""
    text = Text(
        {
            "mixins.py": """
                class Named:
                    @declared_attr
                    def __tablename__(cls):
                        return cls.__name__
                class Plain:
                    pass
                """,
            "shop.py": EXT + f"from mixins import *\nclass A(Named, db.Model):\n    {ID}\nclass B(Plain, db.Model):\n    {ID}\n",
        }
    )

    assert names(text) == {"A": "", "B": "b"}


def test_tables():
    """`db.Table`, and `Table` on the object's metadata; a table of another metadata is none."""
    text = Text(
        {
            "shop.py": EXT
            + """
from sqlalchemy import Column, MetaData, Table
other = MetaData()
metadata = db.metadata
tags = db.Table("tags", db.Column("a"))
lines = Table("lines", db.metadata, Column("a"))
notes = Table("notes", metadata, Column("a"))
foreign = Table("foreign", other, Column("a"))
computed = db.Table(PREFIX + "x", db.Column("a"))
"""
        }
    )

    assert models(text) == (
        Model("shop", "tags", "tags", text.at("shop.py", 7), is_table=True),
        Model("shop", "lines", "lines", text.at("shop.py", 8), is_table=True),
        Model("shop", "notes", "notes", text.at("shop.py", 9), is_table=True),
        Model("shop", "computed", "", text.at("shop.py", 11), is_table=True),
    )


def test_bases_handed_to_the_object():
    """Classes of a base given as `model_class`, or that shares the metadata, are models; the base itself is none."""
    text = Text(
        {
            "shop.py": """
                from flask_sqlalchemy import SQLAlchemy
                from sqlalchemy import MetaData
                from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
                class Base(DeclarativeBase):
                    metadata = MetaData()
                db = SQLAlchemy(model_class=Base)
                class Typed(db.Model):
                    id: Mapped[int] = mapped_column(primary_key=True)
                class OnBase(Base):
                    __tablename__ = "on_base"
                    id: Mapped[int] = mapped_column(primary_key=True)
                """
        }
    )

    assert names(text) == {"Typed": "typed", "OnBase": "on_base"}


def test_base_that_type_checkers_see_as_another():
    """What only a type checker imports is no base, and its classes are no models: mypy has no plugin for `db.Model`."""
    model = """
        from typing import TYPE_CHECKING
        from ext import db

        if TYPE_CHECKING:
            from flask_sqlalchemy.model import Model
            class Ghost(db.Model): pass
        else:
            Model = db.Model

        class User(Model):
            id = db.Column(db.Integer, primary_key=True)
    """

    assert names(Text({"ext.py": EXT, "user.py": model})) == {"User": "user"}


def test_local_to_a_factory():
    """Models inside a factory are named with it, since no module-level name leads to them."""
    text = Text(
        {
            "app.py": f"""
                from flask_sqlalchemy import SQLAlchemy
                def create_app():
                    db = SQLAlchemy(app)
                    class User(db.Model):
                        {ID}
                """
        }
    )

    assert models(text) == (Model("app", "create_app.User", "user", text.at("app.py", 4)),)


def test_models_of_tests_and_models_about_tests():
    """A model in a test file is marked; models/test_result.py is a table of test results."""
    text = Text(
        {
            "ext.py": EXT,
            "models/test_result.py": f"from ext import db\nclass TestResult(db.Model):\n    {ID}\n",
            "tests/test_x.py": f"from ext import db\nclass Dummy(db.Model):\n    {ID}\n",
        }
    )

    assert models(text) == (
        Model("models.test_result", "TestResult", "test_result", text.at("models/test_result.py", 2)),
        Model("tests.test_x", "Dummy", "dummy", text.at("tests/test_x.py", 2), in_tests=True),
    )
