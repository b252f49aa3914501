"""The calls of `create_all`, and when each runs: as the application starts, when somebody asks for it, or in tests.

A call at start-up hides every later migration: the new table is there before `flask db migrate` looks. One in a command, a view or
a script that nothing imports is the project's own affair; so is one behind a `drop_all()`, which makes a database anew and never
adds a table to one that is there. A script that has models and an engine of its own makes other tables in another database.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from hooks.base.facts import App, AppKind, CreateAll, CreateAllRole
from hooks.detect.calls import CallGraph, Root, RootKind, decorated_as
from hooks.detect.database import Databases
from hooks.detect.files import TEST_FOLDER, is_test_file
from hooks.detect.index import Index, Ref
from hooks.detect.kinds import SQLALCHEMY
from hooks.detect.tree import Module, argument
from hooks.detect.what_follows import BESIDE_LOADING, fallback, is_needed_unseen, stands_in

SCRIPT_NAME = re.compile(
    r"(re)?(create|init|seed|setup|populate|reset|drop|fill|load|import|migrate|manage|build|make|bootstrap|db|database"
    r"|fixtures?|generate|add|delete|clear|test|cli|shell|demo|sample|update|insert|install)"
    r"(_|$|db|tables|data)"
)
MAKE_ENGINE = frozenset({"create_engine"})
MAKE_METADATA = frozenset({"declarative_base", "automap_base", "DeclarativeBase", "DeclarativeBaseNoMeta", "MetaData"})
HOOK_NAMES = frozenset(
    {"before_first_request", "before_app_first_request", "before_request", "before_app_request", "before_serving"}
)


def find_create_all(
    index: Index, databases: Databases, graph: CallGraph, apps: Sequence[App], entry_paths: frozenset[str] = frozenset()
) -> tuple[CreateAll, ...]:
    """Every call of `create_all` on a `SQLAlchemy` object or a metadata, ordered by place.

    `entry_paths` are files that the repository itself tells a server to load.
    """
    start_up = StartUp(index, graph, apps, entry_paths)
    found = []
    for module in index.candidates:
        for call, receiver in _calls(index, databases, module):
            role = start_up.role(module, call)
            if role is CreateAllRole.COMMAND and is_of_another_database(module, call, receiver):
                continue
            found.append(
                CreateAll(
                    call=module.span(call),
                    statement=module.span(module.statement_of(call)),
                    where=module.where(call),
                    role=role,
                    db=module.text(receiver),
                    function=module.function_name(call),
                    is_needed_unseen=is_needed_unseen(index, graph, module, call, start_up.factories),
                    fallback=fallback(module, call),
                    stands_in=stands_in(module, call),
                )
            )
    return tuple(sorted(found, key=lambda fact: (fact.where, fact.call)))


def _calls(index: Index, databases: Databases, module: Module) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Each call, with the object it is a method of; `app.before_first_request(db.create_all)` is one as well."""
    for call in module.calls:
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr == "create_all" and _creates_tables(index, databases, module, func.value):
            yield call, func.value
        elif isinstance(func, ast.Attribute) and func.attr in HOOK_NAMES:
            for value in call.args:
                if isinstance(value, ast.Attribute) and value.attr == "create_all":
                    yield call, value.value


def _creates_tables(index: Index, databases: Databases, module: Module, receiver: ast.expr) -> bool:
    """Whether `receiver.create_all()` can be SQLAlchemy's; a module's or another class's function of that name is not."""
    if databases.at(module, receiver) or module.text(receiver).endswith("metadata"):
        return True
    ref = index.resolve(module, receiver)
    if ref is None or ref.is_outside:
        return True
    if not ref.name:
        return False
    target = index.member(ref, "create_all")
    if target is None or target.is_outside:
        return True
    owner = Ref(target.path, target.name.rpartition(".")[0])
    if index.class_definition(owner) is None:
        return True
    return index.is_class(owner, SQLALCHEMY)


def is_of_another_database(module: Module, call: ast.Call, receiver: ast.expr) -> bool:
    """Whether the same file makes both the metadata and the engine of a call: `Base = declarative_base()`, `create_engine(...)`."""
    engine = argument(call, 0, "bind")
    metadata = receiver.value if isinstance(receiver, ast.Attribute) and receiver.attr == "metadata" else receiver
    if not isinstance(engine, ast.Name) or not isinstance(metadata, ast.Name):
        return False
    return is_made_by(module, engine.id, MAKE_ENGINE) and is_made_by(module, metadata.id, MAKE_METADATA)


def is_made_by(module: Module, name: str, makers: frozenset[str]) -> bool:
    """Whether all that a file binds a name to are calls, or subclasses, of what has one of these names."""
    made = [one.value for one in module.statements if isinstance(one, ast.Assign) and name in map(module.text, one.targets)]
    classes = [one for one in module.classes if one.name == name]
    ways = [one.func if isinstance(one, ast.Call) else one for one in made] + [base for one in classes for base in one.bases]
    return bool(ways) and all(module.text(one).rpartition(".")[2] in makers for one in ways)


def drops_before(module: Module, node: ast.AST) -> bool:
    """Whether the same function, or module, drops the tables before `node`, and whenever it comes to that."""
    span, function, outer = module.span(node), module.function_of(node), list(module.enclosing(node))
    for call in module.calls:
        is_drop = isinstance(call.func, ast.Attribute) and call.func.attr == "drop_all"
        if is_drop and module.span(call) < span and module.function_of(call) is function:
            conditions = [one for one in module.enclosing(call) if isinstance(one, (ast.If, ast.IfExp, ast.BoolOp))]
            if all(one in outer for one in conditions):
                return True
    return False


def is_only_called_test(module: Module) -> bool:
    """Whether a file such as test_db.py is a script: it is in no folder of tests, has no test, and is no test runner's."""
    if TEST_FOLDER.search(module.path):
        return False
    names = [one.name for one in (*module.functions, *module.classes) if not isinstance(one, ast.Lambda)]
    imported = [alias.name for one in module.statements if isinstance(one, ast.Import) for alias in one.names]
    imported += [one.module or "" for one in module.statements if isinstance(one, ast.ImportFrom)]
    return not any(re.match(r"test|setUp", name, re.IGNORECASE) for name in names) and not any(
        name.partition(".")[0] in ("unittest", "pytest", "nose", "flask_testing") for name in imported
    )


class StartUp:
    """Tells whether code runs when the application starts."""

    def __init__(self, index: Index, graph: CallGraph, apps: Sequence[App], entry_paths: frozenset[str]) -> None:
        self.index = index
        self.graph = graph
        self.entry_paths = entry_paths
        own = [app for app in apps if not app.in_tests]
        self.factories = frozenset((app.where.path, app.name) for app in own if app.kind is not AppKind.OBJECT)
        self._app_files = {app.where.path for app in own}
        self._started: dict[str, bool] = {}

    def role(self, module: Module, call: ast.Call) -> CreateAllRole:
        """When the call runs."""
        if is_test_file(module.path) and not is_only_called_test(module):
            return CreateAllRole.TEST
        if isinstance(call.func, ast.Attribute) and call.func.attr in HOOK_NAMES:
            return CreateAllRole.START_UP
        if drops_before(module, call) and self.graph.starts(module, call, self.factories) <= BESIDE_LOADING:
            return CreateAllRole.COMMAND
        return CreateAllRole.START_UP if self.is_reached(module, call) else CreateAllRole.COMMAND

    def is_reached(self, module: Module, node: ast.AST) -> bool:
        """Whether start-up comes to `node`."""
        return any(self._starts(root) for root in self.graph.roots(module, node))

    def _starts(self, root: Root) -> bool:
        if root.kind is RootKind.HOOK:
            return True
        if root.kind is RootKind.MAIN:
            return root.serves
        if root.kind is RootKind.FUNCTION:
            return (root.path, root.name) in self.factories
        is_package = root.path.endswith("/__init__.py")  # whatever imports a model below it, env.py too, runs it
        return root.kind is RootKind.MODULE and (is_package or self.is_started(root.path))

    def is_started(self, path: str) -> bool:
        """Whether starting the application imports the file, or the file is what starts it."""
        if path not in self._started:
            self._started[path] = False  # while an import cycle is followed
            self._started[path] = self._is_started(path)
        return self._started[path]

    def _is_started(self, path: str) -> bool:
        module = self.index.module(path)
        if module is None:
            return False
        if path in self.entry_paths or self.graph.serves(module, module.tree, depth=0):
            return True
        is_script = SCRIPT_NAME.match(path.rpartition("/")[2].removesuffix(".py")) is not None
        if path in self._app_files and not is_script:
            return True
        for importer, node in self.graph.importers(path):
            function = importer.function_of(node) if node is not importer.tree else None
            if function is None and not importer.main_block(node):
                if self.is_started(importer.path):
                    return True
            elif (function is None or decorated_as(function) is None) and self.is_reached(importer, node):
                return True
        return False
