"""Which environment variables a value reads, followed through names, attributes and the project's own functions.

os.environ["X"]   os.environ.get("X")   os.getenv("X")   decouple.config("X")   env.str("X") of environs or django-environ
settings.x, a field of pydantic-settings
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from hooks.detect.index import Index, Ref
from hooks.detect.settings_fields import variable_of_field
from hooks.detect.tree import FUNCTION, Binding, How, Module, argument, default_of, own_nodes, string

DIRECT = frozenset({"os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop", "os.environb.get", "os.getenvb"})
READERS = frozenset(
    {
        "decouple.config",
        "decouple.AutoConfig()",
        "decouple.Config()",
        "prettyconf.config",
        "starlette.config.Config()",
        "environs.Env()",
        "environs.env",
        "environ.Env()",
        "environ.FileAwareEnv()",
        "envparse.env",
        "envparse.Env()",
    }
)
MAPPINGS = frozenset({"os.environ", "dotenv.dotenv_values()"})
SCHEME = re.compile(r"([a-z][a-z0-9]*(?:\+[a-z0-9]+)?)://")
DEPTH = 4  # names followed from a value; settings that go further are computed, not configured


def variables_of(index: Index, module: Module, value: ast.AST) -> tuple[str, ...]:
    """The variables that `value` reads, in the order in which they are met."""
    return tuple(dict.fromkeys(_variables(index, module, value, DEPTH, frozenset())))


def variable_without_default(index: Index, module: Module, value: ast.AST) -> str:
    """The variable that `value` reads and is, with nothing in its place where it is not set; "" where it is another expression."""
    is_alone = not isinstance(value, ast.Call) or len(value.args) + len(value.keywords) == 1
    return _variable(index, module, value) if is_alone else ""


def schemes_of(index: Index, module: Module, value: ast.AST) -> tuple[str, ...]:
    """The schemes of the URLs that `value` is made of, in the order in which they are met: "sqlite", "postgresql+psycopg"."""
    texts = (string(node) for _, node in reads(index, module, value))
    return tuple(dict.fromkeys(match[1] for text in texts if text and (match := SCHEME.match(text))))


def reads(index: Index, module: Module, value: ast.AST) -> Iterator[tuple[Module, ast.AST]]:
    """Every node that `value` depends on: its own, then those of the names and functions that it uses."""
    yield from _nodes(index, module, value, DEPTH, frozenset())


def _variables(index: Index, module: Module, value: ast.AST, depth: int, seen: frozenset[Ref]) -> Iterator[str]:
    for owner, node in _nodes(index, module, value, depth, seen):
        name = _variable(index, owner, node)
        if name:
            yield name


def _variable(index: Index, module: Module, node: ast.AST) -> str:
    if isinstance(node, ast.Subscript) and _outside(index, module, node.value) in MAPPINGS:
        return _literal(index, module, node.slice)
    if not isinstance(node, ast.Call):
        return variable_of_field(index, module, node)
    called = _outside(index, module, node.func)
    owner = called.rpartition(".")[0]
    is_reader = called in DIRECT or called in READERS or owner in READERS or (owner in MAPPINGS and called.endswith(".get"))
    return _literal(index, module, argument(node, 0, "key") or argument(node, 0, "name")) if is_reader else ""


def _literal(index: Index, module: Module, node: ast.AST | None) -> str:
    """A string literal, or a name that is bound to one."""
    if isinstance(node, ast.Name):
        ref = index.resolve(module, node)
        found = index.definitions(ref) if ref and not ref.is_outside else []
        return string(found[0][1].value) or "" if len(found) == 1 else ""
    return string(node) or ""


def _outside(index: Index, module: Module, node: ast.AST) -> str:
    """The dotted name outside the project that `node` leads to; instances of outside classes count with "()"."""
    ref = index.resolve(module, node)
    if ref is None:
        return ""
    if ref.is_outside:
        return ref.name
    for owner, binding in index.definitions(ref):
        made = index.resolve(owner, binding.value) if isinstance(binding.value, ast.Call) else None
        if made and made.is_outside:
            return made.name
    return ""


def _nodes(index: Index, module: Module, value: ast.AST, depth: int, seen: frozenset[Ref]) -> Iterator[tuple[Module, ast.AST]]:
    for node in (value, *own_nodes(value)):
        yield module, node
        if depth and isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            ref = index.resolve(module, node)
            if ref is None or ref.is_outside or ref in seen:
                continue
            for owner, binding in index.definitions(ref):
                given = _value(binding)
                if given is not None:
                    yield from _nodes(index, owner, given, depth - 1, seen | {ref})
                elif isinstance(binding.node, FUNCTION) and _is_called(module, node):
                    yield from _nodes(index, owner, binding.node, depth - 1, seen | {ref})


def _value(binding: Binding) -> ast.expr | None:
    """What a name is given where it is bound; of a parameter, where the caller passes nothing."""
    if binding.how is How.PARAMETER and isinstance(binding.node, ast.arg) and isinstance(binding.scope, FUNCTION):
        return default_of(binding.scope, binding.node.arg)
    return binding.value if binding.how is How.VALUE else None


def _is_called(module: Module, node: ast.AST) -> bool:
    parent = module.parents.get(node)
    return isinstance(parent, ast.Call) and parent.func is node
