"""Where a test puts something in the place of `create_all()`, to see that a start calls it, or what comes of its failing.

patch("shop.db.create_all")      patch.object(db, "create_all")      monkeypatch.setattr(db, "create_all", fail)
"""

from __future__ import annotations

from hooks.base.location import Location
from hooks.detect.files import is_test_file
from hooks.detect.index import Index
from hooks.detect.tree import string

NAME = "create_all"


def find_replaced(index: Index) -> tuple[Location, ...]:
    """The calls that do, by place."""
    return tuple(
        sorted(
            module.where(call)
            for module in index.mentioning(NAME, tests=True)
            if is_test_file(module.path)
            for call in module.calls
            if any((string(argument) or "").rpartition(".")[2] == NAME for argument in call.args)
        )
    )
