"""What the syntax tree must be after an edit, derived from the planned changes alone; the check that an edit did nothing else.

Nothing here knows of splices or offsets: the expected tree is built from the original one and from the code that each change
names, and compared with what the edited text parses to, positions aside.
"""

from __future__ import annotations

import ast
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence

from hooks.base.errors import UnsafeEdit
from hooks.base.location import Span
from hooks.base.source import Source, Unparsable
from hooks.edit.core.nodes import blocks
from hooks.edit.core.tree_changes import AddAlias, InsertAfter, InsertBefore, InsertFirst, ReplaceStatement, TreeChange

Place = tuple[int, int, int, int]


def check(source: Source, changes: Sequence[TreeChange], result: bytes) -> None:
    """Prove that `result` is `source` with `changes` made and nothing else.

    Raises:
        UnsafeEdit: it is not, or it cannot be parsed.
    """
    expected = expected_tree(source, changes)
    try:
        found = Source(source.path, result).tree
    except Unparsable as error:
        raise UnsafeEdit(source.path, error.where, "the edited text cannot be parsed") from error
    if not is_same(expected, found):
        raise UnsafeEdit(source.path, source.location(_first_line(changes)), "the edited text means something else than planned")


def expected_tree(source: Source, changes: Sequence[TreeChange]) -> ast.Module:
    """The original tree with every change made, several changes at one place in the order given.

    Raises:
        UnsafeEdit: a change names a place that the tree does not have, or that another change takes.
    """
    planned = _Planned(source, changes)
    tree = planned.visit(parse(source.text))
    assert isinstance(tree, ast.Module)
    if planned.open:
        line = min(place[0] for place, _ in planned.open)
        raise UnsafeEdit(source.path, source.location(line), "the planned place is not in the syntax tree")
    return tree


def parse(code: str) -> ast.Module:
    """Parse without the warnings that concern the user's strings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(code)


def is_same(one: object, other: object) -> bool:
    """Whether two trees, or parts of them, are equal but for positions.

    `a or (b or c)` and `a or b or c` are: `or` is associative and equally lazy.
    """
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(is_same, one, other))
    if type(one) is not type(other):
        return False
    if not isinstance(one, ast.AST):
        return one == other
    if isinstance(one, ast.BoolOp) and isinstance(other, ast.BoolOp):
        return type(one.op) is type(other.op) and is_same(operands(one), operands(other))
    return all(is_same(getattr(one, field, None), getattr(other, field, None)) for field in one._fields)


def operands(node: ast.BoolOp) -> list[ast.expr]:
    """What it combines; for an `or` those of what it holds directly, too."""
    if isinstance(node.op, ast.And):
        return node.values
    inner = [operands(one) if isinstance(one, ast.BoolOp) and isinstance(one.op, ast.Or) else [one] for one in node.values]
    return [one for part in inner for one in part]


def sorted_imports(tree: ast.Module) -> ast.Module:
    """The tree with each row of neighbouring imports in one order, and the names that each imports."""
    for node, field, block in blocks(tree):
        setattr(node, field, [*in_rows(block)])
    return tree


def in_rows(block: list[ast.stmt]) -> Iterator[ast.stmt]:
    """A block with each row of neighbouring imports in one order."""
    row: list[ast.stmt] = []
    for statement in block:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            statement.names.sort(key=lambda alias: (alias.name, alias.asname or ""))
            row.append(statement)
            continue
        yield from sorted(row, key=ast.dump)
        row = []
        yield statement
    yield from sorted(row, key=ast.dump)


def _first_line(changes: Sequence[TreeChange]) -> int:
    return min((change.span.line for change in changes if not isinstance(change, InsertFirst)), default=1)


def _place(span: Span) -> Place:
    return span.line, span.column, span.end_line, span.end_column


class _Planned(ast.NodeTransformer):
    """Makes the changes; `open` are the places not met yet, each with the kind of node that it needs."""

    def __init__(self, source: Source, changes: Sequence[TreeChange]) -> None:
        self.first: list[str] = []
        self.before: defaultdict[Place, list[str]] = defaultdict(list)
        self.after: defaultdict[Place, list[str]] = defaultdict(list)
        self.aliases: defaultdict[Place, list[AddAlias]] = defaultdict(list)
        self.statements: dict[Place, str] = {}
        self.expressions: dict[Place, str] = {}
        for change in changes:
            if isinstance(change, InsertFirst):
                self.first.append(change.code)
            elif isinstance(change, InsertBefore):
                self.before[_place(change.span)].append(change.code)
            elif isinstance(change, InsertAfter):
                self.after[_place(change.span)].append(change.code)
            elif isinstance(change, AddAlias):
                self.aliases[_place(change.span)].append(change)
            else:
                taken = self.statements if isinstance(change, ReplaceStatement) else self.expressions
                if _place(change.span) in taken:
                    raise UnsafeEdit(source.path, source.location(change.span.line), "two edits change one place")
                taken[_place(change.span)] = change.code
        self.open: set[tuple[Place, type[ast.AST]]] = {
            *((place, ast.stmt) for places in (self.before, self.after, self.statements) for place in places),
            *((place, ast.ImportFrom) for place in self.aliases),
            *((place, ast.expr) for place in self.expressions),
        }

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        if isinstance(node, ast.Module):
            return self._module(node)
        if isinstance(node, ast.stmt):
            return self._statement(node)
        if isinstance(node, ast.expr):
            return self._expression(node)
        return self.generic_visit(node)

    def _module(self, node: ast.Module) -> ast.Module:
        header = header_length(node)
        old = [self._statement(statement) for statement in node.body]
        first = [new for code in self.first for new in parse(code).body]
        node.body = [*_joined(old[:header]), *first, *_joined(old[header:])]
        return node

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        place = _place_of(node)
        self.open.discard((place, ast.stmt))
        self.generic_visit(node)
        if isinstance(node, ast.ImportFrom) and place in self.aliases:
            self.open.discard((place, ast.ImportFrom))
            for change in self.aliases[place]:
                index = len(node.names) if change.before is None else change.before
                node.names[index:index] = parse(f"from m import {change.name}").body[0].names  # type: ignore[attr-defined]
        middle: list[ast.stmt] = [node]
        if place in self.statements:
            middle = [_OldStatement(node).visit(new) for new in parse(self.statements[place]).body]
        before = [new for code in self.before.get(place, ()) for new in parse(code).body]
        after = [new for code in self.after.get(place, ()) for new in parse(code).body]
        return [*before, *middle, *after]

    def _expression(self, node: ast.expr) -> ast.AST:
        place = _place_of(node)
        self.open.discard((place, ast.expr))
        code = self.expressions.pop(place, None)  # the parts of an f-string can share its extent: the outermost counts
        self.generic_visit(node)
        return node if code is None else _OldExpression(node).visit(ast.parse(code, mode="eval").body)


def header_length(tree: ast.Module) -> int:
    """How many statements must stay the module's first: its docstring and the `from __future__` imports."""
    header = 0
    for statement in tree.body:
        value = statement.value if isinstance(statement, ast.Expr) and header == 0 else None
        docstring = isinstance(value, ast.Constant) and isinstance(value.value, str)
        if not docstring and not (
            isinstance(statement, ast.ImportFrom) and statement.module == "__future__" and not statement.level
        ):
            break
        header += 1
    return header


def _joined(groups: Sequence[list[ast.stmt]]) -> list[ast.stmt]:
    return [statement for group in groups for statement in group]


def _place_of(node: ast.stmt | ast.expr) -> Place:
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


class _OldStatement(ast.NodeTransformer):
    """Puts the original statement where planned code says `__old__`."""

    def __init__(self, old: ast.stmt) -> None:
        self.old = old

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        return self.old if isinstance(node.value, ast.Name) and node.value.id == "__old__" else node


class _OldExpression(ast.NodeTransformer):
    """Puts the original expression where planned code says `__old__`."""

    def __init__(self, old: ast.expr) -> None:
        self.old = old

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.old if node.id == "__old__" else node
