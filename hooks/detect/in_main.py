"""The call that attaches a database in `main()` or under `if __name__ == "__main__":`, as lines for a file that `flask` imports.

db.init_app(app)      <-  def setup(app)  <-  def main()      setup(app), with both names imported
database.init_app(app)                    <-  __main__        that very line, with both names imported
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hooks.detect.calls import CallGraph
from hooks.detect.index import Index, Ref
from hooks.detect.tree import Module


def lines_for_flask(index: Index, graph: CallGraph, module: Module, call: ast.Call) -> tuple[str, ...]:
    """Imports and the outermost call on the way to `call` that needs nothing but what modules hold; () where there is none."""
    return next(_written(index, graph, module, call, frozenset()), ())


def _written(index: Index, graph: CallGraph, module: Module, call: ast.Call, seen: frozenset[Ref]) -> Iterator[tuple[str, ...]]:
    imports = _imports(index, module, call)
    if imports is not None:
        yield (*imports, module.text(call))
        return
    function = module.function_of(call)
    ref = Ref(module.path, module.qualname(function)) if function else None
    if function is None or ref is None or ref in seen or graph.serves(module, function):
        return
    for caller, mention in graph.references(ref):
        outer = caller.parents[mention]
        if isinstance(outer, ast.Call) and outer.func is mention:
            yield from _written(index, graph, caller, outer, seen | {ref})


def _imports(index: Index, module: Module, call: ast.Call) -> list[str] | None:
    """What brings the names that `call` uses, None where one of them is a local value of a function."""
    wanted: dict[str, set[str]] = {}
    for node in ast.walk(call):
        if not isinstance(node, ast.Name):
            continue
        ref = index.resolve(module, node)
        if ref is None or ref.is_outside or not ref.name or not _is_held(index, ref):
            return None
        wanted.setdefault(index.modules.name(ref.path), set()).add(ref.name if ref.name == node.id else f"{ref.name} as {node.id}")
    return [f"from {home} import {', '.join(sorted(names))}" for home, names in sorted(wanted.items())]


def _is_held(index: Index, ref: Ref) -> bool:
    """Whether importing the module is enough to have the name there."""
    found = index.definitions(ref)
    return bool(found) and all(item.scope is module.tree and not module.main_block(item.node) for module, item in found)
