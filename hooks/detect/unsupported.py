"""What was found in place of Flask-SQLAlchemy, so that a refusal can name it: a plain declarative base, Quart, an engine alone."""

from __future__ import annotations

from hooks.base.location import Location
from hooks.detect.index import Index
from hooks.detect.kinds import DECLARATIVE, QUART

OTHERS = frozenset(
    {
        "quart_sqlalchemy.SQLAlchemy",
        "flask_sqlalchemy_lite.SQLAlchemy",
        "flask_sqlalchemy_session.flask_scoped_session",
        "flask_peewee.db.Database",
        "flask_mongoengine.MongoEngine",
        "flask_pymongo.PyMongo",
        "sqlalchemy.create_engine",
    }
)


def find_others(index: Index) -> tuple[Location, ...]:
    """The places outside of tests, one line each: Quart objects, declarative bases, other database extensions, engines."""
    found: dict[Location, None] = {}
    words = ("declarative_base", "DeclarativeBase", "DeclarativeBaseNoMeta", "Quart", "create_engine", "MongoEngine", "PyMongo")
    for module in index.mentioning(*words, "SQLAlchemy", "flask_scoped_session"):
        for call in module.calls:
            ref = index.resolve(module, call.func)
            if ref and ref.is_outside and ref.name in DECLARATIVE | QUART | OTHERS:
                found[module.where(call)] = None
        for node in module.classes:
            refs = [index.resolve(module, base) for base in node.bases]
            if any(ref and ref.is_outside and ref.name in DECLARATIVE | QUART for ref in refs):
                found[module.where(node)] = None
    return tuple(sorted(found))
