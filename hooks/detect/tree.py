"""One parsed file: what encloses each node, and what each name is bound to in its scope.

Nothing is looked up in other files here; `index.py` follows names from file to file.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from hooks.base.location import Location, Span
from hooks.base.source import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPE = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

NOTED = {ast.Name, ast.Attribute, ast.Call, ast.Yield, ast.NamedExpr, ast.withitem, *ast.stmt.__subclasses__()}
NO_CHILD = {"ctx", "op", "ops", "id", "attr", "arg", "type_comment"}
_child_fields: dict[type[ast.AST], tuple[str, ...]] = {}
CHILDLESS = {ast.Name, ast.Constant, ast.alias, ast.Pass, ast.Global}


class How(Enum):
    """How a name comes to mean something."""

    IMPORT = "import"  # import module [as name]
    FROM = "from"  # from module import name
    VALUE = "value"  # name = value
    LOOP = "loop"  # for name in value
    DEFINITION = "definition"  # def, class
    PARAMETER = "parameter"


@dataclass(frozen=True, eq=False)
class Binding:
    """One place where a name gets its meaning.

    `position` is the index in an unpacked tuple; `module`, `level` and `name` are those of an import.
    """

    how: How
    node: ast.AST
    scope: Scope
    value: ast.expr | None = None
    position: int | None = None
    module: str = ""
    level: int = 0
    name: str = ""


def is_for_type_checkers(test: ast.expr) -> bool:
    """`TYPE_CHECKING` or `typing.TYPE_CHECKING`, which is false where the program runs."""
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


class Module:
    """A source with its syntax tree walked once.

    Raises:
        Unparsable: on construction, where the source is not Python that this interpreter can parse.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.path = source.path
        self.tree = source.tree
        self.parents: dict[ast.AST, ast.AST] = {}
        self.bindings: dict[ast.AST, dict[str, list[Binding]]] = defaultdict(lambda: defaultdict(list))
        self.stars: list[tuple[str, int]] = []
        self.members: dict[tuple[ast.AST, str], list[Binding]] = defaultdict(list)  # self.x = value, by class and x
        self.mentions: dict[str, list[ast.expr]] = defaultdict(list)  # names and attributes that are read
        self.calls: list[ast.Call] = []
        self.classes: list[ast.ClassDef] = []
        self.functions: list[Function] = []
        self.statements: list[ast.stmt] = []
        self.returns: dict[ast.AST, list[ast.Return]] = defaultdict(list)  # by the function that returns
        self.generators: set[ast.AST] = set()
        self._globals: set[tuple[ast.AST, str]] = set()
        self._walk()

    def _walk(self) -> None:
        # A stack, not recursion: long chains of operators nest deeper than the interpreter's limit.
        parents, note = self.parents, self._note
        pending: list[tuple[ast.AST, Scope | None]] = [(self.tree, self.tree)]
        while pending:
            node, scope = pending.pop()
            kind = type(node)
            if kind in NOTED and scope is not None:
                note(node, scope)
            if kind in CHILDLESS:
                continue
            inner = node if isinstance(node, SCOPE) and scope is not None else scope
            never = node.body if isinstance(node, ast.If) and is_for_type_checkers(node.test) else ()
            children = children_of(node)
            children.reverse()
            for child in children:
                parents[child] = node
                pending.append((child, None if child in never else inner))

    def _note(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.stmt):
            self.statements.append(node)
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self.mentions[node.id].append(node)
        elif isinstance(node, ast.Attribute):
            if isinstance(node.ctx, ast.Load):
                self.mentions[node.attr].append(node)
        elif isinstance(node, ast.Call):
            self.calls.append(node)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                self._bind(scope, name, Binding(How.IMPORT, node, scope, module=alias.name if alias.asname else name))
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    self.stars.append((node.module or "", node.level))
                    continue
                binding = Binding(How.FROM, node, scope, module=node.module or "", level=node.level, name=alias.name)
                self._bind(scope, alias.asname or alias.name, binding)
        elif isinstance(node, ast.Global):
            self._globals |= {(scope, name) for name in node.names}
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value, node, scope)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            if node.value is not None:
                self._assign(node.target, node.value, node, scope)
        elif isinstance(node, ast.For | ast.AsyncFor):
            if isinstance(node.target, ast.Name):
                self._bind(scope, node.target.id, Binding(How.LOOP, node, scope, node.iter))
        elif isinstance(node, ast.withitem):
            if isinstance(node.optional_vars, ast.Name):
                self._bind(scope, node.optional_vars.id, Binding(How.LOOP, node, scope))
        elif isinstance(node, ast.ClassDef):
            self.classes.append(node)
            self._bind(scope, node.name, Binding(How.DEFINITION, node, scope))
        elif isinstance(node, FUNCTION):
            self.functions.append(node)
            self._bind(scope, node.name, Binding(How.DEFINITION, node, scope))
            for argument in parameters(node):
                self.bindings[node][argument.arg].append(Binding(How.PARAMETER, argument, node))
        elif isinstance(node, ast.Return):
            self.returns[scope].append(node)
        elif isinstance(node, ast.Yield):
            self.generators.add(scope)

    def _bind(self, scope: Scope, name: str, binding: Binding) -> None:
        where = self.tree if (scope, name) in self._globals else scope
        self.bindings[where][name].append(binding)

    def _assign(self, target: ast.expr, value: ast.expr, node: ast.AST, scope: Scope, position: int | None = None) -> None:
        if isinstance(target, ast.Name):
            self._bind(scope, target.id, Binding(How.VALUE, node, scope, value, position))
        elif isinstance(target, ast.Tuple | ast.List):
            pairs = value.elts if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts) else None
            for index, element in enumerate(target.elts):
                self._assign(element, pairs[index] if pairs else value, node, scope, None if pairs else index)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id in ("self", "cls"):
            owner = self.class_of(scope)
            if owner is not None:
                self.members[owner, target.attr].append(Binding(How.VALUE, node, scope, value, position))

    # -- what encloses a node

    def enclosing(self, node: ast.AST) -> Iterator[ast.AST]:
        """What encloses `node`, from the inside out, the module last."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def function_of(self, node: ast.AST) -> Function | None:
        """The innermost function that runs `node`; None at module level, in class bodies too."""
        return next((outer for outer in self.enclosing(node) if isinstance(outer, FUNCTION)), None)

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """The class whose method `node` is or belongs to."""
        if isinstance(node, ast.ClassDef):
            return node
        return next((outer for outer in self.enclosing(node) if isinstance(outer, ast.ClassDef)), None)

    def statement_of(self, node: ast.AST) -> ast.stmt:
        """The smallest statement that holds `node`."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def scopes_of(self, node: ast.AST) -> Iterator[Scope]:
        """The scopes in which a name at `node` is looked up, in Python's order."""
        is_first, inner = True, node
        for outer in self.enclosing(node):
            if isinstance(outer, SCOPE) and not runs_around(outer, inner) and (is_first or not isinstance(outer, ast.ClassDef)):
                yield outer
                is_first = False
            inner = outer

    def qualname(self, node: ast.AST) -> str:
        """The dotted name of a function or class, from the module's top."""
        names = [outer.name for outer in (node, *self.enclosing(node)) if isinstance(outer, (*FUNCTION, ast.ClassDef))]
        return ".".join(reversed(names))

    def function_name(self, node: ast.AST) -> str | None:
        """The dotted name of the innermost function around `node`."""
        function = self.function_of(node)
        return self.qualname(function) if function else None

    def main_block(self, node: ast.AST) -> ast.If | None:
        """The `if __name__ == "__main__":` that holds `node`."""
        inner = node
        for outer in self.enclosing(node):
            if isinstance(outer, ast.If) and is_main_test(outer.test) and inner in outer.body:
                return outer
            inner = outer
        return None

    # -- facts

    def text(self, node: ast.AST) -> str:
        """The source text of `node`."""
        return self.source.segment(self.source.span(node))

    def span(self, node: ast.AST) -> Span:
        """The `Span` of `node`."""
        return self.source.span(node)

    def where(self, node: ast.AST) -> Location:
        """The `Location` of `node`."""
        return self.source.location(node)


def parameters(function: Function) -> list[ast.arg]:
    """All parameters of a function, the starred ones last."""
    spec = function.args
    starred = [argument for argument in (spec.vararg, spec.kwarg) if argument]
    return [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *starred]


def is_main_test(test: ast.expr) -> bool:
    """Whether this is `__name__ == "__main__"`, either way round."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = [test.left, test.comparators[0]]
    has_name = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
    return has_name and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides)


def string(node: ast.AST | None) -> str | None:
    """The value of a string literal."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument."""
    return next((item.value for item in call.keywords if item.arg == name), None)


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """The value of an argument that may be given by position or by name."""
    if len(call.args) > position and not any(isinstance(item, ast.Starred) for item in call.args[: position + 1]):
        return call.args[position]
    return keyword(call, name)


def runs_around(scope: ast.AST, child: ast.AST) -> bool:
    """Whether a child of a function or class is evaluated around it: its decorators, defaults, annotations, bases."""
    return not isinstance(scope, ast.Module) and isinstance(child, (ast.arguments, ast.expr, ast.keyword))


def children_of(node: ast.AST) -> list[ast.AST]:
    """What `ast.iter_child_nodes` gives, several times faster, without contexts and operators, which are no places."""
    children: list[ast.AST] = []
    kind = type(node)
    if kind not in _child_fields:
        _child_fields[kind] = tuple(name for name in kind._fields if name not in NO_CHILD)
    for name in _child_fields[kind]:
        value = getattr(node, name)
        if isinstance(value, list):
            children += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            children.append(value)
    return children


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions and classes inside it, in the order of the source."""
    pending = children_of(function)[::-1]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (*FUNCTION, ast.ClassDef, ast.Lambda)):
            pending.extend(children_of(node)[::-1])


def default_of(function: Function | ast.Lambda, name: str) -> ast.expr | None:
    """The default of a parameter; None where it has none, or `None`, or where the function gives the name another value."""
    if any(isinstance(one, ast.Name) and one.id == name and not isinstance(one.ctx, ast.Load) for one in ast.walk(function)):
        return None
    every = function.args
    positional = [*every.posonlyargs, *every.args]
    pairs = list(zip(reversed(positional), reversed(every.defaults), strict=False))
    pairs += [(one, default) for one, default in zip(every.kwonlyargs, every.kw_defaults, strict=True) if default is not None]
    for one, default in pairs:
        if one.arg == name and not (isinstance(default, ast.Constant) and default.value is None):
            return default
    return None
