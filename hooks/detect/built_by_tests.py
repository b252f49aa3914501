"""What to build to see which database tests have: settings modules, test files, calls of the factory, variables set for tests.

Read from the text alone; `hooks/inside/load/configurations_for_tests.py` builds it. Two test files that set up alike are one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hooks.base.facts import App, AppKind, Project
from hooks.detect.existing import belongs_to_alembic
from hooks.detect.files import is_test_file
from hooks.detect.search import holding

MOST_MODULES, MOST_FILES, MOST_CALLS, MOST_VALUES = 20, 12, 6, 6
LARGEST = 200_000  # bytes of a file that is looked into
CONFIGURES = re.compile(rb"\bTESTING\b|\btesting\b|SQLALCHEMY_DATABASE_URI|SQLALCHEMY_BINDS")
SPEAKS_OF_TESTS = re.compile(rb"\bTESTING\b|\btesting\b")
FOR_TESTS = re.compile(rb"^[ \t]*(?:import|from)[ \t]+(?:pytest|unittest|flask_testing|nose)\b", re.MULTILINE)
WORDS = ("TESTING", "testing", "SQLALCHEMY_", "pytest", "unittest", "nose", "environ", "getenv")  # one of these is in all of them
CHOOSES = r"[A-Z][A-Z0-9_]*(?:ENV|CONFIG|SETTINGS|MODE|STAGE|PROFILE|TESTING)[A-Z0-9_]*|ENV|CONFIG|SETTINGS|MODE|TESTING"
READS_CHOICE = re.compile(rf"""["']({CHOOSES})["']""")
SETS_CHOICE = re.compile(rf"""\b({CHOOSES})["']?\]?\s*[:=,]\s*["']?([\w.:-]+)""")
LITERAL = re.compile(r"""["'](test|testing|tests|TEST|TESTING|Testing|Test)["']""")
RUNNERS = re.compile(r"(^|/)(tox\.ini|pytest\.ini|setup\.cfg|pyproject\.toml|[Mm]akefile|justfile|\.travis\.yml|\.gitlab-ci\.yml)$")
WORKFLOW = re.compile(r"(^|/)\.(github/workflows|circleci)/[^/]+\.ya?ml$")
SETTINGS = frozenset({"config", "debug", "testing", "name", "secret_key", "env"})  # of an application: they lead to no database
DATABASE = frozenset({"drop_all", "create_all", "session", "engine", "engines", "query", "execute"})
SETS_UP = frozenset(
    {"setUp", "setUpClass", "asyncSetUp", "create_app", "setup_method", "setup_class", "setup", "setUpModule", "setup_module"}
)


@dataclass(frozen=True)
class SuiteFile:
    """A file of tests that builds applications: the conftest.py files above it, and its calls of the factory.

    `alike` are the other files that build theirs in the same way.
    """

    path: str
    conftests: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()


@dataclass(frozen=True)
class BuiltByTests:
    """What to build; `left_out` are test files that would be too many; `silent` those of `modules` that do not speak of tests."""

    modules: tuple[str, ...] = ()
    silent: frozenset[str] = frozenset()
    environments: tuple[tuple[str, str], ...] = ()
    files: tuple[SuiteFile, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing in the project has to do with tests."""
        return not self.modules and not self.files and not self.environments


def built_by_tests(root: Path, project: Project, app: App) -> BuiltByTests:
    """Everything to build for an application."""
    python = [path for path in project.files if path.endswith(".py") and not belongs_to_alembic(path, project.existing.alembic)]
    speaking = {*holding(root, python, WORDS), *filter(is_test_file, python)}
    texts = dict(read(root, (path for path in python if path in speaking)))
    suites, left_out = test_files(texts, app)
    built = {path for one in suites for path in (one.path, *one.alike)}
    modules = [path for path in texts if path not in built and not is_collected(path) and CONFIGURES.search(texts[path])]
    modules.sort(key=lambda path: ("onfig" not in path and "ettings" not in path, path))
    environments = choices(root, project, {path: texts[path] for path in [*modules, *texts]})
    silent = frozenset(path for path in modules if not SPEAKS_OF_TESTS.search(texts[path]))
    is_about_tests = suites or environments or len(silent) < len(modules)
    return BuiltByTests(
        modules=tuple(modules[:MOST_MODULES]) if is_about_tests else (),
        silent=silent,
        environments=environments,
        files=tuple(suites),
        left_out=tuple(left_out),
    )


def read(root: Path, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The content of those files that are no larger than code is."""
    for path in paths:
        file = root / path
        if file.is_file() and file.stat().st_size <= LARGEST:
            yield path, file.read_bytes()


def is_collected(path: str) -> bool:
    """Whether pytest or unittest load a file for the tests in it, or for all tests below it."""
    return is_test_file(path) and "test" in path.rpartition("/")[2]


def may_build(path: str, raw: bytes, app: App) -> bool:
    """Whether a file may be one of tests, whatever its name: it imports what tests are made with."""
    return is_test_file(path) or (path != app.where.path and FOR_TESTS.search(raw) is not None)


def test_files(texts: dict[str, bytes], app: App) -> tuple[list[SuiteFile], list[str]]:
    """The files of tests that build something, those that pytest loads first at the front; and those that are too many."""
    paths = [path for path, raw in texts.items() if may_build(path, raw, app)]
    paths.sort(key=lambda path: (not path.endswith("conftest.py"), path))
    found: dict[tuple[str, ...], SuiteFile] = {}
    left_out = []
    for path in paths:
        try:
            tree = ast.parse(texts[path])
        except (SyntaxError, ValueError):
            continue
        calls = tuple(dict.fromkeys(factory_calls(tree, app)))[:MOST_CALLS]
        key = tuple(sorted({*ways(tree, app), *calls})) if is_test_file(path) or sets_up(tree) else ()
        if key in found:
            found[key] = replace(found[key], alike=(*found[key].alike, path))
        if not key or key in found:
            continue
        if len(found) == MOST_FILES:
            left_out.append(path)
            continue
        above = [
            one for one in paths if one.endswith("conftest.py") and one != path and path.startswith(one.removesuffix("conftest.py"))
        ]
        found[key] = SuiteFile(path, tuple(sorted(above, key=len)), calls)
    return list(found.values()), left_out


def sets_up(tree: ast.Module) -> bool:
    """Whether a file has a fixture or a TestCase of its own."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("TestCase") for base in node.bases):
            return True
        if isinstance(node, ast.FunctionDef) and any("fixture" in ast.unparse(one) for one in node.decorator_list):
            return True
    return False


def ways(tree: ast.Module, app: App) -> Iterator[str]:
    """The pieces of a file of tests that have to do with making an application, as text."""
    names = set(app_names(app))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            is_fixture = any("fixture" in ast.unparse(one) for one in node.decorator_list)
            if is_fixture or node.name in SETS_UP or (speaks_of(node, names) and not node.name.startswith("test")):
                yield ast.unparse(node)
        elif isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("TestCase") for base in node.bases):
            yield ast.unparse(ast.Tuple(node.bases, ast.Load()))
        elif is_call_of(node, names):
            yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name in names)


def is_call_of(node: ast.AST, names: set[str]) -> bool:
    """Whether a node calls something of one of these names."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute) and last_name(node.func) in names


def app_names(app: App) -> Iterator[str]:
    """The names that an application, or what makes it, has in a file of tests."""
    yield app.name.rpartition(".")[2]
    yield from (name.rpartition(".")[2] for _, name in app.aliases)
    if app.made_by:
        yield app.made_by.rpartition(":")[2].rpartition(".")[2]
    yield from ("create_app", "Flask")


def speaks_of(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(one, ast.Name | ast.Attribute) and last_name(one) in names for one in ast.walk(node))


def last_name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def factory_calls(tree: ast.Module, app: App) -> Iterator[str]:
    """The calls of the factory whose arguments are literals, or names that the file has at its top; not those of a test that looks
    at the settings alone, `assert create_app("development").debug`."""
    factory = app.name if app.kind is AppKind.FACTORY else app.made_by.rpartition(":")[2]
    if not factory:
        return
    known = {
        alias.asname or alias.name.partition(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    known |= {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    known |= {
        target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)
    }
    looked_at = {call for node in ast.walk(tree) for call in only_looked_at(node, factory)}
    for node in ast.walk(tree):
        if is_call_of(node, {factory}) and node not in looked_at:
            inside = list(ast.walk(node))
            is_plain = not any(isinstance(one, ast.Call | ast.Lambda | ast.Await | ast.Yield) for one in inside[1:])
            if is_plain and all(one.id in known for one in inside if isinstance(one, ast.Name)):
                yield ast.unparse(node)


def only_looked_at(test: ast.AST, factory: str) -> Iterator[ast.AST]:
    """The calls of the factory in a test function that uses no database, and of what it is given nothing but settings."""
    if not isinstance(test, ast.FunctionDef) or not test.name.startswith("test"):
        return
    parents = {child: parent for parent in ast.walk(test) for child in ast.iter_child_nodes(parent)}
    if any(isinstance(one, ast.Attribute) and one.attr in DATABASE for one in parents):
        return
    for call, parent in parents.items():
        if not is_call_of(call, {factory}):
            continue
        uses: list[ast.AST] = [call]
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
            names = {ast.unparse(target) for target in parent.targets}
            uses = [one for one in parents if isinstance(one, ast.Name) and one.id in names and isinstance(one.ctx, ast.Load)]
        if all(isinstance(parents[one], ast.Expr) or getattr(parents[one], "attr", "") in SETTINGS for one in uses):
            yield call


def choices(root: Path, project: Project, texts: dict[str, bytes]) -> tuple[tuple[str, str], ...]:
    """(variable, value) for the variables that choose a configuration and are set for tests somewhere."""
    texts_of = {path: raw.decode("utf-8", "replace") for path, raw in texts.items() if b"environ" in raw or b"getenv" in raw}
    asking = {path: text for path, text in texts_of.items() if not is_test_file(path)}
    asked = {name for text in asking.values() for name in READS_CHOICE.findall(text)}
    if not asked:
        return ()
    runners = [path for path in project.files if RUNNERS.search(path) or WORKFLOW.search(path)]
    setting = [raw.decode("utf-8", "replace") for _, raw in read(root, runners)]
    setting += [text.decode("utf-8", "replace") for path, text in texts.items() if is_test_file(path)]
    found = [(name, value) for text in setting for name, value in SETS_CHOICE.findall(text) if name in asked]
    for text in asking.values():
        literals = dict.fromkeys(LITERAL.findall(text))
        found += [(name, value) for name in READS_CHOICE.findall(text) if name in asked for value in literals if name != value]
    return tuple(dict.fromkeys(found))[:MOST_VALUES]
