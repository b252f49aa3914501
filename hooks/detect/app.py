"""The Flask applications that the source defines: objects, factories under any name, and what wraps one.

    app = Flask(__name__)                     an object
    def create_app(): ... return app          a factory, whatever makes the application it returns
    app = create_app("development")           an object again, made by that factory
    app = connexion.App(__name__)             wrapped: the Flask object is `app.app`

An application that no module-level name leads to (local to `main()`) is none: nothing could import it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hooks.base.facts import App, AppKind
from hooks.detect.entry import arguments_of, entry_calls, is_entry_point, required_of
from hooks.detect.files import is_test_file
from hooks.detect.index import Index, Ref
from hooks.detect.kinds import FLASK, WRAPPER_CLASSES, wrapper_attribute
from hooks.detect.tree import FUNCTION, Function, How, Module, keyword, own_nodes, parameters

DECLARING_FILES = ("requirements", "Pipfile", "pyproject.toml", "setup.", "environment.y", "poetry.lock")
USUAL_NAMES = ("app", "application")


@dataclass(frozen=True)
class Made:
    """How an expression comes to be an application: `inner` is set for a wrapped one, `source` where another name made it."""

    inner: str = ""
    source: Ref | None = None
    is_alias: bool = False


class AppFinder:
    """Answers, for one project, which expressions are applications and which functions return one."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._factories: dict[Ref, Made | None] = {}

    def made(self, module: Module, expression: ast.AST | None, seen: frozenset[Ref] = frozenset()) -> Made | None:
        """How `expression` is an application; None when it is not one."""
        if isinstance(expression, ast.Call):
            return self._called(module, expression, seen)
        if isinstance(expression, ast.Name | ast.Attribute):
            return self._named(module, expression, seen)
        if isinstance(expression, ast.IfExp):
            return self.made(module, expression.body, seen) or self.made(module, expression.orelse, seen)
        if isinstance(expression, ast.BoolOp):
            return next((made for value in expression.values if (made := self.made(module, value, seen))), None)
        if isinstance(expression, ast.NamedExpr):
            return self.made(module, expression.value, seen)
        return None

    def _called(self, module: Module, call: ast.Call, seen: frozenset[Ref]) -> Made | None:
        ref = self.index.resolve(module, call.func)
        if ref is None:
            return None
        if self.index.is_class(ref, FLASK):
            return Made()
        if self.index.is_class(ref, WRAPPER_CLASSES):
            # Dash(server=app) is put on an application that exists already.
            return None if keyword(call, "server") is not None else Made(inner=wrapper_attribute(self.index, ref))
        if ref.is_outside:
            return None
        made = self.factory(ref, seen)
        if made:
            return Made(made.inner, ref)
        function = self.function(ref)
        if function and _returns_parameter(*function):  # app = configure(Flask(__name__))
            return next((made for value in call.args if (made := self.made(module, value, seen))), None)
        return self._held(ref, module, call, seen)

    def _held(self, ref: Ref, module: Module, call: ast.Call, seen: frozenset[Ref]) -> Made | None:
        """`Server(Flask(__name__))`, where the project's class keeps what it is given: `self.app = app`."""
        found = self.index.class_definition(ref)
        init = found and next((one for one in found[1].body if isinstance(one, FUNCTION) and one.name == "__init__"), None)
        if not init:
            return None
        names = [one.arg for one in parameters(init)][1:]
        given = dict(zip(names, call.args, strict=False)) | {one.arg: one.value for one in call.keywords if one.arg}
        for node in own_nodes(init):
            if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Name):
                continue
            target, value = node.targets[0], given.get(node.value.id)
            if isinstance(target, ast.Attribute) and isinstance(value, ast.Call):  # a name is an application already
                made = self.made(module, value, seen)
                if made and not made.inner and ast.unparse(target.value) == "self":
                    return Made(inner=target.attr)
        return None

    def _named(self, module: Module, expression: ast.Name | ast.Attribute, seen: frozenset[Ref]) -> Made | None:
        ref = self.index.resolve(module, expression)
        if ref is None or ref in seen:
            return None
        if ref.is_outside:  # connexion.App(...).app
            made_by, _, attribute = ref.name.rpartition("().")
            is_inner = attribute and wrapper_attribute(self.index, Ref("", made_by)) == attribute
            source = self.index.resolve(module, expression.value) if is_inner and isinstance(expression, ast.Attribute) else None
            return Made(source=source if source and not source.is_outside else None) if is_inner else None
        seen |= {ref}
        for owner, binding in self.index.definitions(ref):
            if binding.how is How.VALUE and binding.value is not None:
                made = self.element(owner, binding.value, binding.position, seen)
                if made:  # a local name is only the way to what it was given
                    return made if isinstance(binding.scope, FUNCTION) else Made(made.inner, ref, is_alias=True)
        return None

    def element(self, module: Module, value: ast.expr, position: int | None, seen: frozenset[Ref] = frozenset()) -> Made | None:
        """How `value`, or the element at `position` that is unpacked from it, is an application."""
        if position is None:
            return self.made(module, value, seen)
        ref = self.index.resolve(module, value.func) if isinstance(value, ast.Call) else None
        found = self.function(ref) if ref and not ref.is_outside else None
        for returned in _returned(*found) if found else ():
            if found and isinstance(returned, ast.Tuple) and position < len(returned.elts):
                made = self.made(found[0], returned.elts[position], seen)
                if made:
                    return Made(made.inner, ref)
        return None

    def function(self, ref: Ref) -> tuple[Module, Function] | None:
        """The function that `ref` names."""
        return next(((module, item.node) for module, item in self.index.definitions(ref) if isinstance(item.node, FUNCTION)), None)

    def factory(self, ref: Ref, seen: frozenset[Ref] = frozenset()) -> Made | None:
        """How the function `ref` makes or hands out the application that it returns; None when it returns none."""
        if ref in seen:
            return None
        if ref not in self._factories:
            found = self.function(ref)
            self._factories[ref] = self._returns_app(*found, seen | {ref}) if found else None
        return self._factories[ref]

    def _returns_app(self, module: Module, function: Function, seen: frozenset[Ref]) -> Made | None:
        if isinstance(function, ast.AsyncFunctionDef) or function in module.generators:
            return None
        values = [value for item in _returned(module, function) for value in (item.elts if isinstance(item, ast.Tuple) else [item])]
        return next((made for value in values if (made := self.made(module, value, seen))), None)


def find_apps(index: Index) -> tuple[App, ...]:
    """Every application that some module-level name leads to, tests' own included, ordered by place."""
    finder = AppFinder(index)
    found: dict[Ref, App] = {}
    seen: set[str] = set()
    _scan(finder, index.candidates, found, seen)
    if all(app.in_tests for app in found.values()) or _declares_wrapper(index):
        # The packages that bring a Flask object along; their users need not say "Flask".
        _scan(finder, index.mentioning("connexion", "dash", "Dash", "Eve", "OpenAPI"), found, seen)
    return tuple(sorted((_finished(index, finder, ref, app) for ref, app in found.items()), key=lambda app: (app.where, app.name)))


def _scan(finder: AppFinder, modules: Sequence[Module], found: dict[Ref, App], seen: set[str]) -> None:
    """Add the applications of `modules`, and of whatever calls the factories and subclasses found there."""
    pending = [module for module in modules if module.path not in seen]
    while pending:
        words: set[str] = set()
        for module in pending:
            seen.add(module.path)
            words |= (
                _factories_in(finder, module, found) | _objects_in(finder, module, found) | _subclasses_in(finder.index, module)
            )
        pending = [module for module in finder.index.mentioning(*words) if module.path not in seen] if words else []


def _factories_in(finder: AppFinder, module: Module, found: dict[Ref, App]) -> set[str]:
    names = set()
    for function in module.functions:
        ref = Ref(module.path, module.qualname(function))
        made = finder.factory(ref)
        if made is None or _is_fixture(function):
            continue
        names.add(function.name)
        is_bare = len(function.body) == 1 or (len(function.body) == 2 and isinstance(function.body[0], ast.Expr))
        if "." in ref.name or (made.is_alias and is_bare):  # `def get_app(): return app` makes nothing
            continue
        kind = AppKind.WRAPPED if made.inner else AppKind.FACTORY
        made_by = finder.index.spec(made.source) if made.source else ""
        app = _app(finder.index, module, function.name, kind, function)
        found[ref] = replace(app, inner=made.inner, made_by=made_by)
    return names


def _objects_in(finder: AppFinder, module: Module, found: dict[Ref, App]) -> set[str]:
    index = finder.index
    names: set[str] = set()
    by_statement: dict[ast.AST, Ref] = {}
    top = module.bindings[module.tree]
    for name in sorted(top, key=lambda name: name not in USUAL_NAMES):
        for binding in top[name]:
            if binding.how is not How.VALUE or binding.value is None or module.main_block(binding.node):
                continue
            made = finder.element(module, binding.value, binding.position)
            ref = Ref(module.path, name)
            if made is None or ref in found or index.modules.is_shadowed(module.path):
                continue
            original = by_statement.get(binding.node) or (made.source if made.is_alias else None)
            if original and original in found and original != ref:  # application = app
                alias = (index.name(module), name)
                found[original] = replace(found[original], aliases=(*found[original].aliases, alias))
                continue
            by_statement[binding.node] = ref
            app = _app(index, module, name, AppKind.WRAPPED if made.inner else AppKind.OBJECT, binding.node)
            made_by = index.spec(made.source) if made.source and made.source != ref and not made.inner else ""
            found[ref] = replace(app, inner=made.inner, made_by=made_by)
            names |= {name} if made.inner else set()
    return names


def _subclasses_in(index: Index, module: Module) -> set[str]:
    return {
        node.name for node in module.classes if index.is_class(Ref(module.path, module.qualname(node)), FLASK | WRAPPER_CLASSES)
    }  # fmt: skip


def _app(index: Index, module: Module, name: str, kind: AppKind, node: ast.AST) -> App:
    folder = index.modules.import_root(module.path)
    return App(index.name(module), name, kind, module.where(node), in_tests=is_test_file(module.path), folder=folder)


def _finished(index: Index, finder: AppFinder, ref: Ref, app: App) -> App:
    """The application with what the project's own calls pass to it, and with the other names that it goes by."""
    if app.in_tests:
        return app
    found = finder.function(ref)
    if found:
        call = next(iter(entry_calls(index, ref)), None)
        is_plain = not required_of(index, found[1], None)
        return replace(app, arguments=arguments_of(index, call), required=required_of(index, found[1], call), is_plain=is_plain)
    return replace(app, aliases=tuple(sorted({*app.aliases, *_imported_as(index, ref)})))


def _imported_as(index: Index, ref: Ref) -> Iterable[tuple[str, str]]:
    """`from shop import app` in a script at the top of an import root, as in wsgi.py, and in packages that re-export it.

    `from shop import *` does the same.
    """
    home = ref.path.rpartition("/")[0]
    packages = [module for folder in _above(home) if (module := index.module(f"{folder}/__init__.py"))]
    for module in dict.fromkeys((*index.entries, *packages)):
        if module.path == ref.path or not is_entry_point(module):
            continue
        top = module.bindings[module.tree]
        names = [name for name, bindings in top.items() if any(item.how is How.FROM for item in bindings)]
        names += [ref.name] * (bool(module.stars) and ref.name not in top)
        for name in names:
            if index.member(Ref(module.path, ""), name) == ref:
                yield index.name(module), name


def _above(folder: str) -> list[str]:
    """A folder and those that hold it, without the root."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:end]) for end in range(len(parts), 0, -1)]


def _returned(module: Module, function: Function) -> list[ast.expr]:
    return [node.value for node in module.returns.get(function, ()) if node.value is not None]


def _returns_parameter(module: Module, function: Function) -> bool:
    names = {argument.arg for argument in parameters(function)}
    return any(isinstance(value, ast.Name) and value.id in names for value in _returned(module, function))


def _is_fixture(function: Function) -> bool:
    return any("fixture" in ast.dump(decorator) for decorator in function.decorator_list)


def _declares_wrapper(index: Index) -> bool:
    names = [path for path in index.files if path.rpartition("/")[2].startswith(DECLARING_FILES) or "requirements" in path]
    contents = ((index.read(path) or b"").replace(b"\0", b"").lower() for path in names)
    return any(b"connexion" in raw or b"dash" in raw for raw in contents)
