"""The schemas that models are in."""

from __future__ import annotations

import pytest

from hooks.detect.schemas import find_schemas

NAMED = {
    "a model's own": ('class A(db.Model):\n    __table_args__ = {"schema": "shop"}\n', ("shop",)),
    "last of several arguments": ('class A:\n    __table_args__ = (UniqueConstraint("a"), {"schema": "shop"})\n', ("shop",)),
    "annotated": ('class A:\n    __table_args__: dict = {"schema": "shop"}\n', ("shop",)),
    "by a method": ('class A:\n    def __table_args__(cls):\n        return {"schema": "shop"}\n', ("shop",)),
    "a table's": ('db.Table("t", metadata, schema="shop")\nTable("u", metadata, schema="log")\n', ("log", "shop")),
    "all tables'": ('db = SQLAlchemy(metadata=MetaData(schema="shop"))\n', ("shop",)),
    "not written out": ('class A:\n    __table_args__ = {"schema": SCHEMA}\n', ("",)),
}
NONE = {
    "the default one": 'class A:\n    __table_args__ = {"schema": None}\nMetaData(schema=None)\n',
    "other arguments": 'class A:\n    __table_args__ = {"mysql_engine": "InnoDB"}\n# schema\n',
    "a schema of marshmallow": '@api.response(200, schema="ShopSchema")\ndef shops():\n    """{"schema": "Shop"}"""\n',
    "a syntax error": 'class A:\n    __table_args__ = {"schema": "shop"\n',
}


@pytest.mark.parametrize(("text", "names"), NAMED.values(), ids=NAMED)
def test_named(text: str, names: tuple[str, ...]):
    """Each is found once, "" where its name is not written out."""
    assert find_schemas([text.encode(), b"x = 1"]) == names


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_none(text: str):
    """The default schema, and what is called a schema elsewhere, is none."""
    assert find_schemas([text.encode()]) == ()
