"""The environment variables without which the application does not load, read in a module, a class or a factory.

os.environ["X"]      int(os.environ.get("X"))      os.getenv("X", False).lower()

key = os.getenv("X")
if not key:
    raise RuntimeError("X is not set")
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from hooks.detect.files import is_test_file
from hooks.detect.index import Index
from hooks.detect.tree import Module, string

GET = frozenset({"os.getenv", "os.environ.get"})
NUMBERS = frozenset({"int", "float"})
EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit"})


def find_needed_variables(index: Index, factories: Collection[tuple[str, str]]) -> tuple[str, ...]:
    """Their names, sorted. `factories` are (path, name) of the functions that make the application."""
    found = {name for module in index.candidates if not is_test_file(module.path) for name in _read_by(index, module, factories)}
    return tuple(sorted(found))


def _read_by(index: Index, module: Module, factories: Collection[tuple[str, str]]) -> Iterator[str]:
    for mention in module.mentions.get("environ", ()):
        parent = module.parents.get(mention)
        if not isinstance(parent, ast.Subscript) or parent.value is not mention or not isinstance(parent.ctx, ast.Load):
            continue
        ref = index.resolve(module, mention)
        name = string(parent.slice)
        function = module.function_of(parent)
        is_on_the_way = function is None or (module.path, module.qualname(function)) in factories
        if ref is not None and ref.name == "os.environ" and name and is_on_the_way and not module.main_block(parent):
            yield name
    for call in module.calls:
        function = module.function_of(call)
        is_on_the_way = function is None or (module.path, module.qualname(function)) in factories
        name = string(call.args[0]) if call.args else None
        if name and is_on_the_way and not module.main_block(call) and (_fails_on_none(module, call) or _is_demanded(module, call)):
            ref = index.resolve(module, call.func)
            if ref is not None and ref.name in GET:
                yield name


def _fails_on_none(module: Module, call: ast.Call) -> bool:
    """Whether what is made of the value of `os.environ.get(...)` raises where the variable is not set."""
    default = call.args[1] if len(call.args) > 1 else next((one.value for one in call.keywords if one.arg == "default"), None)
    parent = module.parents.get(call)
    if isinstance(parent, ast.Attribute):
        return default is None or (isinstance(default, ast.Constant) and not isinstance(default.value, str))
    is_number = isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in NUMBERS
    return is_number and (default is None or (isinstance(default, ast.Constant) and default.value is None))


def _is_demanded(module: Module, call: ast.Call) -> bool:
    """Whether the run ends where `os.environ.get(...)` gives nothing: an `if` asks for it, or for the name that it is given."""
    if len(call.args) > 1 or call.keywords:
        return False
    parent, function = module.parents.get(call), module.function_of(call)
    named = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target if isinstance(parent, ast.AnnAssign) else None
    for node in module.statements:
        if isinstance(node, ast.If) and not node.orelse and module.function_of(node) is function and ends_the_run(node.body):
            inside = list(ast.walk(node.test))
            names = {one.id for one in inside if isinstance(one, ast.Name)}
            is_for_all = not any(isinstance(one, ast.Compare) and not isinstance(one.ops[0], ast.Is) for one in inside)
            if is_for_all and (call in inside or (isinstance(named, ast.Name) and named.id in names)):
                return True
    return False


def ends_the_run(body: Sequence[ast.stmt]) -> bool:
    """Whether a block does nothing but say something and stop."""
    *before, last = body
    calls = [one.value for one in body if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)]
    is_exit = bool(calls) and calls[-1] is getattr(last, "value", None) and ast.unparse(calls[-1].func) in EXITS
    return (isinstance(last, ast.Raise) or is_exit) and len(calls) == len(before) + is_exit
