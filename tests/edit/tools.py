"""Check edits as text: the whole file before, the whole file after, both parsed; facts come from small look-ups in the text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from textwrap import dedent

from hooks.base.facts import Attachment, CreateAll, CreateAllRole, Database, InheritingTest, Project, UriForm, UriSite
from hooks.base.source import Source
from hooks.edit.core.changed_files import changed_files
from hooks.edit.core.splice import Edit, Reason, Untouched

Result = Edit | Untouched
Transformation = Callable[[Source], Result | Sequence[Result]]

KEY = "SQLALCHEMY_DATABASE_URI"


def text(code: str) -> str:
    """A file as tests write it: dedented, without the first empty line."""
    return dedent(code.removeprefix("\n"))


def check_edit(transform: Transformation, before: str | bytes, after: str | bytes, *, path: str = "shop.py") -> None:
    """The whole file `before` becomes the whole file `after`, which parses, and a second time nothing changes."""
    old, new = (one if isinstance(one, bytes) else text(one).encode() for one in (before, after))
    source = Source(path, old)

    result = changed_files({path: source}, edits(transform(source)))

    assert result.get(path, old).decode() == new.decode()
    assert result.get(path, old) == new
    ast.parse(new)
    again = Source(path, new)
    assert changed_files({path: again}, edits(transform(again))) == {}, "the second time something changed"


def check_untouched(transform: Transformation, before: str | bytes, reason: Reason, *, path: str = "shop.py") -> None:
    """Nothing of the file changes, for `reason` alone."""
    source = Source(path, before if isinstance(before, bytes) else text(before).encode())

    results = listed(transform(source))

    assert [result.reason if isinstance(result, Untouched) else result for result in results] == [reason]


def check_files(
    transform: Callable[[Mapping[str, Source]], Sequence[Result]], before: Mapping[str, str], after: Mapping[str, str]
) -> None:
    """Several files become `after`, which names only those that change, and a second time nothing changes."""
    files = {path: text(code) for path, code in before.items()}
    expected = {path: text(code) for path, code in after.items()}
    sources = {path: Source(path, code.encode()) for path, code in files.items()}

    result = changed_files(sources, edits(transform(sources)))

    assert {path: raw.decode() for path, raw in result.items()} == expected
    again = {path: Source(path, code.encode()) for path, code in {**files, **expected}.items()}
    assert changed_files(again, edits(transform(again))) == {}, "the second time something changed"


def listed(results: Result | Sequence[Result]) -> list[Result]:
    """What a transformation returned, as a list."""
    return [results] if isinstance(results, Edit | Untouched) else list(results)


def edits(results: Result | Sequence[Result]) -> list[Edit]:
    """The edits among what a transformation returned."""
    return [result for result in listed(results) if isinstance(result, Edit)]


def module_of(path: str) -> str:
    """The dotted name of the module in a file."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def function_around(tree: ast.Module, node: ast.AST) -> str | None:
    """The name of the innermost function around a node."""
    found = None
    for one in ast.walk(tree):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and any(child is node for child in ast.walk(one)):
            found = one.name
    return found


def database_in(source: Source, name: str = "db") -> Database:
    """The first assignment of an object made by something called SQLAlchemy, as the fact that detection makes."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        calls = [one for one in ast.walk(node.value) if isinstance(one, ast.Call) and "SQLAlchemy" in ast.unparse(one.func)]
        if calls:
            return Database(
                module=module_of(source.path),
                name=name,
                where=source.location(node),
                span=source.span(node),
                function=function_around(source.tree, node),
                app=application_of(calls[0]),
            )
    raise LookupError(source.path)


def application_of(call: ast.Call) -> str:
    """The application argument as written, or nothing."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "app"]
    return ast.unparse((*named, *call.args)[0]) if named or call.args else ""


def attachments_in(source: Source, database: Database, **facts: bool) -> list[Attachment]:
    """Every `X.init_app(app)` of something called like a database and every `SQLAlchemy(app)`, as facts."""
    found = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or "igrate" in ast.unparse(node):
            continue
        direct = ast.unparse(node.func).endswith("SQLAlchemy") and bool(application_of(node))
        if not direct and not ast.unparse(node.func).endswith(".init_app"):
            continue
        found.append(
            Attachment(
                span=source.span(node),
                where=source.location(node),
                module=module_of(source.path),
                db=database.name if direct else ast.unparse(node.func.value),  # type: ignore[attr-defined]
                app=application_of(node),
                database=database.spec,
                is_direct=direct,
                function=function_around(source.tree, node),
                **facts,
            )
        )
    return sorted(found, key=lambda place: place.span)


def uri_sites_in(source: Source, *, is_test: bool = False, variables: tuple[str, ...] = ()) -> list[UriSite]:
    """Every place that gives the database URI a value, in whatever form."""
    values: list[ast.expr] = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(KEY in ast.unparse(target) for target in targets):
                values.append(node.value)
        elif isinstance(node, ast.keyword) and node.arg == KEY:
            values.append(node.value)
        elif isinstance(node, ast.Dict):
            values += [value for key, value in zip(node.keys, node.values, strict=True) if key and KEY in ast.unparse(key)]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("setdefault") and KEY in ast.unparse(node.args[0]):
            values.append(node.args[1])
    return [
        UriSite(UriForm.ITEM, source.span(value), source.location(value), module_of(source.path), "", is_test, variables)
        for value in sorted(values, key=lambda value: (value.lineno, value.col_offset))
    ]


def create_all_in(source: Source) -> list[CreateAll]:
    """Every call of `create_all`, as start-up calls."""
    found = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        methods = [one for one in (node.func, *node.args) if isinstance(one, ast.Attribute) and one.attr == "create_all"]
        if methods:
            statements = [
                one for one in ast.walk(source.tree) if isinstance(one, ast.stmt) and any(child is node for child in ast.walk(one))
            ]
            smallest = statements[-1]
            found.append(
                CreateAll(
                    call=source.span(node),
                    statement=source.span(smallest),
                    where=source.location(node),
                    role=CreateAllRole.START_UP,
                    db=ast.unparse(methods[0].value),
                    function=function_around(source.tree, node),
                )
            )
    return found


def inheriting_in(source: Source, name: str = "TestConfig", base: str = "config:Config") -> InheritingTest:
    """The config class for tests `name`, which inherits the URI of `base`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and node.name == name:
            return InheritingTest(module_of(source.path), name, source.location(node), source.span(node), base)
    raise LookupError(name)


def project(*files: str) -> Project:
    """A project of which only the file names matter."""
    return Project(root=".", files=files)
