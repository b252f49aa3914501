"""Every model class and every `Table` that the source declares, with the table's name where text can tell it.

    class User(db.Model)        class Admin(BaseModel)  (an own base, in whatever module)
    tags = db.Table("tags", ...)        Table("x", db.metadata, ...)

Abstract classes and mixins are none. The derived name is Flask-SQLAlchemy's: https://flask-sqlalchemy.readthedocs.io/en/stable/models/
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from hooks.base.facts import Model
from hooks.detect.database import Databases
from hooks.detect.files import is_test_file
from hooks.detect.index import Index, Ref
from hooks.detect.kinds import APPBUILDER_MODEL, DECLARATIVE, SQLALCHEMY, TABLE
from hooks.detect.tree import How, Module, argument, keyword, string

CAMEL = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")


def find_models(index: Index, databases: Databases) -> tuple[Model, ...]:
    """Every model and table, tests' own included, ordered by place."""
    finder = ModelFinder(index, databases)
    found = [model for module in index.candidates for model in finder.in_module(module)]
    known = {(model.where.path, model.name) for model in found}
    # Children that add no column show nothing to search for but the parent among their bases.
    words = [parent + mark for parent in sorted(finder.polymorphic()) for mark in "),"]
    for module in index.mentioning(*words, tests=True) if words else ():
        found += [model for model in finder.in_module(module) if (model.where.path, model.name) not in known]
    return tuple(sorted(dict.fromkeys(found), key=lambda model: (model.where, model.name)))


def derived_name(class_name: str) -> str:
    """The table name that Flask-SQLAlchemy gives a class without `__tablename__`."""
    return CAMEL.sub(r"_\1", class_name).lower()


class ModelFinder:
    """Answers which classes are models of a `SQLAlchemy` object."""

    def __init__(self, index: Index, databases: Databases) -> None:
        self.index = index
        self.databases = databases
        self._bases = frozenset(self._own_bases())
        self._metadata = frozenset(self._own_metadata())
        self._known: dict[Ref, bool] = {}
        self._parents: set[str] = set()

    def in_module(self, module: Module) -> Iterator[Model]:
        """The models and tables of one file."""
        for node in module.classes:
            ref = Ref(module.path, module.qualname(node))
            if ref in self._bases or not self.is_model(ref) or _is_abstract(node):
                continue
            if "polymorphic_on" in module.text(node) or "polymorphic_identity" in module.text(node):
                self._parents.add(node.name)
            yield self._model(module, node, ref.name, self.table_of(module, node), is_table=False)
        for call in module.calls:
            if self._is_table(module, call):
                name = self._string(module, argument(call, 0, "name"))
                yield self._model(module, call, _assigned_name(module, call), name, is_table=True)

    def polymorphic(self) -> frozenset[str]:
        """The names of the classes that have children in the same table."""
        return frozenset(self._parents)

    def _model(self, module: Module, node: ast.AST, name: str, table: str, *, is_table: bool) -> Model:
        return Model(self.index.name(module), name, table, module.where(node), is_table, is_test_file(module.path))

    # -- classes

    def is_model(self, ref: Ref | None, seen: frozenset[Ref] = frozenset()) -> bool:
        """Whether `ref` is `db.Model`, or a class that derives from it, abstract or not."""
        if ref is None or ref in seen:
            return False
        if ref not in self._known:
            self._known[ref] = self._is_model(ref, seen | {ref})
        return self._known[ref]

    def _is_model(self, ref: Ref, seen: frozenset[Ref]) -> bool:
        if ref in self._bases:
            return True
        if ref.is_outside:
            return ref.name in APPBUILDER_MODEL or self._is_model_attribute(ref.name)
        found = self.index.class_definition(ref)
        if found is None:
            owner, _, attribute = ref.name.rpartition(".")
            is_attribute = attribute == "Model" and bool(owner)
            return is_attribute and (
                self.databases.known(Ref(ref.path, owner)) is not None or self._may_be_database(Ref(ref.path, owner))
            )
        module, node = found
        return any(self.is_model(self._base(module, base), seen) for base in node.bases)

    def _base(self, module: Module, base: ast.expr) -> Ref | None:
        if isinstance(base, ast.Subscript):
            base = base.value
        ref = self.index.resolve(module, base)
        if isinstance(base, ast.Attribute) and base.attr == "Model":
            known = self.databases.at(module, base.value)
            if known:
                return Ref("", "flask_sqlalchemy.SQLAlchemy().Model")
            if ref is None and module.text(base.value).rpartition(".")[2] == "db":
                return Ref("", "flask_sqlalchemy.SQLAlchemy().Model")
        return ref

    def _is_model_attribute(self, name: str) -> bool:
        """`flask_sqlalchemy.SQLAlchemy().Model`, or the `Model` of a `db` that another package makes."""
        owner, _, attribute = name.rpartition(".")
        if attribute != "Model":
            return False
        return owner.removesuffix("()") in SQLALCHEMY or (
            owner.endswith(".db") and "()" not in owner and not owner.startswith("django.")
        )

    def _may_be_database(self, ref: Ref) -> bool:
        """Whether text cannot rule it out: a parameter, or what an unknown function returns."""
        if ref.name.rpartition(".")[2] != "db":
            return False
        definitions = self.index.definitions(ref)
        for module, binding in definitions:
            made = self.index.resolve(module, binding.value) if binding.value is not None else None
            if made is not None and made.is_outside:
                return False
        return bool(definitions)

    def _own_bases(self) -> Iterator[Ref]:
        """The declarative bases that are handed to `SQLAlchemy(model_class=Base)`, or that share its metadata."""
        for module, call in self.databases.calls.values():
            for name in ("model_class", "metadata"):
                value = keyword(call, name)
                if isinstance(value, ast.Attribute) and value.attr == "metadata":
                    value = value.value
                ref = self.index.resolve(module, value) if isinstance(value, ast.Name | ast.Attribute) else None
                if ref and not ref.is_outside and self._is_declarative(ref):
                    yield ref
        for module in self.index.candidates:
            for call in module.calls:
                made = self.index.resolve(module, call.func)
                metadata = keyword(call, "metadata")
                if made and made.name in DECLARATIVE and self._is_metadata_of_db(module, metadata):
                    yield Ref(module.path, _assigned_name(module, call))
            for node in module.classes:
                for statement in node.body:
                    is_metadata = isinstance(statement, ast.Assign) and _name_of(statement.targets[0]) == "metadata"
                    if is_metadata and self._is_metadata_of_db(module, getattr(statement, "value", None)):
                        yield Ref(module.path, module.qualname(node))

    def _is_metadata_of_db(self, module: Module, value: ast.AST | None) -> bool:
        return isinstance(value, ast.Attribute) and value.attr == "metadata" and self.databases.at(module, value.value) is not None

    def _is_declarative(self, ref: Ref) -> bool:
        if self.index.is_class(ref, DECLARATIVE):
            return True
        values = [(module, item.value) for module, item in self.index.definitions(ref) if item.value is not None]
        made = [self.index.resolve(module, value.func) for module, value in values if isinstance(value, ast.Call)]
        return any(one is not None and one.name in DECLARATIVE for one in made)

    # -- the table's name

    def table_of(self, module: Module, node: ast.ClassDef) -> str:
        """The name of a model's table; "" where only loading can tell: a child in its parent's table, a computed name."""
        own = _class_value(node, "__tablename__")
        if own is not None:
            return self._string(module, own) if isinstance(own, ast.expr) else ""
        table = _class_value(node, "__table__")
        if table is not None:
            return self._string(module, argument(table, 0, "name")) if isinstance(table, ast.Call) else ""
        for base_module, base in self._ancestors(module, node, set()):
            value = _class_value(base, "__tablename__")
            is_model = self.is_model(Ref(base_module.path, base_module.qualname(base)))
            if value is not None and (_is_abstract(base) or not is_model):
                return self._string(base_module, value) if isinstance(value, ast.expr) else ""
            is_concrete = (
                is_model and not _is_abstract(base) and Ref(base_module.path, base_module.qualname(base)) not in self._bases
            )
            if is_concrete and "primary_key" not in module.text(node):
                return ""
        if any(self.index.resolve(module, base) in self._bases for base in node.bases):
            return ""
        return derived_name(node.name)

    def _ancestors(self, module: Module, node: ast.ClassDef, seen: set[Ref]) -> Iterator[tuple[Module, ast.ClassDef]]:
        for base in node.bases:
            ref = self.index.resolve(module, base)
            if ref is None or ref.is_outside or ref in seen:
                continue
            seen.add(ref)
            found = self.index.class_definition(ref)
            if found:
                yield found
                yield from self._ancestors(*found, seen)

    def _string(self, module: Module, value: ast.AST | None, depth: int = 0) -> str:
        """A string literal, or a name that is bound to one."""
        if isinstance(value, ast.Name | ast.Attribute) and depth < 3:
            ref = self.index.resolve(module, value)
            found = self.index.definitions(ref) if ref and not ref.is_outside else []
            if len(found) == 1 and found[0][1].how is How.VALUE:
                return self._string(found[0][0], found[0][1].value, depth + 1)
        return string(value) or ""

    # -- tables

    def _is_table(self, module: Module, call: ast.Call) -> bool:
        func = call.func
        named = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if named != "Table" and not any(item.name == "Table" for item in module.bindings[module.tree].get(named, ())):
            return False
        if isinstance(func, ast.Attribute) and func.attr == "Table":
            if self.databases.at(module, func.value):
                return True
            outside = self.index.resolve(module, func)
            if outside is None or not outside.is_outside:
                return module.text(func.value).rpartition(".")[2] == "db"
            if outside.name.removesuffix(".Table").removesuffix("()") in SQLALCHEMY or outside.name.endswith(".db.Table"):
                return True
        ref = self.index.resolve(module, func)
        metadata = argument(call, 1, "metadata")
        return ref is not None and ref.name in TABLE and metadata is not None and self._is_our_metadata(module, metadata)

    def _is_our_metadata(self, module: Module, value: ast.expr) -> bool:
        ref = self.index.resolve(module, value)
        if ref in self._metadata:
            return True
        if ref is not None and ref.is_outside and ref.name.removesuffix(".metadata").removesuffix("()") in SQLALCHEMY:
            return True
        if isinstance(value, ast.Attribute) and value.attr == "metadata":
            return self.databases.at(module, value.value) is not None or self.is_model(self._base(module, value.value))
        if isinstance(value, ast.Name):  # metadata = Base.metadata
            bindings = [item for scope in module.scopes_of(value) for item in module.bindings[scope].get(value.id, ())]
            return any(isinstance(item.value, ast.Attribute) and self._is_our_metadata(module, item.value) for item in bindings)
        return False

    def _own_metadata(self) -> Iterator[Ref]:
        """The `MetaData` objects that are handed to `SQLAlchemy(metadata=metadata)`."""
        for module, call in self.databases.calls.values():
            value = keyword(call, "metadata")
            ref = self.index.resolve(module, value) if isinstance(value, ast.Name | ast.Attribute) else None
            if ref:
                yield ref


def _class_value(node: ast.ClassDef, name: str) -> ast.AST | None:
    """What a class body gives `name`: an expression, or the function of that name."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and any(_name_of(target) == name for target in statement.targets):
            return statement.value
        if isinstance(statement, ast.AnnAssign) and _name_of(statement.target) == name:
            return statement.value
        if isinstance(statement, ast.FunctionDef) and statement.name == name:
            return statement
    return None


def _is_abstract(node: ast.ClassDef) -> bool:
    value = _class_value(node, "__abstract__")
    return isinstance(value, ast.Constant) and value.value is True


def _name_of(target: ast.AST) -> str:
    return target.id if isinstance(target, ast.Name) else ""


def _assigned_name(module: Module, call: ast.Call) -> str:
    """The dotted name that the call's value gets; "" where it gets none."""
    statement = module.parents[call]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    name = next((_name_of(target) for target in targets if target is not None and _name_of(target)), "")
    owner = module.qualname(module.parents[statement]) if name and statement in module.parents else ""
    function = module.function_name(call)
    prefix = owner or function
    return f"{prefix}.{name}" if prefix and name else name
