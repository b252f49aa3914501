"""Tell what Flask-Migrate has generated from what a team has written into it, in env.py, script.py.mako and alembic.ini.

Known is what `flask db init` has ever generated, with and without `--multidb`, as fingerprints in stock_fingerprints.py. Those of
env.py are of statements in their syntax, so that a formatter changes nothing; comments and docstrings do not count.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from configparser import ConfigParser
from configparser import Error as NotAnIni

from hooks.base.location import Location
from hooks.worktree.stock_fingerprints import FINGERPRINTS

NO_MATTER = {"kind", "type_comment", "ctx", "type_ignores"}  # fields of `ast` that say nothing, or that not every Python has
BODIES = ("body", "orelse", "finalbody", "handlers")


def fingerprint(kind: str, text: str) -> str:
    """A short name for a piece of a file."""
    return hashlib.sha1(f"{kind}:{text}".encode()).hexdigest()[:12]


def own_statements(path: str, text: str) -> list[Location]:
    """What in an env.py Flask-Migrate has not generated, each with its line; a call that it has is looked at by argument.

    Raises:
        SyntaxError: it is no Python 3.
    """
    lines = text.splitlines()
    found = {node.lineno for node, kind, shape in units(ast.parse(text)) if fingerprint(kind, shape) not in FINGERPRINTS}
    return [Location(path, number, lines[number - 1].strip()) for number in sorted(found)]


def own_lines(path: str, text: str) -> list[Location]:
    """The lines of a script.py.mako that Flask-Migrate has not generated."""
    numbered = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    return [Location(path, number, line) for number, line in numbered if line and fingerprint("mako", line) not in FINGERPRINTS]


def own_settings(text: str) -> dict[tuple[str, str], str]:
    """{(section, option): value as it is written} of an alembic.ini, without what Flask-Migrate has generated; {} if it is none."""
    return {key: value for key, value in settings(text).items() if fingerprint("ini", setting(*key, value)) not in FINGERPRINTS}


def settings(text: str) -> dict[tuple[str, str], str]:
    """All of them."""
    parser = ConfigParser(interpolation=None, allow_no_value=True, strict=False, default_section="\0")
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    try:
        parser.read_string(text)
    except NotAnIni:
        return {}
    return {(section, name): value or "" for section in parser.sections() for name, value in parser.items(section)}


def setting(section: str, name: str, value: str) -> str:
    """One setting as one line."""
    return f"[{section}] {name} = {value}"


def units(tree: ast.Module) -> Iterator[tuple[ast.stmt | ast.expr | ast.keyword | ast.excepthandler, str, str]]:
    """(node, kind, its shape as text) of all that an env.py says, in pieces as small as a person would change."""
    for node in statements(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or ""
            for alias in node.names:
                yield node, "import", f"{module} {alias.name} {alias.asname or ''}"
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield node, "call", shape(node.value.func)
            yield from ((argument, "argument", shape(argument)) for argument in node.value.args)
            yield from ((keyword, "argument", shape(keyword)) for keyword in node.value.keywords)
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield node, "statement", shape(node, without=BODIES)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Every statement, those inside of others too, in their order."""
    for node in body:
        yield node
        for name in BODIES:
            for inner in getattr(node, name, []):
                if isinstance(inner, ast.ExceptHandler):
                    yield from statements(inner.body)
                else:
                    yield from statements([inner])


def shape(node: object, without: tuple[str, ...] = ()) -> str:
    """A syntax node as text that is the same on every Python: its fields with a value."""
    if isinstance(node, list):
        return "[" + ",".join(map(shape, node)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [
        f"{name}={shape(value)}"
        for name, value in ast.iter_fields(node)
        if name not in NO_MATTER and name not in without and value not in (None, [])
    ]
    return f"{type(node).__name__}({','.join(fields)})"
