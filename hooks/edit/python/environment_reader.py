"""How a file reads its environment: what it uses already is used for the new variable, too.

config("DATABASE_URL", default=...)      decouple, starlette: they read .env by themselves, under any server
env.str("DATABASE_URL", default=...)     environs, django-environ, in the spelling that the file has
os.getenv("DATABASE_URL", ...)           where the file says that more often than os.environ

Left alone: readers that put a prefix before each name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hooks.base.source import Source
from hooks.edit.core.imports import Available, environ_get, imported_as
from hooks.edit.core.names import bindings, bindings_seen
from hooks.edit.core.nodes import Outline, dotted, outline

KEYWORD = "default="
FUNCTIONS = (("decouple", "config"), ("prettyconf", "config"))
CLASSES = (
    *(("decouple", "AutoConfig"), ("decouple", "Config"), ("starlette.config", "Config")),
    *(("environs", "Env"), ("environs", "FileAwareEnv"), ("environ", "Env"), ("environ", "FileAwareEnv"), ("envparse", "Env")),
)
PREFIX = ("prefix", "env_prefix")


def reader(source: Source, node: ast.AST) -> tuple[Available, str]:
    """What reads a variable as this file does, and the keyword before a default: "default=", or "" where it is positional."""
    outlined = outline(source)
    for name in readers(outlined, node):
        used = [dotted(call.func) for call in ast.walk(source.tree) if isinstance(call, ast.Call)]
        for spelled in (name, f"{name}.str"):
            if spelled in used and not is_prefixed(outlined, node, name):
                return Available(spelled), KEYWORD
    return environ_get(source, node), ""


def readers(outlined: Outline, node: ast.AST) -> Iterator[str]:
    """The names by which the code at `node` surely sees such a function or object."""
    for module, member in FUNCTIONS:
        name = imported_as(outlined, node, module, member)
        if name:
            yield name
    for name, nodes in bindings(outlined.tree).items():
        seen = bindings_seen(outlined, node, name)
        if len(nodes) != 1 or seen is None or seen[0] is not outlined.tree or not isinstance(nodes[0], ast.Name):
            continue
        given = outlined.parents[nodes[0]]
        is_made = isinstance(given, ast.Assign) and isinstance(given.value, ast.Call) and is_reader(outlined, given.value)
        if is_made and isinstance(given, ast.stmt) and outlined.is_before(given, node):
            yield name


def is_reader(outlined: Outline, call: ast.Call) -> bool:
    """Whether a call makes an object that reads the environment, and puts nothing before the names."""
    made = dotted(call.func)
    if any(keyword.arg in (*PREFIX, None) for keyword in call.keywords):
        return False
    for module, member in CLASSES:
        names = imported_as(outlined, call, module, member), imported_as(outlined, call, module, "")
        if made and made in (names[0], names[1] and f"{names[1]}.{member}"):
            return True
    return False


def is_prefixed(outlined: Outline, node: ast.AST, name: str) -> bool:
    """Whether `node` stands in a `with env.prefixed("APP_")`."""
    contexts = [item.context_expr for one in outlined.above(node) if isinstance(one, ast.With) for item in one.items]
    return any(isinstance(one, ast.Call) and dotted(one.func) == f"{name}.prefixed" for one in contexts)
