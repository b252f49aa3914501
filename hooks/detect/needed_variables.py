"""The environment variables without which the application does not load: `os.environ["X"]` in a module, a class or a factory."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from hooks.detect.files import is_test_file
from hooks.detect.index import Index
from hooks.detect.tree import Module, string


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
