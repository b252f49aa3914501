"""Which names a place in a module can see, what binds them, and which are still free.

def create_app(config):            # binds: config, os        free here: migrate, db_migrate, ...
    import os
    ...
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence

from hooks.edit.core.nodes import Function, Outline, Scope

MIGRATE = ("migrate", "db_migrate", "migrations_extension", "flask_migrate_extension")
MIGRATE_CLASS = ("Migrate", "FlaskMigrate", "MigrateExtension")


def free_name(candidates: Sequence[str], taken: Collection[str]) -> str:
    """The first candidate that is not taken; after the last one, that one with a number."""
    for name in candidates:
        if name not in taken:
            return name
    number = 2
    while f"{candidates[-1]}_{number}" in taken:
        number += 1
    return f"{candidates[-1]}_{number}"


def used_names(tree: ast.Module) -> set[str]:
    """Every name that a module binds, reads or declares in any scope, the components of its imports and its `__all__` included."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            names.update(node.names)
        names.update(bound_by(node))
    for statement in tree.body:
        names.update(exported(statement) or ())
    return names


def used_attributes(tree: ast.Module) -> set[str]:
    """Every name that follows a dot in a module, and everything that its classes define."""
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            names.update(bindings(node))
    return names


def submodules(path: str, files: Iterable[str]) -> set[str]:
    """The names that importing a submodule sets in the package whose `__init__.py` is `path`; none where it is another file."""
    folder, _, name = path.rpartition("/")
    if name != "__init__.py":
        return set()
    prefix = f"{folder}/" if folder else ""
    inside = [file[len(prefix) :] for file in files if file.startswith(prefix) and file.endswith(".py")]
    return {file.partition("/")[0].removesuffix(".py") for file in inside}


def exported(statement: ast.stmt) -> list[str] | None:
    """The names in an assignment to `__all__`; None where the statement is no such assignment."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        targets = [statement.target]
    if not any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
        return None
    value = getattr(statement, "value", None)
    return (
        [node.value for node in ast.walk(value) if isinstance(node, ast.Constant) and isinstance(node.value, str)] if value else []
    )


def bound_by(node: ast.AST) -> Iterator[str]:
    """The names that one node binds by itself, children left out."""
    if isinstance(node, ast.Import):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (alias.asname or alias.name for alias in node.names)
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, Function | ast.ClassDef | ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest


def bindings(scope: Scope) -> dict[str, list[ast.AST]]:
    """What binds each local name of one scope, in the order of the text; names declared `global` or `nonlocal` are not its own."""
    found: dict[str, list[ast.AST]] = {}
    elsewhere: set[str] = set()
    for node in _own_nodes(scope):
        if isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere.update(node.names)
        names = [node.arg] if isinstance(node, ast.arg) else bound_by(node)
        for name in names:
            found.setdefault(name, []).append(node)
    return {name: nodes for name, nodes in found.items() if name not in elsewhere}


def bindings_in(outlined: Outline, scope: Scope) -> dict[str, list[ast.AST]]:
    """The same of a scope in an outlined file, found once."""
    if scope not in outlined.bound:
        outlined.bound[scope] = bindings(scope)
    return outlined.bound[scope]


def _own_nodes(scope: Scope) -> Iterator[ast.AST]:
    """The nodes that run in a scope itself: not the bodies of the functions, classes, lambdas and comprehensions inside it."""
    if isinstance(scope, Function | ast.Lambda):
        arguments = scope.args
        yield from [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        yield from (argument for argument in (arguments.vararg, arguments.kwarg) if argument)
    body = scope.body if isinstance(scope.body, list) else [scope.body]
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Function):
            inner: list[ast.AST] = [*node.decorator_list, *node.args.defaults, *(one for one in node.args.kw_defaults if one)]
        elif isinstance(node, ast.ClassDef):
            inner = [*node.decorator_list, *node.bases, *node.keywords]
        elif isinstance(node, ast.Lambda):
            inner = []
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            inner = [child for child in ast.walk(node) if isinstance(child, ast.NamedExpr)]
        else:
            inner = list(ast.iter_child_nodes(node))
        waiting.extend(reversed(inner))


def bindings_seen(outlined: Outline, node: ast.AST, name: str) -> tuple[Scope, list[ast.AST]] | None:
    """What `name` means at `node`: the innermost scope that binds it and all that binds it there; None where nothing does.

    A wildcard import counts for nothing here: it may bind any name.
    """
    for scope in outlined.scopes(node):
        found = bindings_in(outlined, scope).get(name)
        if found:
            return scope, found
    return None
