"""Free names, and what a place can see."""

from __future__ import annotations

import ast

import pytest

from hooks.base.source import Source
from hooks.edit.core.names import MIGRATE, bindings, bindings_seen, free_name, submodules, used_names
from hooks.edit.core.nodes import outline


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        ((), "migrate"),
        (("migrate",), "db_migrate"),
        (("migrate", "db_migrate"), "migrations_extension"),
        (MIGRATE, "flask_migrate_extension_2"),
        ((*MIGRATE, "flask_migrate_extension_2"), "flask_migrate_extension_3"),
    ],
)
def test_free_name(taken: tuple[str, ...], name: str):
    """The first candidate that nobody uses; numbers when all are used."""
    assert free_name(MIGRATE, taken) == name


def test_used_names():
    """Names count wherever they are bound, read, declared or exported; attributes and strings do not."""
    code = "import a.b, c as d\nfrom e import f\n__all__ = ['g']\ndef h(i, *j): global k; l.m('n')\nclass o: p = 1\n"

    assert used_names(ast.parse(code)) == {"a", "d", "f", "__all__", "g", "h", "i", "j", "k", "l", "o", "p"}


def test_bindings_of_a_function():
    """Parameters, assignments, imports, loops and inner definitions are local; inner bodies and globals are not."""
    code = (
        "def f(a, /, b, *c, d=(x := 1), **e):\n    global g\n    g = h = 1\n    import i.j\n    for k in l: pass\n"
        "    with m as n: pass\n    try: pass\n    except E as o: pass\n    def p(q=(r := 1)): s = 1\n"
        "    [t for t in u if (v := t)]\n    match w:\n        case {'x': y, **z}: pass\n"
    )
    function = ast.parse(code).body[0]
    assert isinstance(function, ast.FunctionDef)

    assert set(bindings(function)) == set("abcdehiknoprvyz")


def test_a_class_is_no_scope_for_its_methods():
    """A method does not see the names of its class; the class body itself does."""
    source = Source("shop.py", b"x = 1\nclass C:\n    x = 2\n    y = x\n    def f(self): return x\n")
    outlined = outline(source)
    uses = [node for node in ast.walk(outlined.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    seen = [bindings_seen(outlined, use, "x") for use in uses]

    assert [type(scope).__name__ for scope, _ in filter(None, seen)] == ["ClassDef", "Module"]


def test_a_default_belongs_to_the_scope_around():
    """What stands in a function's head is looked up outside of the function."""
    source = Source("shop.py", b"def f(x=y):\n    y = 1\n")
    outlined = outline(source)
    use = next(node for node in ast.walk(outlined.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))

    assert bindings_seen(outlined, use, "y") is None


def test_submodules():
    """Only the `__init__.py` of a package shares its names with the files beside it."""
    files = ["shop/__init__.py", "shop/migrate.py", "shop/views/index.py", "shop/data.json", "migrate.py"]

    assert submodules("shop/__init__.py", files) == {"__init__", "migrate", "views"}
    assert submodules("shop/factory.py", files) == set()
