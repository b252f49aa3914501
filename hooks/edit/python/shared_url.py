"""The one assignment from which the default database and a bind have their URL: it follows the variable, so that both go together.

Before:  URL = "sqlite:///shop.db"
         SQLALCHEMY_DATABASE_URI = URL
         SQLALCHEMY_BINDS = {"shop": URL}
After:   URL = os.environ.get("DATABASE_URL", "sqlite:///shop.db")
         ...

Left alone: a name that is used for anything else, is given twice, or comes from elsewhere.
"""

from __future__ import annotations

import ast

from hooks.edit.core.nodes import Outline
from hooks.edit.python.condition import value_given, within

DEFAULT, BINDS = "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_BINDS"


def value_of_all(outlined: Outline, value: ast.expr) -> ast.expr:
    """The expression that gives the name `value` what a bind has too; any other `value` as it is."""
    if not isinstance(value, ast.Name):
        return value
    for scope in outlined.scopes(value):
        uses = [node for node in ast.walk(scope) if isinstance(node, ast.Name) and node.id == value.id]
        given = [node for node in uses if not isinstance(node.ctx, ast.Load) and outlined.scopes(node)[0] is scope]
        if given:
            break
    else:
        return value
    read = [setting_of(outlined, node) for node in uses if isinstance(node.ctx, ast.Load)]
    is_given_once = sum(not isinstance(node.ctx, ast.Load) for node in uses) == 1
    is_shared = is_given_once and BINDS in read and all(read) and read.count(DEFAULT) == 1
    return (value_given(outlined, given[0]) or value) if is_shared else value


def setting_of(outlined: Outline, node: ast.AST) -> str:
    """Which of the two settings a name is a value of; "" for none."""
    inner = node
    for outer in outlined.above(node):
        names: list[str] = []
        if isinstance(outer, ast.Assign | ast.AnnAssign):
            names = [name_of(target) for target in (outer.targets if isinstance(outer, ast.Assign) else [outer.target])]
        elif isinstance(outer, ast.keyword):
            names = [outer.arg or ""]
        elif isinstance(outer, ast.Dict):
            names = [literal(key) for key, one in zip(outer.keys, outer.values, strict=True) if within(one, inner)]
        found = [name for name in names if name in (DEFAULT, BINDS)]
        if found or isinstance(outer, ast.stmt):
            return found[0] if found else ""
        inner = outer
    return ""


def name_of(target: ast.expr) -> str:
    """What an assignment sets: a name, an attribute, or the item of a literal key."""
    if isinstance(target, ast.Subscript):
        return literal(target.slice)
    return target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""


def literal(node: ast.AST | None) -> str:
    """A string literal; "" for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
