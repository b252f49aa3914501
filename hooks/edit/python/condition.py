"""Where a value is set only if it is there: the variable has to come before the condition, or it would count for nothing.

if uri := env.get("DB_URI"):                         uri = os.environ.get("DB_URI")
    config["SQLALCHEMY_DATABASE_URI"] = uri          if uri:
                                                         app.config["SQLALCHEMY_DATABASE_URI"] = uri
"""

from __future__ import annotations

import ast

from hooks.edit.core.nodes import Outline


def value_before_condition(outlined: Outline, value: ast.expr) -> ast.expr:
    """The expression that first gives the name `value` what an `if` around it asks for; any other `value` as it is.

    Only where that `if` has no other branch, and what the name is given afterwards is made of it, as in `uri = uri.replace(...)`.
    """
    if not isinstance(value, ast.Name):
        return value
    scopes = outlined.scopes(value)
    asking = [
        node
        for node in outlined.above(value)
        if isinstance(node, ast.If) and not node.orelse and names(node.test, value.id) and outlined.scopes(node)[0] is scopes[0]
    ]
    if not asking:
        return value
    bindings = [
        node
        for node in ast.walk(scopes[0])
        if isinstance(node, ast.Name) and node.id == value.id and not isinstance(node.ctx, ast.Load)
    ]
    bindings.sort(key=lambda one: (one.lineno, one.col_offset))
    given = [new for new in (value_given(outlined, binding) for binding in bindings) if new is not None]
    if not given or len(given) < len(bindings):
        return value
    first, *others = given
    is_before = (first.lineno, first.col_offset) < (value.lineno, value.col_offset)
    is_asked = within(asking[-1].test, first) or first.lineno < asking[-1].lineno
    if names(first, value.id) or not (is_before and is_asked) or not all(names(other, value.id) for other in others):
        return value
    return first


def value_given(outlined: Outline, binding: ast.Name) -> ast.expr | None:
    """What an assignment gives a name alone."""
    parent = outlined.parents[binding]
    if isinstance(parent, ast.NamedExpr) or (isinstance(parent, ast.Assign) and len(parent.targets) == 1):
        return parent.value
    return parent.value if isinstance(parent, ast.AnnAssign) else None


def names(node: ast.AST, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node))


def within(outer: ast.AST, node: ast.AST) -> bool:
    return any(one is node for one in ast.walk(outer))
