"""Every place where source gives `SQLALCHEMY_DATABASE_URI` a value, in whatever form Flask's config takes it.

    app.config["SQLALCHEMY_DATABASE_URI"] = value       config.update(SQLALCHEMY_DATABASE_URI=value)
    class Config: SQLALCHEMY_DATABASE_URI = value       {"SQLALCHEMY_DATABASE_URI": value}
    SQLALCHEMY_DATABASE_URI = value                     config.setdefault("SQLALCHEMY_DATABASE_URI", value)

`for_tests.py` tells which of them configure tests only, `environment.py` which variables the values read, and the
schemes of the URLs in them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hooks.base.facts import Config, UriForm, UriSite
from hooks.base.location import Span
from hooks.base.source import Source, Unparsable
from hooks.detect.data_files import KEY, find_data_files, pyfiles
from hooks.detect.environment import schemes_of, variables_of
from hooks.detect.for_tests import configures_tests, inheriting_tests, is_test_condition
from hooks.detect.index import Index
from hooks.detect.prefixed import find_prefixed
from hooks.detect.tree import Module, own_nodes, string

# What holds variables, and configures nothing: os.environ, env, env_vars.
OF_ENVIRONMENT = re.compile(r"(^|[._])env(s|iron|ironment|_?vars?)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """A value with its form, the statement, key or argument that gives it, and what owns it."""

    form: UriForm
    value: ast.expr
    node: ast.AST
    owner: str = ""


def find_config(index: Index) -> Config:
    """All places that configure the database's URI, ordered by place."""
    modules = [module for module in index.candidates if KEY.encode() in module.source.raw]
    found = [(module, index.name(module), one) for module in modules for one in _in_module(index, module)]
    for path in pyfiles(index):
        module = _outside_module(index, path)
        found += [(module, "", one) for one in _in_module(index, module) if one.form is UriForm.MODULE] if module else []
    sites: dict[Span, UriSite] = {}
    for module, name, one in found:  # of `config[KEY] = KEY = value` the first target counts
        site = _site(index, module, name, one)
        sites.setdefault(site.value, site)
    return Config(
        sites=tuple(sorted(sites.values(), key=lambda site: (site.where, site.value))),
        data_files=find_data_files(index),
        prefixed=find_prefixed(index),
        inheriting_tests=inheriting_tests(index, [(module, one.value) for module, _, one in found if one.form is UriForm.CLASS]),
    )


def _site(index: Index, module: Module, name: str, found: Found) -> UriSite:
    value = _outside_of_tests(found.value)
    return UriSite(
        form=found.form,
        value=module.span(value),
        where=module.where(found.value if found.form is UriForm.DICT else found.node),
        module=name,
        owner=found.owner,
        is_test=configures_tests(index, module, found.node),
        variables=variables_of(index, module, found.value),
        passes_on=_passes_on(index, module, value),
        schemes=schemes_of(index, module, value),
        is_made_up=_is_made_up(index, module, found.value),
    )


def _is_made_up(index: Index, module: Module, value: ast.expr) -> bool:
    """Whether a variable that `value` reads is put together with text: `f"...{...}"`, `a + b`, `a % b`, `"...".format(...)`."""
    pieces = [node for node in ast.walk(value) if isinstance(node, ast.BinOp | ast.JoinedStr) or _is_format(node)]
    return any(variables_of(index, module, piece) for piece in pieces)


def _is_format(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "format_map", "join")
    )


def _passes_on(index: Index, module: Module, value: ast.expr) -> bool:
    """Whether `value` is but the name of another place that configures the URI."""
    if not isinstance(value, ast.Name | ast.Attribute) or (value.id if isinstance(value, ast.Name) else value.attr) != KEY:
        return False
    ref = index.resolve(module, value)
    return ref is not None and bool(index.definitions(ref))


def _outside_of_tests(value: ast.expr) -> ast.expr:
    """The branch that is not for tests of `"sqlite://" if testing else "postgresql://..."`; any other value as it is."""
    if isinstance(value, ast.IfExp):
        meant = is_test_condition(value.test)
        if meant is not None:
            return value.orelse if meant else value.body
    return value


def _in_module(index: Index, module: Module) -> Iterator[Found]:
    for statement in module.statements:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from _assigned(index, module, statement, target, statement.value)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            yield from _assigned(index, module, statement, statement.target, statement.value)
        elif isinstance(statement, ast.FunctionDef) and statement.name == KEY:
            yield from _property(module, statement)
    for call in module.calls:
        yield from _called(module, call)
    for node in module.parents:
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if string(key) == KEY and key is not None and not OF_ENVIRONMENT.search(_dict_owner(module, node)):
                    yield Found(UriForm.DICT, value, key, _dict_owner(module, node))


def _assigned(index: Index, module: Module, statement: ast.stmt, target: ast.expr, value: ast.expr) -> Iterator[Found]:
    if isinstance(target, ast.Subscript) and string(target.slice) == KEY:
        outside, owner = index.resolve(module, target.value), module.text(target.value)
        if not OF_ENVIRONMENT.search(outside.name if outside else owner):
            yield Found(UriForm.ITEM, value, statement, owner)
    elif isinstance(target, ast.Attribute) and target.attr == KEY:
        yield Found(UriForm.CLASS, value, statement, module.text(target.value))
    elif isinstance(target, ast.Name) and target.id == KEY:
        scope = next(module.scopes_of(statement))
        if isinstance(scope, ast.ClassDef):
            yield Found(UriForm.CLASS, value, statement, module.qualname(scope))
        elif isinstance(scope, ast.Module) or target.id not in module.bindings[scope]:  # in a function: `global`
            yield Found(UriForm.MODULE, value, statement)


def _property(module: Module, function: ast.FunctionDef) -> Iterator[Found]:
    """A property or classmethod of a config class; what it returns is the value, where it returns in one place."""
    owner = module.parents[function]
    returned = [node for node in own_nodes(function) if isinstance(node, ast.Return) and node.value is not None]
    if isinstance(owner, ast.ClassDef) and len(returned) == 1 and returned[0].value is not None:
        yield Found(UriForm.CLASS, returned[0].value, returned[0], module.qualname(owner))


def _called(module: Module, call: ast.Call) -> Iterator[Found]:
    for item in call.keywords:
        if item.arg == KEY:
            yield Found(UriForm.KEYWORD, item.value, item, module.text(call.func))
    is_setdefault = isinstance(call.func, ast.Attribute) and call.func.attr == "setdefault"
    if is_setdefault and isinstance(call.func, ast.Attribute) and len(call.args) == 2 and string(call.args[0]) == KEY:
        owner = module.text(call.func.value)
        if not OF_ENVIRONMENT.search(owner):
            yield Found(UriForm.SETDEFAULT, call.args[1], call, owner)


def _dict_owner(module: Module, node: ast.Dict) -> str:
    """What the dict is assigned or handed to, as written."""
    parent = module.parents[node]
    if isinstance(parent, ast.Assign):
        return module.text(parent.targets[0])
    if isinstance(parent, ast.Call):
        return module.text(parent.func)
    return module.text(parent.target) if isinstance(parent, ast.AnnAssign) else ""


def _outside_module(index: Index, path: str) -> Module | None:
    """A file that `from_pyfile` reads and whose name does not end in .py; None where it is no Python."""
    raw = index.read(path)
    try:
        return Module(Source(path, raw)) if raw is not None else None
    except Unparsable:
        return None
