"""Find syntax nodes by their extent, and what is around them: the block, the enclosing function, the statement above."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hooks.base.location import Span
from hooks.base.source import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


class Outline:
    """The tree of one file with the way up from each node."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tree = source.tree
        self.parents: dict[ast.AST, ast.AST] = {}
        self.bound: dict[Scope, dict[str, list[ast.AST]]] = {}  # what names.py has found of each scope
        for parent in ast.walk(self.tree):
            for child in ast.iter_child_nodes(parent):
                if not isinstance(child, ast.expr_context | ast.operator | ast.boolop | ast.unaryop | ast.cmpop):
                    self.parents[child] = parent

    def statement(self, span: Span) -> ast.stmt | None:
        """The smallest statement that covers `span`."""
        found = None
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt) and covers(node, span):
                found = node  # ast.walk goes from the outside in
        return found

    def expression(self, span: Span) -> ast.expr | None:
        """The expression that covers exactly `span`; the outermost where an f-string shares its extent with its parts."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr) and extent(node) == (span.line, span.column, span.end_line, span.end_column):
                return node
        return None

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Every node that holds `node`, from the inside out; the module is the last."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def scopes(self, node: ast.AST) -> list[Scope]:
        """The scopes in which a name at `node` is looked up, from the inside out: a class counts only where it is the innermost."""
        scopes: list[Scope] = []
        inside: ast.AST = node
        for parent in self.above(node):
            runs_outside = isinstance(parent, Function | ast.Lambda | ast.ClassDef) and not is_in_body(parent, inside)
            if isinstance(parent, Scope) and not runs_outside and (not isinstance(parent, ast.ClassDef) or not scopes):
                scopes.append(parent)
            inside = parent
        return scopes

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function that holds `node`."""
        return next((scope for scope in self.scopes(node) if isinstance(scope, Function)), None)

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The list of statements that `statement` is one of."""
        parent = self.parents[statement]
        for field in BLOCKS:
            statements = getattr(parent, field, None)
            if isinstance(statements, list) and statement in statements:
                return statements
        raise LookupError(statement)  # a statement is always in a block

    def top_level(self, statement: ast.AST) -> ast.stmt:
        """The statement of the module's own block that is or holds `statement`."""
        inside = statement
        for parent in self.above(statement):
            if isinstance(parent, ast.Module):
                break
            inside = parent
        assert isinstance(inside, ast.stmt)
        return inside

    def is_before(self, first: ast.stmt, then: ast.AST) -> bool:
        """Whether `first` has run wherever `then` runs: it stands earlier in one of the blocks that hold `then`."""
        chain = [then, *self.above(then)]
        block = self.block(first)
        for node in chain:
            if node is not first and isinstance(node, ast.stmt) and node in block:
                return block.index(first) < block.index(node)
        return False


def outline(source: Source) -> Outline:
    """The outline of a file, made once for each `Source`, since nodes are told apart by identity.

    Raises:
        Unparsable: the file is not Python that can be parsed.
    """
    known = source.__dict__.get("_outline")
    if isinstance(known, Outline):
        return known
    source.__dict__["_outline"] = made = Outline(source)
    return made


def blocks(tree: ast.AST) -> Iterator[tuple[ast.AST, str, list[ast.stmt]]]:
    """(node, field, block): every block of statements in a tree, with the node that holds it and the field that it is there."""
    left = [tree]
    while left:
        node = left.pop()
        for field in BLOCKS:
            block = getattr(node, field, None)
            if isinstance(block, list):  # the body of a lambda is an expression
                yield node, field, block
                left += block


def extent(node: ast.expr | ast.stmt) -> tuple[int, int, int, int]:
    """Where a node begins and ends, as `Span` counts."""
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def covers(node: ast.stmt, span: Span) -> bool:
    """Whether `span` lies inside `node`."""
    line, column, end_line, end_column = extent(node)
    return (line, column) <= (span.line, span.column) and (span.end_line, span.end_column) <= (end_line, end_column)


def is_in_body(scope: ast.AST, child: ast.AST) -> bool:
    """Whether `child` belongs to what `scope` executes, rather than to its decorators, defaults, annotations or bases."""
    body = getattr(scope, "body", ())
    return child is body or (isinstance(body, list) and child in body)


def first_line(statement: ast.stmt) -> int:
    """The line on which a statement begins, decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def is_docstring(statement: ast.stmt) -> bool:
    """Whether a statement is nothing but a string."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)


def is_plain(expression: ast.expr) -> bool:
    """Whether writing an expression twice means one object and runs nothing: names, attributes, constant subscripts."""
    if isinstance(expression, ast.Attribute):
        return is_plain(expression.value)
    if isinstance(expression, ast.Subscript):
        return is_plain(expression.value) and isinstance(expression.slice, ast.Constant)
    return isinstance(expression, ast.Name)


def dotted(expression: ast.expr) -> str:
    """`a.b.c` as text; "" for anything else."""
    if isinstance(expression, ast.Name):
        return expression.id
    if isinstance(expression, ast.Attribute):
        base = dotted(expression.value)
        return f"{base}.{expression.attr}" if base else ""
    return ""
