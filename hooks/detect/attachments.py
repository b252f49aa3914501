"""Where a `SQLAlchemy` object meets an application: `SQLAlchemy(app)`, or `db.init_app(app)` wherever it is written.

`init_app` of anything else (a login manager, `migrate`, the project's own extension module) is none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hooks.base.facts import App, AppKind, Attachment
from hooks.detect.calls import CallGraph, RootKind
from hooks.detect.database import Databases
from hooks.detect.files import is_test_file
from hooks.detect.in_main import lines_for_flask
from hooks.detect.index import Index, Ref
from hooks.detect.tree import FUNCTION, How, Module, argument

LIKELY_NAMES = ("db", "database", "sqlalchemy", "orm", "sa")


def find_attachments(index: Index, databases: Databases, graph: CallGraph, apps: Sequence[App]) -> tuple[Attachment, ...]:
    """Every attachment, tests' own included, ordered by place.

    `under_main` is set where only `python module.py` reaches it, through however many functions: `flask` sees no extension then.
    """
    found = []
    factories = frozenset((app.where.path, app.name) for app in apps if app.kind is not AppKind.OBJECT)
    for ref, database in databases.found.items():
        module, call = databases.calls[ref]
        if database.app:
            is_main = _is_only_run_as_script(graph, factories, module, call)
            found.append(_attachment(index, module, call, database.name, database.app, database.spec, is_main, is_direct=True))
    for module in index.candidates:
        for call in module.calls:
            if not isinstance(call.func, ast.Attribute) or call.func.attr != "init_app":
                continue
            app = argument(call, 0, "app")
            receiver = call.func.value
            target = _database(index, databases, module, receiver)
            if app is None or target is None:
                continue
            is_main = _is_only_run_as_script(graph, factories, module, call)
            place = _attachment(index, module, call, module.text(receiver), module.text(app), target, is_main, is_direct=False)
            found.append(replace(place, lines=lines_for_flask(index, graph, module, call)) if is_main else place)
    return tuple(sorted(set(found), key=lambda place: (place.where, place.span)))


def _attachment(
    index: Index, module: Module, call: ast.Call, db: str, app: str, database: str, under_main: bool, *, is_direct: bool
) -> Attachment:
    statement = module.statement_of(call)
    return Attachment(
        span=module.span(statement),
        where=module.where(call),
        module=index.name(module),
        db=db,
        app=app,
        database=database,
        is_direct=is_direct,
        function=module.function_name(call),
        under_main=under_main,
        in_tests=is_test_file(module.path),
    )


def _is_only_run_as_script(graph: CallGraph, factories: frozenset[tuple[str, str]], module: Module, call: ast.Call) -> bool:
    """Whether nothing but `python module.py` comes to `call`; a factory can be called by flask, too."""
    return graph.starts(module, call, factories) == {RootKind.MAIN}


def _database(index: Index, databases: Databases, module: Module, receiver: ast.expr) -> str | None:
    """The spec of the object, "" where it is one of an unknown place, None where it is no such object."""
    known = databases.at(module, receiver)
    if known:
        return databases.spec(known)
    for value_module, value in _stands_for(index, module, receiver):
        known = databases.at(value_module, value)
        if known:
            return databases.spec(known)
    ref = index.resolve(module, receiver)
    last = module.text(receiver).rpartition(".")[2].lower()
    if last not in LIKELY_NAMES:
        return None
    is_parameter = ref is not None and any(item.how is How.PARAMETER for _, item in index.definitions(ref))
    is_unknown = ref is None or (ref.is_outside and "()" not in ref.name)
    return "" if is_parameter or (is_unknown and not _is_module(ref)) else None


def _is_module(ref: Ref | None) -> bool:
    return ref is not None and not ref.is_outside and not ref.name


def _stands_for(index: Index, module: Module, receiver: ast.expr) -> Iterator[tuple[Module, ast.expr]]:
    """What a loop variable or a parameter may be: the elements of the loop's list, the arguments of the function's calls."""
    ref = index.resolve(module, receiver)
    for owner, binding in index.definitions(ref) if ref and not ref.is_outside else ():
        if binding.how is How.LOOP and binding.value is not None:
            for value_module, value in _sequences(index, owner, binding.value):
                yield from ((value_module, element) for element in value.elts)
        elif binding.how is How.PARAMETER and isinstance(binding.scope, FUNCTION) and isinstance(binding.node, ast.arg):
            yield from _arguments(index, owner, binding.scope, binding.node.arg)


def _sequences(index: Index, module: Module, value: ast.expr) -> Iterator[tuple[Module, ast.List | ast.Tuple | ast.Set]]:
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        yield module, value
        return
    ref = index.resolve(module, value)
    for owner, binding in index.definitions(ref) if ref and not ref.is_outside else ():
        if isinstance(binding.value, ast.List | ast.Tuple | ast.Set):
            yield owner, binding.value


def _arguments(
    index: Index, module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str
) -> Iterator[tuple[Module, ast.expr]]:
    """What the project's calls of `function` pass as the parameter `name`."""
    target = Ref(module.path, module.qualname(function))
    position = next((at for at, item in enumerate(function.args.args) if item.arg == name), -1)
    for caller in index.mentioning(function.name, tests=False):
        for call in caller.calls:
            if index.resolve(caller, call.func) == target:
                value = argument(call, position, name) if position >= 0 else None
                if value is not None:
                    yield caller, value
