"""A generated revision in the style of black, which most teams' formatters and linters take: nothing but its layout changes.

Before:  revision = 'ab12'                          After:   revision = "ab12"
         op.create_table('item',                             op.create_table(
         sa.Column('id', sa.Integer()),                          "item",
         )                                                       sa.Column("id", sa.Integer()),
                                                             )

Left alone: statements with a comment inside of them, and whatever is no call, no assignment of a literal and no `raise` of a call.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from hooks.edit.core.expected_tree import is_same, parse, sorted_imports
from hooks.edit.core.nodes import blocks

WIDTH = 88
# Comments and literals; `plain` is what is between single quotes, where black would have double ones.
LITERAL = re.compile(
    r"""(?P<comment>\#[^\n]*)
    | (?:\b[A-Za-z]{1,2})?(?P<quotes>"{3}|'{3})(?:\\.|.)*?(?P=quotes)
    | \b[A-Za-z]{1,2}(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | "(?:\\.|[^"\\\n])*"
    | '(?P<plain>[^'"\\\n]*)'
    | '(?:\\.|[^'\\\n])*'""",
    re.S | re.X,
)


def in_style(text: str, width: int = WIDTH) -> str:
    """The revision's text, laid out anew in lines of `width`; as it is where that would mean anything else."""
    try:
        tree = parse(text)
        done = laid_out(text, tree, width)
        return done if is_same(meaning(done), meaning(text)) else text
    except (SyntaxError, ValueError):
        return text


def meaning(text: str) -> ast.Module:
    """The syntax tree, whatever the order of the imports, and whatever white space ends the lines of the docstring."""
    tree = sorted_imports(parse(text))
    first = tree.body[0] if tree.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        first.value.value = "\n".join(line.rstrip() for line in first.value.value.splitlines())
    return tree


def laid_out(text: str, tree: ast.Module, width: int) -> str:
    """The text with every plain statement printed anew, and the empty lines that belong around imports."""
    lines = text.splitlines()
    commented = {text.count("\n", 0, one.start()) + 1 for one in LITERAL.finditer(text) if one["comment"]}
    for statement in sorted(plain_statements(tree), key=lambda one: -one.lineno):
        first, last = statement.lineno, statement.end_lineno or statement.lineno
        indent = lines[first - 1][: statement.col_offset]
        if indent.strip() or not commented.isdisjoint(range(first, last + 1)) or has_lines(statement, lines[first - 1 : last]):
            continue  # a text of several lines stays as it is written
        lines[first - 1 : last] = printed_statement(statement, indent, width)
    docstring = tree.body[0] if tree.body else None
    if isinstance(docstring, ast.Expr) and isinstance(docstring.value, ast.Constant):
        end = docstring.end_lineno or 1
        lines[:end] = [line.rstrip() for line in lines[:end]]
        if lines[end : end + 1] and lines[end].startswith(("import ", "from ")):
            lines.insert(end, "")
    done = double_quoted("\n".join(lines) + "\n")
    done = re.sub(r"\n\n\n(# revision identifiers)", r"\n\n\1", done)
    imports = re.match(r"(?s)(.*?\n\n)((?:(?:from|import) [^\n]+\n)+)", done)
    if imports:
        done = imports[1] + in_order(imports[2]) + done[imports.end() :]
    return done


def has_lines(statement: ast.stmt, written: list[str]) -> bool:
    """Whether it has a text of several lines; `written` are its own."""
    if not any("\\" in line or '"""' in line or "'''" in line for line in written):
        return False
    return any(isinstance(one, ast.Constant) and "\n" in str(one.value) for one in ast.walk(statement))


def in_order(imports: str) -> str:
    """Import lines as isort would have them: `import` before `from`, by name, each once."""
    lines = dict.fromkeys(imports.splitlines())
    ordered = sorted(lines, key=lambda line: (line.startswith("from"), line.lower()))
    third = [line for line in ordered if line.split()[1].partition(".")[0] in ("alembic", "sqlalchemy")]
    return "\n".join(ordered) + "\n" if len(third) == len(ordered) else imports


def plain_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements to be printed anew."""
    for node in chain.from_iterable(block for _, _, block in blocks(tree)):
        value = getattr(node, "value", None) if isinstance(node, ast.Expr | ast.Assign) else getattr(node, "exc", None)
        is_call = isinstance(node, ast.Expr | ast.Raise) and isinstance(value, ast.Call) and getattr(node, "cause", None) is None
        is_given = isinstance(node, ast.Assign) and len(node.targets) == 1
        if is_call or (is_given and isinstance(value, ast.Constant | ast.Call | ast.Tuple)):
            yield node


def printed_statement(statement: ast.stmt, indent: str, width: int) -> list[str]:
    """The lines of one statement."""
    statement = _Quoted().visit(statement)
    if isinstance(statement, ast.Assign):
        head, value = f"{one_line(statement.targets[0])} = ", statement.value
    elif isinstance(statement, ast.Raise) and statement.exc is not None:
        head, value = "raise ", statement.exc
    else:
        assert isinstance(statement, ast.Expr)
        head, value = "", statement.value
    return printed(value, indent, head, "", width)


def printed(node: ast.expr, indent: str, head: str, tail: str, width: int) -> list[str]:
    """The lines of an expression behind `head` and before `tail`: in one where it fits, else as black splits brackets."""
    whole = one_line(node)
    if len(indent + head + whole + tail) <= width and "\n" not in whole:
        return [indent + head + whole + tail]
    inner = indent + "    "
    if isinstance(node, ast.BinOp) and not head:
        operator = one_line(node)[len(one_line(node.left)) :][1:].partition(" ")[0]
        return [*printed(node.left, indent, "", "", width), f"{indent}{operator} {one_line(node.right)}{tail}"]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call):
        last = whole[len(one_line(node.func.value)) :]  # black splits the first brackets of a chain where the rest is short
        if len(indent + head + one_line(node.func)) >= width and len(indent + last + tail) < width:
            return printed(node.func.value, indent, head, last + tail, width)
    parts = parts_of(node)
    if parts is None:
        return [indent + head + whole + tail]
    opening, items, closing, is_star = parts
    if not items:
        return [indent + head + whole + tail]
    together = ", ".join(prefix + one_line(item) for prefix, item in items)
    if len(inner + together) <= width and not (len(items) == 1 and isinstance(items[0][1], ast.GeneratorExp)):
        if not is_star and isinstance(node, ast.Tuple) and len(items) == 1:
            together += ","
        return [f"{indent}{head}{opening}", inner + together, f"{indent}{closing}{tail}"]
    lines = [f"{indent}{head}{opening}"]
    for prefix, item in items:
        lines += printed(item, inner, prefix, "," if len(items) > 1 else "", width)
    return [*lines, f"{indent}{closing}{tail}"]


def parts_of(node: ast.expr) -> tuple[str, list[tuple[str, ast.expr]], str, bool] | None:
    """What is before, between and behind the brackets that may be split; None where there are none."""
    if isinstance(node, ast.Call):
        items = [("", one) for one in node.args]
        items += [(f"{one.arg}=" if one.arg else "**", one.value) for one in node.keywords]
        return one_line(node.func) + "(", items, ")", True
    if isinstance(node, ast.List | ast.Tuple):
        opening, closing = ("[", "]") if isinstance(node, ast.List) else ("(", ")")
        return opening, [("", one) for one in node.elts], closing, False
    if isinstance(node, ast.Dict) and all(node.keys):
        pairs = zip(node.keys, node.values, strict=True)
        return "{", [(f"{one_line(key)}: ", value) for key, value in pairs if key], "}", False
    return None


@lru_cache(maxsize=1000)
def one_line(node: ast.expr) -> str:
    """An expression in one line; each is asked for at every level around it."""
    return ast.unparse(node)


class _Quoted(ast.NodeTransformer):
    """Puts a name that prints like a double-quoted literal in the place of each string."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        written = ast.unparse(node)
        return ast.Name(f'f"{written[2:-1]}"') if re.fullmatch(r"f'[^'\"\\\n]*'", written) else node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Name(quoted(node.value)) if isinstance(node.value, str) else node


def double_quoted(text: str) -> str:
    """The text with each plain literal in double quotes."""
    return LITERAL.sub(lambda found: found[0] if found["plain"] is None else f'"{found["plain"]}"', text)


def quoted(value: str) -> str:
    """A string as black writes it: in double quotes where that takes no more escapes than single ones."""
    single = repr(value)
    if not single.startswith("'") or '"' in value:
        return single
    return '"' + single[1:-1].replace("\\'", "'") + '"'
