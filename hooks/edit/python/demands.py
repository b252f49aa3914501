"""Code that asks whether a part of the URL is set: the variable, which has the whole URL, is an answer to that.

Before:  if not all([user, password, host]):
             raise RuntimeError("The database is not configured")
After:   if not os.environ.get("DATABASE_URL") and not all([user, password, host]):
             raise RuntimeError("The database is not configured")

Before:  if "DB_URI" in os.environ:
             SQLALCHEMY_DATABASE_URI = os.environ["DB_URI"]
After:   if os.environ.get("DATABASE_URL") or "DB_URI" in os.environ:
             SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or os.environ["DB_URI"]

Left alone: what asks for anything else as well, and what asks for the value that follows the variable now.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Iterator

from hooks.detect.data_files import KEY
from hooks.detect.needed_variables import ends_the_run
from hooks.edit.core import layout
from hooks.edit.core.names import bindings_seen
from hooks.edit.core.nodes import Outline, dotted
from hooks.edit.core.splice import Splice
from hooks.edit.python.condition import value_given

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def demands(outlined: Outline, value: ast.expr, variables: Collection[str]) -> Iterator[ast.expr]:
    """The tests, in the scopes that `value` is made in, that end the run for want of some of `variables` alone."""
    scopes = outlined.scopes(value)
    for node in ast.walk(outlined.tree):
        if not isinstance(node, ast.If) or node.orelse or not ends_the_run(node.body):
            continue
        if outlined.scopes(node)[0] in scopes and asks_for(outlined, node.test, value, variables):
            yield node.test


def conditions(outlined: Outline, value: ast.expr, variables: Collection[str]) -> Iterator[ast.expr]:
    """The tests without which `value` is not used, and nothing else in its place: whether some of `variables` alone are set."""
    inside: ast.AST = value
    scope = outlined.scopes(value)[0]
    setting = [one for one in ast.walk(scope) if isinstance(one, ast.Assign) and any(KEY in ast.unparse(to) for to in one.targets)]
    if any(all(node is not value for node in ast.walk(one)) for one in setting):
        return  # another one is there for where it is not used
    for node in outlined.above(value):
        if isinstance(node, ast.If) and inside in node.body and not node.orelse and asks_for(outlined, node.test, value, variables):
            yield node.test
        inside = node


def asks_for(outlined: Outline, test: ast.expr, value: ast.expr, variables: Collection[str]) -> bool:
    """Whether a test is about some of `variables` alone, and not about `value`."""
    made_of = all_behind(outlined, test)
    if made_of is None or value in made_of:
        return False
    read = {one.value for one in made_of if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    asked = {one for one in read if one in variables or VARIABLE.fullmatch(one)}
    return bool(asked) and asked <= set(variables)


def all_behind(outlined: Outline, test: ast.expr) -> set[ast.AST] | None:
    """The nodes of an expression, and of all that its names are given; None where a name comes from somewhere else."""
    found: set[ast.AST] = set()
    waiting: list[ast.AST] = [test]
    while waiting:
        for node in ast.walk(waiting.pop()):
            if node in found:
                continue
            found.add(node)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                given = given_to(outlined, node)
                if given is None:
                    return None
                waiting += given
    return found


def given_to(outlined: Outline, name: ast.Name) -> list[ast.expr] | None:
    """What a name is given: nothing, if it is built in or an import that is asked for something; None where nobody knows."""
    inside = [one for one in outlined.above(name) if isinstance(one, ast.ListComp | ast.SetComp | ast.GeneratorExp)]
    looped = [part.iter for one in inside for part in one.generators if name.id in dotted(part.target).split(".")]
    seen = bindings_seen(outlined, name, name.id)
    if looped:
        return looped
    if seen is None:
        return [] if hasattr(builtins, name.id) else None
    given: list[ast.expr] = []
    for binding in seen[1]:
        if isinstance(binding, ast.Import | ast.ImportFrom):
            if not is_asked(outlined, name):
                return None
            continue
        loop = outlined.parents.get(binding)
        value = value_given(outlined, binding) if isinstance(binding, ast.Name) else None
        if value is None and isinstance(loop, ast.For) and loop.target is binding:
            value = loop.iter
        if value is None:
            return None
        given.append(value)
    return given


def is_asked(outlined: Outline, name: ast.Name) -> bool:
    """Whether a name is, or begins, what is asked: `os.getenv("DB_HOST")`, `environ["DB_HOST"]`, `"DB_HOST" in os.environ`."""
    node: ast.AST = name
    while isinstance(outlined.parents[node], ast.Attribute):
        node = outlined.parents[node]
    parent = outlined.parents[node]
    is_called = isinstance(parent, ast.Call) and parent.func is node and bool(parent.args)
    is_searched = isinstance(parent, ast.Compare) and parent.left is not node and isinstance(parent.ops[0], ast.In | ast.NotIn)
    return is_called or is_searched or (isinstance(parent, ast.Subscript) and parent.value is node)


def joined(outlined: Outline, test: ast.expr, condition: str, operator: str, limit: int) -> tuple[list[Splice], str]:
    """Put `condition` and an operator, "and" or "or", before a test: the splices, and the new test with `__old__` for the old."""
    source, span = outlined.source, outlined.source.span(test)
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    is_mixed = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or if operator == "and" else ast.And)
    opening, closing = ("(", ")") if is_mixed or isinstance(test, ast.IfExp | ast.NamedExpr | ast.Lambda) else ("", "")
    old, line = source.segment(span), source.line_text(span.line)
    longest = max(limit, *(len(one.expandtabs(4)) for one in source.text.splitlines()))
    first, last = f"{condition} {operator} {opening}", closing
    is_first = not line.encode()[: span.column].strip()
    indent = line[: len(line) - len(line.lstrip())]
    if is_first:
        first = f"{condition}\n{indent}{operator} {opening}"
    elif "\n" not in old and len(line + first + last) > longest:
        inner = indent + source.indent
        first, last = f"(\n{inner}{condition}\n{inner}{operator} {opening}", f"{closing}\n{indent})"
    splices = [Splice(start, start, first, layout.IN_EXPRESSION), Splice(end, end, last, layout.IN_EXPRESSION)]
    return [one for one in splices if one.text], f"{condition} {operator} {opening}__old__{closing}"
