"""Tests that put something in the place of `create_all()`."""

from __future__ import annotations

import pytest

from hooks.detect.replaced_create_all import find_replaced
from tests.detect.tools import Text

REPLACING = {
    "patch": 'with patch("shop.db.create_all", side_effect=OSError):\n    create_app()',
    "patch.object": 'with patch.object(db, "create_all"):\n    create_app()',
    "monkeypatch": 'def test(monkeypatch):\n    monkeypatch.setattr(db, "create_all", fail)',
    "mocker": 'def test(mocker):\n    mocker.patch("shop.db.create_all")',
}
NOT_REPLACING = {
    "called": "db.create_all()",
    "spoken of": 'print("db.create_all() is called")',
    "another name": 'patch("shop.create_all_users")',
}


@pytest.mark.parametrize("code", REPLACING.values(), ids=REPLACING)
def test_found(code: str):
    """In a test each is found; elsewhere it is none of ours."""
    text = Text({"tests/test_shop.py": code, "shop/__init__.py": code})

    assert [one.path for one in find_replaced(text.index)] == ["tests/test_shop.py"]


@pytest.mark.parametrize("code", NOT_REPLACING.values(), ids=NOT_REPLACING)
def test_not_found(code: str):
    """A call of it is no replacement."""
    assert find_replaced(Text({"tests/test_shop.py": code}).index) == ()
