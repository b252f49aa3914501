"""hooks/edit/core/expected_tree.py: when two texts mean the same."""

from __future__ import annotations

import pytest

from hooks.edit.core.expected_tree import is_same, parse, sorted_imports


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 'a'", 'x = (\n    "a"  # the first\n)'),
        ("a or (b or (c or d))", "(a or b) or c or d"),
        ("a and (b or (c or d))", "a and (b or c or d)"),
    ],
)
def test_same(one: str, other: str) -> None:
    """Layout, quotes and comments, and how a row of `or` is bracketed."""
    assert is_same(parse(one), parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = True"),
        ("x = 1", "x = 1.0"),
        ("x = 'a'", "x = b'a'"),
        ("f(a)", "f(a=a)"),
        ("f(a)", "f(a, a)"),
        ("a or b", "a and b"),
        ("a and (b and c)", "(a and b) and c"),
        ("(a or b) and c", "a or b and c"),
        ("x = y", "x: int = y"),
        ("import a, b", "import b, a"),
    ],
)
def test_other(one: str, other: str) -> None:
    """What equal values of two types are, and what brackets change."""
    assert not is_same(parse(one), parse(other))


def test_order_of_imports() -> None:
    """Those of one row may stand in any order, in every block; what is between two rows keeps them apart."""
    one = "import b\nimport a\nx = 1\nimport c\nmatch x:\n    case 1:\n        from d import f, e\n        import a\n"
    other = "import a\nimport b\nx = 1\nimport c\nmatch x:\n    case 1:\n        import a\n        from d import e, f\n"

    assert is_same(sorted_imports(parse(one)), sorted_imports(parse(other)))
    assert not is_same(sorted_imports(parse(one)), sorted_imports(parse(other.replace("x = 1\nimport c", "import c\nx = 1"))))
