"""A class of settings that reads `.env` and refuses every line of it that is no field, as pydantic's do by themselves.

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env")            # extra="ignore" would let the others pass
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hooks.base.location import Location


@dataclass(frozen=True)
class StrictSettings:
    """The class, where it is, and its fields in lower case."""

    name: str
    where: Location
    fields: frozenset[str]


def find_strict_settings(files: Iterable[str], read: Callable[[str], bytes | None]) -> StrictSettings | None:
    """The first such class."""
    for path in files:
        raw = read(path) if path.endswith(".py") else None
        if raw is None or b"BaseSettings" not in raw or b"env_file" not in raw:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(raw)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and is_strict(node):
                targets = [one.target for one in node.body if isinstance(one, ast.AnnAssign)]
                fields = frozenset(ast.unparse(target).lower() for target in targets)
                return StrictSettings(node.name, Location(path, node.lineno), fields)
    return None


def is_strict(node: ast.ClassDef) -> bool:
    """Whether a class of settings reads a file, and does not say that it takes more than its fields."""
    if not any("BaseSettings" in ast.unparse(base) for base in node.bases):
        return False
    said = {one.arg: one.value for one in ast.walk(node) if isinstance(one, ast.keyword)}
    said |= {ast.unparse(one.targets[0]): one.value for one in ast.walk(node) if isinstance(one, ast.Assign)}
    extra = said.get("extra")
    return "env_file" in said and not (extra is not None and any(word in ast.unparse(extra) for word in ("ignore", "allow")))
