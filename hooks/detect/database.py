"""The `SQLAlchemy` objects of Flask-SQLAlchemy, where they are created.

    db = SQLAlchemy()            db = SQLAlchemy(app, model_class=Base)            self.db = flask_sqlalchemy.SQLAlchemy()

Also those of a subclass, of Flask-AppBuilder's `SQLA`, and those that a function of the project makes: `db = make_db()`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from hooks.base.facts import Database
from hooks.detect.files import is_test_file
from hooks.detect.index import Index, Ref
from hooks.detect.kinds import SQLALCHEMY, is_instance
from hooks.detect.tree import FUNCTION, Function, Module, argument, own_nodes


@dataclass(frozen=True)
class Databases:
    """The objects found, and which expression leads to which of them."""

    index: Index
    found: dict[Ref, Database] = field(default_factory=dict)
    calls: dict[Ref, tuple[Module, ast.Call]] = field(default_factory=dict)

    def facts(self) -> tuple[Database, ...]:
        """All of them, ordered by place; one that has no name is left out where others have one."""
        return tuple(sorted(self.found.values(), key=lambda database: (database.where, database.name)))

    def at(self, module: Module, expression: ast.AST) -> Ref | None:
        """The object that `expression` leads to."""
        known = self.known(self.index.resolve(module, expression))
        if known is None and isinstance(expression, ast.Attribute):  # app.db = SQLAlchemy(app): a name on another object
            owner = self.index.resolve(module, expression.value)
            known = self.known(Ref(owner.path, f"{owner.name}.{expression.attr}")) if owner and owner.name else None
        if known is None and isinstance(expression, ast.Name):
            bindings = [item for scope in module.scopes_of(expression) for item in module.bindings[scope].get(expression.id, ())]
            values = [item.value for item in bindings if isinstance(item.value, ast.Attribute)]
            known = next((found for value in values if (found := self.at(module, value))), None)
        return known

    def known(self, ref: Ref | None, seen: frozenset[Ref] = frozenset()) -> Ref | None:
        """`ref`, or what it was assigned from, if that is one of the objects."""
        if ref is None or ref in seen:
            return None
        if ref in self.found:
            return ref
        if ref.is_outside:
            return None
        owner, _, attribute = ref.name.rpartition(".")
        if owner and self.index.class_definition(Ref(ref.path, owner)):  # an attribute of a base class
            inherited = self.index.member(Ref(ref.path, owner + "()"), attribute)
            if inherited and inherited != ref:
                return self.known(inherited, seen | {ref})
        return None

    def spec(self, ref: Ref | None) -> str:
        """ "module:name" of a known object."""
        return self.found[ref].spec if ref else ""


def find_databases(index: Index) -> Databases:
    """Every `SQLAlchemy` object that the project creates, tests' own included."""
    databases = Databases(index)
    makers: set[Ref] = set()
    for module in index.candidates:
        for call in module.calls:
            if is_instance(index, index.resolve(module, call), SQLALCHEMY) and not _is_super(call):
                function = _returning_function(module, call)
                if function:
                    makers.add(Ref(module.path, module.qualname(function)))
                else:
                    _add(databases, module, call)
    for maker in makers:
        for module in index.mentioning(maker.name.rpartition(".")[2], tests=True):
            for call in module.calls:
                if index.resolve(module, call.func) == maker:
                    _add(databases, module, call)
    return databases


def _add(databases: Databases, module: Module, call: ast.Call) -> None:
    statement = module.statement_of(call)
    app = argument(call, 0, "app")
    text = module.text(app) if app is not None and not (isinstance(app, ast.Constant) and app.value is None) else ""
    names = list(_targets(module, call)) or [(Ref(module.path, ""), "")]
    ref, name = names[0]
    if ref in databases.found:  # an `else:` that creates it another way
        return
    fact = Database(
        module=databases.index.name(module),
        name=name,
        where=module.where(statement),
        span=module.span(statement),
        function=module.function_name(call),
        app=text,
        in_tests=is_test_file(module.path),
    )
    for each, _ in names:
        databases.found.setdefault(each, fact)
        databases.calls.setdefault(each, (module, call))


def _targets(module: Module, call: ast.Call) -> Iterator[tuple[Ref, str]]:
    """The names that the call's value gets, with what they lead to."""
    statement = module.statement_of(call)
    if isinstance(statement, ast.Assign):
        targets = list(statement.targets)
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        targets = [outer.target for outer in module.enclosing(call) if isinstance(outer, ast.NamedExpr)]
    for whole in targets:
        target = whole
        if isinstance(target, ast.Tuple) and isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Tuple):
            pairs = zip(target.elts, statement.value.elts, strict=False)
            target = next((one for one, value in pairs if value is call), target)
        function = module.function_of(call)
        if isinstance(target, ast.Name):
            owner = function or module.parents[statement]
            is_global = function is not None and target.id not in module.bindings[function]
            prefix = "" if is_global or not isinstance(owner, (*FUNCTION, ast.ClassDef)) else module.qualname(owner) + "."
            name = prefix + target.id if isinstance(owner, ast.ClassDef) else target.id
            yield Ref(module.path, prefix + target.id), name
        elif isinstance(target, ast.Attribute):
            text = module.text(target)
            owner_class = module.class_of(call)
            is_own = owner_class is not None and text.startswith(("self.", "cls."))
            path = f"{module.qualname(owner_class)}.{target.attr}" if is_own and owner_class else text
            yield Ref(module.path, path), text


def _returning_function(module: Module, call: ast.Call) -> Function | None:
    """The function that returns the object it creates here, at once or by a local name."""
    function = module.function_of(call)
    if function is None:
        return None
    names = {name for _, name in _targets(module, call) if name in module.bindings[function]}
    for node in own_nodes(function):
        value = node.value if isinstance(node, ast.Return) else None
        if value is call or (isinstance(value, ast.Name) and value.id in names):
            return function
    return None


def _is_super(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call)
