"""Which part of a value is the project's own choice, where the rest is what the caller of a function passes.

`db_url or "sqlite:///shop.db"` in `def create_app(db_url=None)`: only the part behind `or`. What a caller passes is meant: tests
pass the database that they drop.
"""

from __future__ import annotations

import ast

from hooks.base.source import Source
from hooks.detect.tree import default_of

ENVIRONMENTS = ("env", "environ", "environment")
OF_APP = ("root_path", "instance_path", "config", "name", "import_name")
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def own_part(value: ast.expr, function: Function | None) -> ast.expr | None:
    """The expression that may follow a variable: `value` itself, what is behind its arguments, or a parameter's default.

    None where the caller alone decides.
    """
    if function is None:
        return value
    names = {one.arg for one in parameters(function)}
    if not uses(value, names):
        return value
    if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
        last = max(index for index, operand in enumerate(value.values) if uses(operand, names))
        return value.values[last + 1] if last + 1 < len(value.values) else None
    if isinstance(value, ast.IfExp):
        branches = [branch for branch in (value.body, value.orelse) if not uses(branch, names)]
        return branches[0] if len(branches) == 1 else None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "get" and len(value.args) == 2:
        return None if uses(value.args[1], names) else value.args[1]  # config.get("URI", "sqlite:///shop.db")
    if isinstance(value, ast.Name):
        return default_of(function, value.id)
    return None


def environment_of_caller(value: ast.expr, function: Function | None) -> str:
    """The name of a parameter that holds the environment, where `value` is one variable of it (`env.get("DB_URI")`); else ""."""
    owner: ast.expr | None = None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "get":
        owner = value.func.value
    elif isinstance(value, ast.Subscript):
        owner = value.value
    name = owner.id if isinstance(owner, ast.Name) else ""
    is_parameter = function is not None and name in {one.arg for one in parameters(function)}
    return name if is_parameter and name in ENVIRONMENTS else ""


def parameters(function: Function) -> list[ast.arg]:
    """The parameters of a function, without `self`."""
    every = function.args
    named = [*every.posonlyargs, *every.args, *every.kwonlyargs, *filter(None, (every.vararg, every.kwarg))]
    return [one for one in named if one.arg not in ("self", "cls")]


def value_behind(source: Source, default: ast.expr) -> ast.expr:
    """What a module gives the constant that is `default` and is used for nothing else; any other default as it is."""
    if not isinstance(default, ast.Name):
        return default
    name = default.id
    hiding = [one for one in ast.walk(source.tree) if isinstance(one, Function) and name in {each.arg for each in parameters(one)}]
    hidden = {id(one) for function in hiding for part in body_of(function) for one in ast.walk(part)}
    uses = [one for one in ast.walk(source.tree) if isinstance(one, ast.Name) and one.id == name and id(one) not in hidden]
    given = [one for one in source.tree.body if isinstance(one, ast.Assign) and one.targets[0] in uses and len(one.targets) == 1]
    return given[0].value if len(given) == 1 and len(uses) == 2 else default


def body_of(function: Function) -> list[ast.AST]:
    """What a function executes when it is called."""
    return [function.body] if isinstance(function, ast.Lambda) else list(function.body)


def uses(node: ast.expr, names: set[str]) -> bool:
    """Whether an expression is made of one of the arguments; what is read from the application itself (`app.root_path`) is not."""
    of_app = {id(one.value) for one in ast.walk(node) if isinstance(one, ast.Attribute) and one.attr in OF_APP}
    return any(isinstance(one, ast.Name) and one.id in names and id(one) not in of_app for one in ast.walk(node))
