"""What makes a piece of code run: followed backwards over the project's calls, by name, to where it starts.

db.create_all()  <-  def setup(app)  <-  def create_app()        a factory's doing
db.create_all()  <-  def initdb(), under @app.cli.command()      somebody asks for it
db.create_all()  <-  if __name__ == "__main__":                  only `python module.py`
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from hooks.detect.files import is_test_file
from hooks.detect.index import Index, Ref
from hooks.detect.tree import FUNCTION, Function, How, Module, own_nodes


class RootKind(Enum):
    """Where running starts."""

    FUNCTION = "function"  # passed through on the way; it starts something where it is an application's factory
    MODULE = "module"  # importing the file
    MAIN = "main"  # running the file as a script
    HOOK = "hook"  # a request, the first one or each
    COMMAND = "command"  # a CLI command, a view: somebody asks for it
    TEST = "test"


@dataclass(frozen=True)
class Root:
    """One place where running starts; `serves`: that script also runs the application."""

    kind: RootKind
    path: str = ""
    name: str = ""
    serves: bool = False


HOOKS = frozenset({"before_first_request", "before_app_first_request", "before_request", "before_app_request"})
HOOKS |= {"record", "record_once", "before_serving"}
COMMANDS = frozenset({"command", "group", "cli_command", "add_command", "shell_context_processor", "make_shell_context", "task"})
COMMANDS |= {"route", "get", "post", "put", "patch", "delete", "expose", "add_url_rule", "add_resource", "scheduled_job"}
COMMANDS |= {"errorhandler", "app_errorhandler", "user_loader", "context_processor"}
SERVERS = frozenset({"run", "serve", "run_simple", "serve_forever", "listen", "start_server"})
NOT_SERVERS = frozenset(
    {"asyncio", "subprocess", "manager", "cli", "unittest", "pytest", "trio", "anyio", "cmd", "command", "pool"}
)


class CallGraph:
    """The calls of one project, looked up backwards and only where asked."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._references: dict[Ref, list[tuple[Module, ast.AST]]] = {}

    def starts(self, module: Module, node: ast.AST, factories: frozenset[tuple[str, str]]) -> set[RootKind]:
        """The kinds of places from which running comes to `node`, tests aside; FUNCTION stands for one of the `factories`."""
        roots = self.roots(module, node)
        kinds = {root.kind for root in roots} - {RootKind.FUNCTION, RootKind.TEST}
        by_factory = any((root.path, root.name) in factories for root in roots if root.kind is RootKind.FUNCTION)
        return kinds | {RootKind.FUNCTION} if by_factory else kinds

    def roots(self, module: Module, node: ast.AST, seen: frozenset[Ref] = frozenset()) -> frozenset[Root]:
        """All the places from which running comes to `node`."""
        if is_test_file(module.path):
            return frozenset({Root(RootKind.TEST, module.path)})
        function = module.function_of(node)
        if function is None:
            block = module.main_block(node)
            if block:
                return frozenset({Root(RootKind.MAIN, module.path, serves=self.serves(module, block))})
            return frozenset({Root(RootKind.MODULE, module.path)})
        ref = Ref(module.path, module.qualname(function))
        if ref in seen:
            return frozenset()
        asked = decorated_as(function)
        if asked:
            return frozenset({Root(asked, module.path, ref.name)})
        found = {Root(RootKind.FUNCTION, module.path, ref.name)}
        for caller, mention in self.references(ref):
            kind = _passed_as(caller, mention)
            if kind:
                found.add(Root(kind, caller.path))
            else:
                found |= self.roots(caller, mention, seen | {ref})
        return frozenset(found)

    def references(self, ref: Ref) -> list[tuple[Module, ast.AST]]:
        """Where the function `ref` is called or handed on, outside of tests and of itself."""
        if ref not in self._references:
            self._references[ref] = list(self._find_references(ref))
        return self._references[ref]

    def _find_references(self, ref: Ref) -> Iterator[tuple[Module, ast.AST]]:
        owner, _, name = ref.name.rpartition(".")
        owner_ref = Ref(ref.path, owner)
        is_method = bool(owner) and self.index.class_definition(owner_ref) is not None
        if is_method and name in ("__init__", "__new__", "__post_init__", "__call__"):
            name, ref, is_method = owner.rpartition(".")[2], owner_ref, False
        home = self.index.module(ref.path)
        for module in dict.fromkeys((*((home,) if home else ()), *self.index.mentioning(name))):
            for mention in module.mentions.get(name, ()):
                target = self.index.resolve(module, mention)
                # A method of an object that text cannot follow: by its name alone.
                is_meant = target == ref or (target is None and is_method and isinstance(mention, ast.Attribute))
                is_meant = is_meant or (not is_method and Ref(ref.path, owner) in self._looped(module, mention))
                inside = module.path == ref.path and module.function_name(mention) == ref.name
                if is_meant and not inside:
                    yield module, mention

    def _looped(self, module: Module, mention: ast.AST) -> Iterator[Ref | None]:
        """What is before the dot, each turn of a loop: for extension in (database, login): extension.init_app(app)."""
        if not isinstance(mention, ast.Attribute) or not isinstance(mention.value, ast.Name):
            return
        for outer in module.enclosing(mention):
            if isinstance(outer, ast.For) and isinstance(outer.target, ast.Name) and outer.target.id == mention.value.id:
                yield from (self.index.resolve(module, one) for one in getattr(outer.iter, "elts", ()))

    def serves(self, module: Module, block: ast.AST, depth: int = 2) -> bool:
        """Whether `block`, or a function that it calls, runs a server: `app.run()`, `socketio.run(app)`, `serve(app)`."""
        for node in own_nodes(block):
            if not isinstance(node, ast.Call):
                continue
            if _is_serving(module, node):
                return True
            target = self.index.resolve(module, node.func) if depth else None
            for owner, binding in self.index.definitions(target) if target and not target.is_outside else ():
                if isinstance(binding.node, FUNCTION) and self.serves(owner, binding.node, depth - 1):
                    return True
        return False

    def importers(self, path: str, *, tests: bool = False) -> list[tuple[Module, ast.AST]]:
        """The imports that run the file `path`; those of tests only where asked for."""
        stem = path.rpartition("/")[2].removesuffix(".py")
        is_package = stem == "__init__"
        word = path.rpartition("/")[0].rpartition("/")[2] if is_package else stem
        found = []
        for module in self.index.mentioning(word, tests=tests):
            for scope in module.bindings.values():
                for bindings in list(scope.values()):
                    found += [(module, item.node) for item in bindings if module.path != path and self._runs(module, item, path)]
            for dotted, level in module.stars:
                if self._file_of(module, dotted, level) == path:
                    found.append((module, module.tree))
        if is_package:  # importing any module of a package runs the package first
            folder = path.rpartition("/")[0]
            found += [
                (module, module.tree)
                for module in self.index.candidates
                if module.path.startswith(folder + "/") and module.path != path and not is_test_file(module.path)
            ]  # fmt: skip
        return found

    def _runs(self, module: Module, binding: object, path: str) -> bool:
        how = getattr(binding, "how", None)
        node = getattr(binding, "node", None)
        if how is How.IMPORT and isinstance(node, ast.Import):
            return any(self._file_of(module, alias.name, 0) == path for alias in node.names)
        if how is How.FROM and isinstance(node, ast.ImportFrom):
            base = self._file_of(module, node.module or "", node.level)
            if base == path:
                return True
            found = self.index.member(Ref(base, ""), getattr(binding, "name", "")) if base else None
            return found == Ref(path, "")
        return False

    def _file_of(self, module: Module, dotted: str, level: int) -> str | None:
        modules = self.index.modules
        return modules.relative(dotted, level, module.path) if level else modules.find(dotted, module.path)


def decorated_as(function: Function) -> RootKind | None:
    """What a function's decorators make of it, HOOK or COMMAND; None where they do not tell."""
    for decorator in function.decorator_list:
        name = _last_name(decorator)
        if name in HOOKS:
            return RootKind.HOOK
        if name in COMMANDS:
            return RootKind.COMMAND
    return None


def _passed_as(module: Module, mention: ast.AST) -> RootKind | None:
    """What a call makes of the function handed to it: `app.before_first_request(setup)`."""
    parent = module.parents.get(mention)
    if isinstance(parent, ast.List | ast.Tuple | ast.Set):  # for command in [initdb, seed]: app.cli.command()(command)
        loop = module.parents.get(parent)
        return None if isinstance(loop, ast.For) and _calls_each(loop) else RootKind.COMMAND
    if isinstance(parent, ast.keyword):
        parent = module.parents.get(parent)
    if not isinstance(parent, ast.Call) or parent.func is mention:
        return None
    name = _last_name(parent.func)
    if name in HOOKS:
        return RootKind.HOOK
    return RootKind.COMMAND if name in COMMANDS else None


def _calls_each(loop: ast.For) -> bool:
    """Whether the body of a loop calls what it goes through."""
    names = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    calls = [node.func for node in own_nodes(loop) if isinstance(node, ast.Call)]
    return any(isinstance(func, ast.Name) and func.id in names for func in calls)


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_serving(module: Module, call: ast.Call) -> bool:
    if _last_name(call.func) not in SERVERS:
        return False
    if not isinstance(call.func, ast.Attribute):
        return _last_name(call.func) in ("serve", "run_simple")
    return module.text(call.func.value).rpartition(".")[2] not in NOT_SERVERS
