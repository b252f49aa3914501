"""Where names lead, from file to file."""

from __future__ import annotations

import pytest

from hooks.base.location import Location
from hooks.detect.index import Index, Ref
from tests.detect.tools import Text

DB = Ref("shop/ext.py", "db")
FILES = {
    "shop/__init__.py": "from .ext import db\nfrom . import ext\nfrom .loop import circle\n",
    "shop/ext.py": "import flask_sqlalchemy as sa\ndb = sa.SQLAlchemy()\n_private = db\nclass Ext:\n    orm = db\next = Ext()\n",
    "shop/stars.py": "from .ext import *\n",
    "shop/loop.py": "from .back import circle\n",
    "shop/back.py": "from .loop import circle\n",
}


def resolve(source: str, expression: str) -> Ref | None:
    """What `expression` leads to at the end of a module with `source`."""
    index: Index = Text(FILES | {"main.py": f"{source}\n{expression}\n"}).index
    module = index.module("main.py")
    assert module is not None
    return index.resolve(module, module.statements[-1].value)


@pytest.mark.parametrize(
    ("source", "expression", "ref"),
    [
        pytest.param("from shop.ext import db", "db", DB, id="imported"),
        pytest.param("from shop import db", "db", DB, id="re-exported"),
        pytest.param("from shop import db as d", "d", DB, id="aliased"),
        pytest.param("import shop", "shop.db", DB, id="attribute of a package"),
        pytest.param("import shop.ext", "shop.ext.db", DB, id="dotted import"),
        pytest.param("import shop.ext as e", "e.db", DB, id="aliased dotted import"),
        pytest.param("from shop import ext", "ext.db", DB, id="attribute of a module"),
        pytest.param("from shop.stars import db", "db", DB, id="through import * elsewhere"),
        pytest.param("from shop.stars import *", "db", DB, id="through two import *"),
        pytest.param("from shop.ext import db\nx = db\ny = x", "y", DB, id="assigned on"),
        pytest.param("from shop.ext import Ext", "Ext.orm", DB, id="attribute of a class"),
        pytest.param("from shop.ext import ext", "ext.orm", DB, id="attribute of an instance"),
        pytest.param("from shop.ext import Ext", "Ext().orm", DB, id="attribute of a new instance"),
        pytest.param("try:\n    from shop import db\nexcept ImportError:\n    db = None", "db", DB, id="import in a try"),
        pytest.param("import shop", "shop", Ref("shop/__init__.py", ""), id="a module itself"),
        pytest.param("import flask as f", "f.Flask", Ref("", "flask.Flask"), id="outside"),
        pytest.param(
            "from flask.ext.sqlalchemy import SQLAlchemy", "SQLAlchemy", Ref("", "flask_sqlalchemy.SQLAlchemy"), id="flask.ext"
        ),
        pytest.param("from flask import *", "Flask", Ref("", "flask.Flask"), id="outside import *"),
        pytest.param("from flask import Flask", "Flask(1)", Ref("", "flask.Flask()"), id="outside instance"),
        pytest.param(
            "from shop.ext import db",
            "db.Model",
            Ref("", "flask_sqlalchemy.SQLAlchemy().Model"),
            id="member of an outside instance",
        ),
        pytest.param("x = 1", "x", Ref("main.py", "x"), id="made here"),
        pytest.param("from shop import nothing", "nothing", Ref("shop/__init__.py", "nothing"), id="made by other means there"),
        pytest.param("from shop.stars import *", "_private", None, id="import * leaves private names"),
        pytest.param("", "print", None, id="a built-in"),
        pytest.param("x = {}", "x['db']", None, id="a subscript"),
        pytest.param("from shop import circle", "circle", Ref("shop/loop.py", "circle"), id="a circle of imports"),
        pytest.param("x = y\ny = x", "x", Ref("main.py", "y"), id="a circle of names"),
    ],
)
def test_where_an_expression_leads(source: str, expression: str, ref: Ref | None):
    """Imports, aliases, re-exports, stars and attributes are followed to where the thing is made."""
    assert resolve(source, expression) == ref


def test_parameters_and_locals_hide_module_names():
    """Inside a function its own names count, and `global` ones are the module's."""
    text = Text(
        {
            "main.py": """
                db = 1
                def f(db):
                    db
                def g():
                    db = 2
                    db
                def h():
                    global db
                    db = 3
                    db
                """
        }
    )
    index = text.index
    module = index.module("main.py")
    assert module is not None

    assert [index.resolve(module, name) for name in module.mentions["db"]] == [
        Ref("main.py", "f.db"),
        Ref("main.py", "g.db"),
        Ref("main.py", "db"),
    ]


def test_only_files_that_matter_are_candidates():
    """A file without any of the words is not parsed; one that cannot be parsed is named only where it matters."""
    text = Text(
        {
            "app.py": "from flask import Flask\n",
            "form.py": "from flask_wtf import FlaskForm\nclass F(FlaskForm): pass\n",
            "old.py": "print 'hello'\n",
            "older.py": "from flask import Flask\nprint 'hello'\n",
            "latin.py": "# -*- coding: latin-1 -*-\nfrom flask import Flask\n",
        }
    )
    index = text.index

    assert [module.path for module in index.candidates] == ["app.py"]
    assert index.unparsable == (text.at("older.py", 2), Location("latin.py", 1))


def test_words_are_found_whole():
    """`mentioning` looks for whole words, outside of tests unless told."""
    index = Text({"a.py": "make()\n", "b.py": "remake()\n", "tests/c.py": "make()\n"}).index

    assert [module.path for module in index.mentioning("make")] == ["a.py"]
    assert [module.path for module in index.mentioning("make", tests=True)] == ["a.py", "tests/c.py"]


def test_variables_made_of_each_other():
    """A name that is looked up after many that lead round in circles is found all the same."""
    circle = "".join(f"v{one} = v{other}.m{one}{other}()\n" for one in range(12) for other in range(12))
    index = Text(FILES | {"main.py": f"from shop import ext\n{circle}v0.all()\next.ext.orm\n"}).index
    module = index.module("main.py")
    assert module is not None

    assert not any(index.resolve(module, call.func) == DB for call in module.calls)
    assert index.member(Ref("main.py", ""), "ext") == Ref("shop/ext.py", "")
    assert index.resolve(module, module.statements[-1].value) == DB


def test_very_long_chain_of_calls():
    """A chain that nests too deeply to follow leads nowhere, and stops nothing."""
    text = Text({"app.py": "from flask import Flask\nquery = Flask('x')" + ".filter(1)" * 600 + "\n"})
    (module,) = text.index.candidates

    assert text.index.resolve(module, module.statements[-1].value) is None


def test_very_long_expression():
    """A chain of thousands of operators is walked without reaching the interpreter's limit."""
    text = Text({"app.py": "from flask import Flask\nx = " + " + ".join(["1"] * 2000) + "\napp = Flask(__name__)\n"})

    assert [module.path for module in text.index.candidates] == ["app.py"]


@pytest.mark.parametrize(
    "code",
    [
        "from flask import Flask",
        "from flask import Blueprint, Flask as Base",
        "app = flask.Flask(__name__)",
        "class App(Flask): pass",
        "kind = Flask if plain else Api",
        "from flask_sqlalchemy import SQLAlchemy\n",
    ],
)
def test_code_that_may_hold_a_fact(code: str):
    """A name in code is looked at."""
    assert [module.path for module in Text({"a.py": code}).index.candidates] == ["a.py"]


@pytest.mark.parametrize(
    "text",
    ['"""The Flask application."""', "# Flask-SQLAlchemy has it", "# Flask's way", '"""A SQLAlchemy query"""', "FlaskForm()"],
)
def test_prose_is_not_parsed(text: str):
    """A name that another word follows is a sentence, so the file need not even be Python."""
    index = Text({"a.py": f"{text}\nprint 1\n"}).index

    assert (index.candidates, index.unparsable) == ((), ())


METHODS = ("filter", "order_by", "join", "limit", "offset", "group_by", "having", "options", "distinct", "outerjoin")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("".join(f"query = query.{one}(1).{other}(2)\n" for one in METHODS for other in METHODS), id="itself"),
        pytest.param("".join(f"a{one} = a{other}.x()\n" for one in range(12) for other in range(12)), id="one another"),
    ],
)
def test_a_name_that_is_bound_over_and_over_ends(body: str):
    """A query that is built up step by step leads nowhere, and finding that out takes no time to speak of."""
    assert resolve("query = a0 = object()\n" + body, "query.all()") in (None, Ref("main.py", "query.all()"))
    assert resolve("query = a0 = object()\n" + body, "a0.all()") in (None, Ref("main.py", "a0.all()"))
