"""The environment variables without which the application does not load, read in a module, a class or a factory.

os.environ["X"]      int(os.environ.get("X"))      os.getenv("X", False).lower()

key = os.getenv("X")
if not key:
    raise RuntimeError("X is not set")
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence

from hooks.base.facts import Demand
from hooks.detect.files import is_test_file
from hooks.detect.index import Index
from hooks.detect.tree import Module, keyword, string

BRANCHES = (ast.If, ast.IfExp, ast.Try, ast.BoolOp)
RAISES = "decouple.config"  # without a default
GET = frozenset({"os.getenv", "os.environ.get"})
NUMBERS = frozenset({"int", "float"})
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit"})


def find_demands(index: Index, factories: Collection[tuple[str, str]]) -> tuple[Demand, ...]:
    """The places that ask for them. `factories` are (path, name) of the functions that make the application."""
    return tuple(
        Demand(
            names,
            module.source.location(node),
            is_condition=isinstance(node, ast.If),
            is_certain=not any(isinstance(outer, BRANCHES) for outer in module.enclosing(node)),
        )
        for module in index.candidates
        if not is_test_file(module.path)
        for node, names in _read_by(index, module, factories)
    )


def _read_by(
    index: Index, module: Module, factories: Collection[tuple[str, str]]
) -> Iterator[tuple[ast.expr | ast.stmt, tuple[str, ...]]]:
    def is_on_the_way(node: ast.AST) -> bool:
        function = module.function_of(node)
        is_run = function is None or (module.path, module.qualname(function)) in factories
        return is_run and not module.main_block(node)

    for mention in module.mentions.get("environ", ()):
        parent = module.parents.get(mention)
        if not isinstance(parent, ast.Subscript) or parent.value is not mention or not isinstance(parent.ctx, ast.Load):
            continue
        ref = index.resolve(module, mention)
        name = string(parent.slice)
        if ref is not None and ref.name == "os.environ" and name and is_on_the_way(parent):
            yield parent, (name,)
    for call in module.calls:
        name = string(call.args[0]) if call.args else None
        if not name or not is_on_the_way(call):
            continue
        ref = index.resolve(module, call.func)
        is_raised = ref is not None and ref.name == RAISES and len(call.args) == 1 and not keyword(call, "default")
        if is_raised or (_fails_on_none(module, call) and ref is not None and ref.name in GET):
            yield call, (name,)
    for statement in module.statements:
        names = tuple(sorted(set(_demanded_by(module, statement)))) if is_on_the_way(statement) else ()
        if names:
            yield statement, names


def _fails_on_none(module: Module, call: ast.Call) -> bool:
    """Whether what is made of the value of `os.environ.get(...)` raises where the variable is not set."""
    default = call.args[1] if len(call.args) > 1 else next((one.value for one in call.keywords if one.arg == "default"), None)
    parent = module.parents.get(call)
    if isinstance(parent, ast.Attribute):
        return default is None or (isinstance(default, ast.Constant) and not isinstance(default.value, str))
    is_number = isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in NUMBERS
    return is_number and (default is None or (isinstance(default, ast.Constant) and default.value is None))


def _demanded_by(module: Module, statement: ast.stmt) -> Iterator[str]:
    """The variables without which an `if` ends the run; those that have a default are none."""
    if not isinstance(statement, ast.If) or statement.orelse or not ends_the_run(statement.body):
        return
    nodes = list(_behind(module, statement))
    compared = [one for one in nodes if isinstance(one, ast.Compare) and not isinstance(one.ops[0], ast.Is)]
    if not all(ast.unparse(one.comparators[0]).endswith("environ") for one in compared):
        return  # it is to be one of several values
    calls = [one for one in nodes if isinstance(one, ast.Call)]
    optional = {string(call.args[0]) for call in calls if len(call.args) > 1 or call.keywords}
    reads = {getattr(one, "attr", getattr(one, "id", "")) for one in nodes if isinstance(one, ast.Attribute | ast.Name)}
    if reads & {"environ", "getenv"}:
        for one in nodes:
            name = string(one)
            if name and VARIABLE.fullmatch(name) and name not in optional:
                yield name


def _behind(module: Module, statement: ast.If) -> Iterator[ast.AST]:
    """The nodes of its test, of what the names in it are given, and of what is looped over around it."""
    function = module.function_of(statement)
    given: dict[str, list[ast.expr]] = {}
    for one in module.statements:
        if isinstance(one, ast.Assign) and module.function_of(one) in (function, None) and isinstance(one.targets[0], ast.Name):
            given.setdefault(one.targets[0].id, []).append(one.value)
    loops = [one.iter for one in module.enclosing(statement) if isinstance(one, ast.For)]
    waiting: list[ast.AST] = [statement.test, *loops]
    while waiting:
        for node in ast.walk(waiting.pop()):
            yield node
            if isinstance(node, ast.Name):
                waiting += given.pop(node.id, [])


def ends_the_run(body: Sequence[ast.stmt]) -> bool:
    """Whether a block does nothing but say something and stop."""
    *before, last = body
    calls = [one.value for one in body if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)]
    is_exit = bool(calls) and calls[-1] is getattr(last, "value", None) and ast.unparse(calls[-1].func) in EXITS
    return (isinstance(last, ast.Raise) or is_exit) and len(calls) == len(before) + is_exit
