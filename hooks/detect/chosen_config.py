"""The environment variables whose value says which configuration the application has, without a default.

app.config.from_object(os.getenv("APP_SETTINGS"))

settings = os.environ["APP_SETTINGS"]
app.config.from_object(settings)

Where it is not set, the application may start all the same, on a database in memory.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hooks.detect.environment import variable_without_default
from hooks.detect.files import is_test_file
from hooks.detect.index import Index
from hooks.detect.tree import Module


def find_choosers(index: Index) -> tuple[str, ...]:
    """Their names, sorted."""
    modules = (module for module in index.candidates if not is_test_file(module.path))
    return tuple(sorted({name for module in modules for name in _in_module(index, module)}))


def _in_module(index: Index, module: Module) -> Iterator[str]:
    for call in module.calls:
        if not (isinstance(call.func, ast.Attribute) and call.func.attr == "from_object" and call.args):
            continue
        given = call.args[0]
        if isinstance(given, ast.Name):
            name, function = given.id, module.function_of(call)
            values = [
                one.value
                for one in module.statements
                if isinstance(one, ast.Assign) and module.function_of(one) in (function, None) and _is_named(one.targets, name)
            ]
            given = values[0] if len(values) == 1 else given
        name = variable_without_default(index, module, given)
        if name:
            yield name


def _is_named(targets: list[ast.expr], name: str) -> bool:
    return len(targets) == 1 and isinstance(targets[0], ast.Name) and targets[0].id == name
