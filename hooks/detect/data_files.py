"""Configuration that is not Python in the tree: JSON, TOML, YAML, prefixed variables, and files that are ignored or missing.

app.config.from_file("config.json", load=json.load)      app.config.update(json.load(file))
app.config.from_object("config")                          where config.py is git-ignored
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from hooks.base.location import Location
from hooks.detect.environment import reads
from hooks.detect.index import Index, Ref
from hooks.detect.tree import Module, argument, string

LOADERS = frozenset({"from_file", "from_json", "from_envvar", "from_prefixed_env", "from_toml", "from_yaml"})
PARSERS = frozenset(
    {
        f"{package}.{function}"
        for package in ("json", "simplejson", "ujson", "toml", "tomllib", "tomli")
        for function in ("load", "loads")
    }
    | {"yaml.load", "yaml.safe_load", "yaml.full_load"}
)
KEY = "SQLALCHEMY_DATABASE_URI"


def find_data_files(index: Index) -> tuple[Location, ...]:
    """The loads of configuration whose values the source does not show, ordered by place."""
    found: dict[Location, None] = {}
    for module in index.candidates:
        for call in module.calls:
            if _is_config_method(call) and _loads_data(index, module, call):
                found[module.where(call)] = None
        if KEY.encode() in module.source.raw:
            found |= dict.fromkeys(_parsed_values(index, module))
    return tuple(sorted(found))


def pyfiles(index: Index) -> list[str]:
    """The files of Python syntax, without the name's ending, that `from_pyfile` reads."""
    found: dict[str, None] = {}
    for module in index.candidates:
        for call in module.calls:
            if isinstance(call.func, ast.Attribute) and call.func.attr == "from_pyfile":
                path = _pyfile(index, module, call)
                if path and not path.endswith(".py"):
                    found[path] = None
    return list(found)


def _is_config_method(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute)


def _loads_data(index: Index, module: Module, call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    method = call.func.attr
    if method not in ("from_object", "from_pyfile", "update", "from_mapping") and method not in LOADERS:
        return False
    receiver = module.text(call.func.value)
    if not receiver.endswith(("config", "cfg")):
        return False
    if method in LOADERS:
        return True
    if method == "from_object":
        return _is_missing_object(index, module, argument(call, 0, "obj"))
    if method == "from_pyfile":
        return string(argument(call, 0, "filename")) is not None and _pyfile(index, module, call) is None
    return any(_is_parsed(index, module, value) for value in _mappings(call))


def _mappings(call: ast.Call) -> Iterator[ast.expr]:
    """The whole mappings that a call is given; single values of a dict that is written out are none."""
    for value in (*call.args, *(item.value for item in call.keywords if item.arg is None)):
        if isinstance(value, ast.Dict):
            yield from (item for key, item in zip(value.keys, value.values, strict=True) if key is None)
        else:
            yield value


def _is_missing_object(index: Index, module: Module, value: ast.expr | None) -> bool:
    """Whether `from_object` names a module that is not in the tree: it is ignored, or made by hand on each machine."""
    name = string(value)
    if name is not None:
        owner, _, attribute = name.rpartition(".")
        home = index.modules.find(owner, module.path) if owner else None
        return index.modules.find(name, module.path) is None and (home is None or index.member(Ref(home, ""), attribute) is None)
    if isinstance(value, ast.Name):
        for scope in module.scopes_of(value):
            for binding in module.bindings[scope].get(value.id, ()):
                if isinstance(binding.node, ast.ImportFrom) and binding.level:
                    ref = index.resolve(module, value)
                    return ref is None or (not ref.is_outside and bool(ref.name) and not index.definitions(ref))
                if isinstance(binding.node, ast.Import | ast.ImportFrom):
                    ref = index.resolve(module, value)
                    return ref is not None and ref.is_outside and "config" in ref.name.lower()
    return False


def _pyfile(index: Index, module: Module, call: ast.Call) -> str | None:
    """The file that `from_pyfile("name")` reads: beside the application, in instance/, or above it."""
    name = string(argument(call, 0, "filename"))
    if name is None:
        return None
    folder = posixpath.dirname(module.path)
    while True:
        for base in (folder, posixpath.join(folder, "instance")):
            path = posixpath.normpath(posixpath.join(base, name))
            if path in index.files:
                return path
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _parsed_values(index: Index, module: Module) -> Iterator[Location]:
    """Where the file's own database URI comes out of parsed data: `config["SQLALCHEMY_DATABASE_URI"] = data["uri"]`."""
    for statement in module.statements:
        if isinstance(statement, ast.Assign) and KEY in module.text(statement.targets[0]):
            for owner, node in reads(index, module, statement.value):
                if isinstance(node, ast.Call) and _called(index, owner, node) in PARSERS:
                    yield owner.where(node)


def _is_parsed(index: Index, module: Module, value: ast.expr) -> bool:
    return any(isinstance(node, ast.Call) and _called(index, owner, node) in PARSERS for owner, node in reads(index, module, value))


def _called(index: Index, module: Module, call: ast.Call) -> str:
    ref = index.resolve(module, call.func)
    return ref.name if ref and ref.is_outside else ""
