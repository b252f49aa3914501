"""The environment variables without which the application does not load, read in a module, a class or a factory.

os.environ["X"]      int(os.environ.get("X"))      os.getenv("X", False).lower()
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from hooks.detect.files import is_test_file
from hooks.detect.index import Index
from hooks.detect.tree import Module, string

GET = frozenset({"os.getenv", "os.environ.get"})
NUMBERS = frozenset({"int", "float"})


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
        if name and is_on_the_way and _fails_on_none(module, call) and not module.main_block(call):
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
