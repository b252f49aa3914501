"""Bytes go in at their offsets, and the syntax tree proves that nothing else changed."""

from __future__ import annotations

import pytest

from hooks.base.errors import UnsafeEdit
from hooks.base.location import Span
from hooks.base.source import Source
from hooks.edit.core.splice import Edit, Splice, apply
from hooks.edit.core.tree_changes import (
    AddAlias,
    InsertAfter,
    InsertBefore,
    InsertFirst,
    ReplaceExpression,
    ReplaceStatement,
    TreeChange,
)

CODE = b"import os\nfrom shop import db\nx = 1\n"
IMPORT, FROM, ASSIGN, ONE = (Span("shop.py", *at) for at in ((1, 0, 1, 9), (2, 0, 2, 19), (3, 0, 3, 5), (3, 4, 3, 5)))


def edit(*splices: Splice, changes: tuple[TreeChange, ...] = ()) -> Edit:
    """An edit of shop.py."""
    return Edit("shop.py", "test", splices, changes)


def test_same_splice_of_two_edits_happens_once():
    """Two edits that need the same import add it once; what differs comes in the order of the edits."""
    first = edit(Splice(10, 10, "import re\n"), changes=(InsertAfter(IMPORT, "import re"),))
    second = edit(
        Splice(10, 10, "import re\n"),
        Splice(10, 10, "import sys\n"),
        changes=(InsertAfter(IMPORT, "import re"), InsertAfter(IMPORT, "import sys")),
    )

    assert apply(Source("shop.py", CODE), [first, second]) == b"import os\nimport re\nimport sys\nfrom shop import db\nx = 1\n"


def test_two_aliases_of_one_import():
    """Two edits that each add a name to one import compose."""
    edits = [edit(Splice(29, 29, f", {name}"), changes=(AddAlias(FROM, name),)) for name in ("migrate", "mail")]

    assert apply(Source("shop.py", CODE), edits) == b"import os\nfrom shop import db, migrate, mail\nx = 1\n"


def test_rank_settles_the_order_at_one_offset():
    """What follows one statement comes before what precedes the next, whichever edit is named first."""
    before = edit(Splice(10, 10, "b = 2\n", 2), changes=(InsertBefore(FROM, "b = 2"),))
    after = edit(Splice(10, 10, "a = 1\n", 0), changes=(InsertAfter(IMPORT, "a = 1"),))

    assert apply(Source("shop.py", CODE), [before, after]) == b"import os\na = 1\nb = 2\nfrom shop import db\nx = 1\n"


def test_newlines_of_the_file():
    """New lines end as the lines of the file do, and the encoding mark stays in front."""
    source = Source("shop.py", b"\xef\xbb\xbfx = 1\r\n")
    new = edit(Splice(3, 3, "import re\n"), changes=(InsertFirst("import re"),))

    assert apply(source, [new]) == b"\xef\xbb\xbfimport re\r\nx = 1\r\n"


@pytest.mark.parametrize(("mark", "codec"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_text_in_utf_16(mark: bytes, codec: str):
    """A requirements file in UTF-16 gets its new line in UTF-16."""
    source = Source("requirements.txt", mark + "flask\n".encode(codec))

    result = apply(source, [Edit(source.path, "requirements", (Splice(len(source.raw), len(source.raw), "é"),))])

    assert result == mark + "flask\né".encode(codec)


UNSAFE = {
    "overlapping": [edit(Splice(0, 9, "a")), edit(Splice(7, 9, "b"))],
    "more than planned": [edit(Splice(36, 36, "y = 2\n"))],
    "something else than planned": [edit(Splice(34, 35, "2"), changes=(ReplaceExpression(ONE, "3"),))],
    "planned and not done": [edit(changes=(InsertAfter(ASSIGN, "y = 2"),))],
    "in the wrong place": [edit(Splice(10, 10, "y = 2\n"), changes=(InsertAfter(ASSIGN, "y = 2"),))],
    "no syntax any more": [edit(Splice(34, 35, "("), changes=(ReplaceExpression(ONE, "2"),))],
    "a place that is not there": [edit(Splice(36, 36, "y = 2\n"), changes=(InsertAfter(Span("shop.py", 9, 0, 9, 5), "y = 2"),))],
    "an alias of no import": [edit(Splice(35, 35, ", y"), changes=(AddAlias(ASSIGN, "y"),))],
    "an expression that is a statement": [edit(changes=(ReplaceExpression(ASSIGN, "__old__"),))],
    "one place replaced twice": [
        edit(Splice(34, 35, "2"), changes=(ReplaceExpression(ONE, "2"), ReplaceExpression(ONE, "3"))),
    ],
}


@pytest.mark.parametrize("edits", UNSAFE.values(), ids=UNSAFE)
def test_unsafe(edits: list[Edit]):
    """An edit whose text and plan differ is never applied."""
    with pytest.raises(UnsafeEdit) as stop:
        apply(Source("shop.py", CODE), edits)

    assert stop.value.path == stop.value.where.path == "shop.py"


def test_every_kind_of_change_at_once():
    """Changes of all kinds compose in one file, whatever their order."""
    source = Source("shop.py", CODE)
    changes = [
        edit(Splice(30, 35, "if 1:\n    x = 1"), changes=(ReplaceStatement(ASSIGN, "if 1:\n    __old__"),)),
        edit(Splice(29, 29, ", app"), changes=(AddAlias(FROM, "app"),)),
        edit(Splice(0, 0, "import abc\n"), changes=(InsertFirst("import abc"),)),
        edit(Splice(0, 10, ""), changes=(ReplaceStatement(IMPORT, ""),)),
    ]

    for edits in (changes, changes[::-1]):
        assert apply(source, edits) == b"import abc\nfrom shop import db, app\nif 1:\n    x = 1\n"


def test_or_is_associative():
    """`a or b or c` is what `a or __old__` makes of `b or c`."""
    source = Source("shop.py", b"x = b or c\n")
    value = Span("shop.py", 1, 4, 1, 10)

    assert apply(source, [edit(Splice(4, 4, "a or "), changes=(ReplaceExpression(value, "a or __old__"),))]) == b"x = a or b or c\n"


def test_precedence_is_seen():
    """Text that binds otherwise than the planned expression is unsafe."""
    source = Source("shop.py", b"x = b if c else d\n")
    value = Span("shop.py", 1, 4, 1, 17)

    with pytest.raises(UnsafeEdit):
        apply(source, [edit(Splice(4, 4, "a or "), changes=(ReplaceExpression(value, "a or __old__"),))])


def test_strings_are_not_code():
    """Inside an f-string the parts share the extent of the whole on some Pythons: the whole is what is replaced."""
    source = Source("shop.py", b"x = f'a{b}c'\n")
    value = Span("shop.py", 1, 4, 1, 12)

    assert (
        apply(source, [edit(Splice(4, 4, "a or "), changes=(ReplaceExpression(value, "a or __old__"),))]) == b"x = a or f'a{b}c'\n"
    )
