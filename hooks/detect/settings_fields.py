"""The environment variable behind a field of a class of settings, by the rules of pydantic-settings.

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    database_url: str = "sqlite:///shop.db"                        SHOP_DATABASE_URL
    uri: str = Field("sqlite://", validation_alias="DB_URI")       DB_URI

settings = Settings()     settings.database_url     get_settings().database_url, where that function returns such an object
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hooks.detect.index import Index, Ref
from hooks.detect.tree import FUNCTION, Module, own_nodes, string

SETTINGS = frozenset({"pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.v1.BaseSettings"})
NAMING = frozenset({"validation_alias", "alias", "env"})  # the last is pydantic 1's
DEPTH = 4


def variable_of_field(index: Index, module: Module, node: ast.AST) -> str:
    """The variable that gives `settings.field` its value; "" where `node` is no such thing."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return ""
    owner = class_of(index, module, node.value, DEPTH)
    return variable_of_class(index, owner, node.attr) if owner and index.is_class(owner, SETTINGS) else ""


def variable_of_class(index: Index, owner: Ref, name: str) -> str:
    """The variable that gives a field of a class of settings its value; "" where it has no such field."""
    classes = list(lineage(index, owner, DEPTH))
    fields = (one for body in classes for one in body.body if isinstance(one, ast.AnnAssign))
    field = next((one for one in fields if isinstance(one.target, ast.Name) and one.target.id == name), None)
    if field is None:
        return ""
    named = alias(field.value)
    if named:
        return named
    name = next((string(said) or "" for body in classes for said in option(body, "env_prefix")), "") + name
    is_exact = any(ast.unparse(said) == "True" for body in classes for said in option(body, "case_sensitive"))
    return name if is_exact else name.upper()


def class_of(index: Index, module: Module, value: ast.expr, depth: int) -> Ref | None:
    """The class of the project that `value` is an object of, as far as text tells."""
    if not depth:
        return None
    ref = index.resolve(module, value.func if isinstance(value, ast.Call) else value)
    if ref is None or ref.is_outside:
        return None
    if isinstance(value, ast.Call) and index.class_definition(ref):
        return ref
    for owner, binding in index.definitions(ref):
        if isinstance(value, ast.Call) and isinstance(binding.node, FUNCTION):
            given = [one.value for one in own_nodes(binding.node) if isinstance(one, ast.Return)]
        else:
            given = [binding.value] if not isinstance(value, ast.Call) and isinstance(binding.value, ast.expr) else []
        for one in given:
            if one is not None and (found := class_of(index, owner, one, depth - 1)):
                return found
    return None


def lineage(index: Index, ref: Ref, depth: int) -> Iterator[ast.ClassDef]:
    """A class of the project and those of the project that it is made of, nearest first."""
    found = index.class_definition(ref)
    if found is None or not depth:
        return
    module, node = found
    yield node
    for base in node.bases:
        above = index.resolve(module, base)
        if above is not None and not above.is_outside:
            yield from lineage(index, above, depth - 1)


def option(body: ast.ClassDef, name: str) -> Iterator[ast.expr]:
    """What a class says for an option: `SettingsConfigDict(name=...)`, or `name = ...` in its `class Config:`."""
    for one in ast.walk(body):
        if isinstance(one, ast.keyword):
            is_said = one.arg == name
        elif isinstance(one, ast.Assign):
            is_said = any(isinstance(to, ast.Name) and to.id == name for to in one.targets)
        else:
            continue
        if is_said:
            yield one.value


def alias(value: ast.expr | None) -> str:
    """The name that `Field(...)` says, the first where there is a choice."""
    for said in value.keywords if isinstance(value, ast.Call) else ():
        if said.arg in NAMING:
            first = said.value.args[0] if isinstance(said.value, ast.Call) and said.value.args else said.value
            return string(first) or ""
    return ""
