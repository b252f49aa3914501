"""Whatever the file looks like: the result parses, is the old tree plus what was planned, changes no other byte, and then stays.

The first three are what `apply` proves or refuses; here it must never refuse, and the bytes are compared without it.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hooks.base.facts import UriForm, UriSite
from hooks.base.source import Source, Unparsable
from hooks.edit.core.changed_files import changed_files
from hooks.edit.core.cutting import cut
from hooks.edit.core.imports import environ_get, migrate_class
from hooks.edit.core.layout import after, before
from hooks.edit.core.nodes import outline
from hooks.edit.core.splice import Edit, Reason, Splice, Untouched, apply
from hooks.edit.core.tree_changes import AddAlias, InsertAfter, InsertBefore, ReplaceStatement, TreeChange
from hooks.edit.python import create_all, database_url, wiring
from hooks.edit.python.create_all import SPEAKS_OF_IT
from hooks.edit.python.db_import import alias_splice, sorted_index
from tests.edit.tools import attachments_in, create_all_in, database_in, edits, project, uri_sites_in

HEADERS = (
    "",
    "#!/usr/bin/env python\n",
    "# -*- coding: utf-8 -*-\n# (c) Größe\n\n",
    "'''Shop.\n\nimport os\n'''\n",
    '"""é"""; x = 0\n',
)
FUTURES = ("", "from __future__ import annotations\n", "from __future__ import annotations; import abc\n")
IMPORTS = (
    "import os\n",
    "import sys, json  # std\n",
    "from os import path, environ\n",
    "from os import getenv as env\n",
    "\n",
    "# third parties\n",
    "from flask import (\n    Flask,\n    request\n)\n",
    "from flask_sqlalchemy import SQLAlchemy\n",
    "from flask_wtf import \\\n    FlaskForm\n",
    "import flask_sqlalchemy; from flask_sqlalchemy import SQLAlchemy  # both\n",
    "from settings import *\n",
    "try:\n    from flask_sqlalchemy import SQLAlchemy\nexcept ImportError:\n    SQLAlchemy = None\n",
)
FILLERS = (
    "",
    "\n",
    "\n\n",
    "# größer\n",
    "# create the tables\n",
    "x = 1; y = 'é'\n",
    "title = '''\n  # db.create_all()\n\n'''\n",
    "if x:\n{i}pass\nelse: pass\n",
    "def helper(migrate=None):\n{i}return os if 0 else 1\n",
    "\x0cclass Thing(object):\n{i}os = 1\n",
    "total = (1 +  # one\n{i}2)\n",
)
CREATED = (
    "db = SQLAlchemy(app)",
    "db = SQLAlchemy(app=app)  # größe",
    "db = SQLAlchemy(\n{i}app,\n{i}session_options={{}},\n)",
    "é = 1; db = SQLAlchemy(app); x = 2",
    "if app: db = SQLAlchemy(app)",
    "if app:\n{i}db = SQLAlchemy(app)",
    "db = SQLAlchemy()",
    "db = SQLAlchemy() \\\n",
)
ATTACHED = (
    "db.init_app(app)",
    "db.init_app(app=app)  # attach",
    "def create_app(app):\n{i}db.init_app(app); x = 1\n{i}return app",
    "def create_app(app):\n{i}with app.app_context():\n{i}{i}# here\n{i}{i}db.init_app(\n{i}{i}{i}app\n{i}{i})",
    "for one in (mail, db):\n{i}one.init_app(app)",
)
CONFIGURED = (
    "app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///größe.db'",
    'app.config.update(X=1, SQLALCHEMY_DATABASE_URI="a" if app else "b")',
    "class Config(object):\n{i}SQLALCHEMY_DATABASE_URI = ('sqlite:///' # here\n{i}{i}'x.db')",
    "SQLALCHEMY_DATABASE_URI = f'sqlite:///{{x}}' + x; y = 1",
    "def configure(os):\n{i}app.config.setdefault('SQLALCHEMY_DATABASE_URI', lambda: 1)",
)
CALLED = (
    "db.create_all()",
    "with app.app_context():\n{i}db.create_all()",
    "if x: db.create_all()",
    "@app.before_first_request\ndef tables():\n{i}'''Größe.'''\n\n{i}db.create_all()",
    "x = 1; db.create_all(); y = 2",
    "def start():\n\n{i}# tables\n{i}db.create_all()\n\n{i}return 1",
    "try:\n{i}db.create_all()\nexcept Exception:\n{i}raise",
    "db.create_all(\n{i}bind=None,\n\n)  # tables",
)


@st.composite
def modules(draw: st.DrawFn) -> bytes:
    """A module that creates and attaches a database, configures it and creates its tables, in a random order and layout."""
    indent = draw(st.sampled_from(["    ", "  ", "\t"]))
    pieces = [draw(st.sampled_from(HEADERS)), draw(st.sampled_from(FUTURES)), *draw(st.lists(st.sampled_from(IMPORTS), max_size=6))]
    pieces.append(draw(st.sampled_from(FILLERS)))
    created = draw(st.sampled_from(CREATED))
    body = [created + "\n"]
    if "SQLAlchemy()" in created:
        body.append(draw(st.sampled_from(ATTACHED)) + "\n")
    body.extend(one + "\n" for one in draw(st.lists(st.sampled_from(CONFIGURED), max_size=2)))
    body.extend(one + "\n" for one in draw(st.lists(st.sampled_from(CALLED), max_size=3)))
    for piece in body:
        pieces += [piece, draw(st.sampled_from(FILLERS))]
    text = "".join(pieces).replace("{i}", indent).replace("{{", "{").replace("}}", "}")
    if draw(st.booleans()):
        text = text.rstrip(" \t\n\\")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode()


def every_edit(source: Source, *, keep: bool) -> Sequence[Edit | Untouched]:
    """All that the retrofit does to the Python of a project that is one file."""
    database = database_in(source)
    call_edit = create_all.keep_for_empty if keep else create_all.remove
    return [
        *wiring.wire({source.path: source}, project(source.path), database, attachments_in(source, database)),
        *(database_url.follow(source, site, "DATABASE_URL", limit=132) for site in uri_sites_in(source)),
        *(call_edit(source, call) for call in create_all_in(source)),
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(raw=modules(), keep=st.booleans())
def test_generated_modules(raw: bytes, keep: bool):
    """Every edit at once, in a file of any layout."""
    source = Source("shop.py", raw)
    assume(parses(raw))

    done = edits(every_edit(source, keep=keep))
    new = changed_files({"shop.py": source}, done)["shop.py"]

    ast.parse(new)
    assert_outside_unchanged(raw, new, [splice for edit in done for splice in edit.splices])
    assert new.startswith(b"\xef\xbb\xbf") == raw.startswith(b"\xef\xbb\xbf")
    assert new.endswith(b"\n") == raw.endswith(b"\n") or (not keep and b"create_all" in raw)
    if b"\r\n" in raw:
        assert new.count(b"\n") == new.count(b"\r\n")
    again = Source("shop.py", new)
    assert changed_files({"shop.py": again}, edits(every_edit(again, keep=keep))) == {}


def parses(raw: bytes) -> bool:
    """Whether the pieces happen to be a module: not every filler can stand before a statement."""
    try:
        ast.parse(raw)
    except SyntaxError:
        return False
    return True


def assert_outside_unchanged(old: bytes, new: bytes, splices: Sequence[Splice]) -> None:
    """The bytes that no splice replaces are all there, in order."""
    kept, done = [], 0
    for splice in sorted(splices, key=lambda one: (one.start, one.end)):
        kept.append(old[done : splice.start])
        done = max(done, splice.end)
    position = 0
    for piece in [*kept, old[done:]]:
        found = new.find(piece, position)
        assert found >= 0, piece
        position = found + len(piece)


OF_FLASK = ("flask", "flask_sqlalchemy", "flask_migrate", "werkzeug", "alembic", "sqlalchemy")


@pytest.mark.parametrize("number", range(24))
def test_real_files(number: int):
    """Any statement of the standard library's and of installed packages' files, in either line end, also cut off at the end."""
    generator = random.Random(number)
    folders = [Path(ast.__file__).parent, Path(pytest.__file__).parent.parent]
    found = {path for folder in folders for path in folder.glob("*/*.py")}
    found |= {path for package in OF_FLASK for path in (folders[1] / package).rglob("*.py")}
    files = sorted({path for path in found if 200 < path.stat().st_size < 40_000})
    for path in generator.sample(files, 3):
        raw = path.read_bytes().replace(b"\r\n", b"\n")
        raw = raw.replace(b"\n", generator.choice([b"\n", b"\r\n"]))
        source = Source("any.py", raw.rstrip() if generator.random() < 0.3 else raw)
        try:
            statements = [node for node in ast.walk(outline(source).tree) if isinstance(node, ast.stmt)]
        except Unparsable:
            continue
        for statement in generator.sample(statements, min(4, len(statements))):
            for edit in any_edits(source, statement):
                edited = apply(source, [edit])
                assert_outside_unchanged(source.raw, edited, edit.splices)
                if edit.what == "database_url":
                    assert_follows_already(Source("any.py", edited))


def assert_follows_already(source: Source) -> None:
    """Every value that reads the variable is left alone the second time."""
    nodes = list(ast.walk(outline(source).tree))
    values = [node.value for node in nodes if isinstance(node, ast.Assign)]
    values += [value for node in nodes if isinstance(node, ast.arguments) for value in (*node.defaults, *node.kw_defaults) if value]
    reading = [value for value in values if re.search(r"(environ.get|getenv)\('DATABASE_URL'", ast.unparse(value))]
    assert reading
    for value in reading:
        site = UriSite(UriForm.ITEM, source.span(value), source.location(value), "any")
        again = database_url.follow(source, site, "DATABASE_URL", limit=132)
        assert isinstance(again, Untouched)
        assert again.reason is Reason.ALREADY_FOLLOWS


def any_edits(source: Source, statement: ast.stmt) -> list[Edit]:
    """Each kind of edit that the statement allows."""
    outlined, span = outline(source), source.span(statement)
    if source.segment(span).startswith("elif") or (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
        return []
    found: list[Edit | Untouched] = [made(source, [after(source, statement, "new = 1")], [InsertAfter(span, "new = 1")])]
    above = before(source, statement, "if new:\n    new()", above_comment=True)
    if above:
        found.append(made(source, [above], [InsertBefore(span, "if new:\n    new()")]))
    if isinstance(outlined.parents[statement], ast.Module) or len(outlined.block(statement)) > 1:
        found.append(made(source, [cut(source, outlined, [statement], SPEAKS_OF_IT)], [ReplaceStatement(span, "")]))
    for needed in (environ_get(source, statement), migrate_class(source, statement)):
        found.append(made(source, needed.splices, needed.changes))
    if isinstance(statement, ast.ImportFrom) and statement.names[0].name != "*":
        found.append(
            made(source, [alias_splice(source, statement, "new", 88)], [AddAlias(span, "new", sorted_index(statement, "new"))])
        )
    if isinstance(statement, ast.Assign):
        site = UriSite(UriForm.ITEM, source.span(statement.value), source.location(statement), "any")
        found.append(database_url.follow(source, site, "DATABASE_URL", limit=132))
    return edits(found)


def made(source: Source, splices: Sequence[Splice], changes: Sequence[TreeChange]) -> Edit:
    """An edit of any kind."""
    return Edit(source.path, "any", tuple(splices), tuple(changes))


def test_the_comparison_itself_can_fail():
    """A lost byte outside of the splices is found."""
    with pytest.raises(AssertionError):
        assert_outside_unchanged(b"abc\ndef\n", b"abc\ndf\nx", [Splice(8, 8, "x")])
