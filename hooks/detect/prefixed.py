"""The variable that gives the database URI where a package reads all of its prefix, so that no line of the project names it.

FlaskDynaconf(app)                                            FLASK_SQLALCHEMY_DATABASE_URI
FlaskDynaconf(app, ENVVAR_PREFIX="SHOP")                      SHOP_SQLALCHEMY_DATABASE_URI
app.config.from_prefixed_env()                                FLASK_SQLALCHEMY_DATABASE_URI
class Settings(BaseSettings): SQLALCHEMY_DATABASE_URI: str    SQLALCHEMY_DATABASE_URI
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hooks.detect.data_files import KEY
from hooks.detect.files import is_test_file
from hooks.detect.index import Index, Ref
from hooks.detect.settings_fields import SETTINGS, variable_of_class
from hooks.detect.tree import Module, argument, string

PREFIX = "FLASK"
DYNACONF = frozenset({"dynaconf.FlaskDynaconf", "dynaconf.contrib.FlaskDynaconf", "dynaconf.contrib.flask_dynaconf.FlaskDynaconf"})
OF_DYNACONF = frozenset({"envvar_prefix", "envvar_prefix_for_dynaconf"})


def find_prefixed(index: Index) -> tuple[str, ...]:
    """The names of such variables, in the order in which they are met."""
    modules = [module for module in index.candidates if not is_test_file(module.path)]
    return tuple(dict.fromkeys(name for module in modules for name in _in_module(index, module)))


def _in_module(index: Index, module: Module) -> Iterator[str]:
    for call in module.calls:
        prefix = _prefix(index, module, call)
        if prefix:
            yield f"{prefix}_{KEY}"
    for node in module.classes if KEY.encode() in module.source.raw else ():
        owner = Ref(module.path, module.qualname(node))
        if index.is_class(owner, SETTINGS) and (name := variable_of_class(index, owner, KEY)):
            yield name


def _prefix(index: Index, module: Module, call: ast.Call) -> str:
    """The prefix that a call has read; "" where it reads none, or where text does not tell."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "from_prefixed_env":
        given = argument(call, 0, "prefix")
        return PREFIX if given is None else string(given) or ""
    ref = index.resolve(module, call.func)
    if ref is None or not ref.is_outside or ref.name not in DYNACONF:
        return ""
    said = {one.arg.lower(): one.value for one in call.keywords if one.arg}
    if "dynaconf_instance" in said or any(one.arg is None for one in call.keywords):
        return ""
    return next((string(said[name]) or "" for name in OF_DYNACONF & said.keys()), PREFIX)
