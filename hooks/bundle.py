"""Make migrations/adopt.py of a project: the package adopt/ in one file, as text. copier.yml's tasks do, on every operation.

The file says the same for everybody who has the same version of the template, so `copier update` renews it as what it renders.
Copier does not run tasks with --pretend, nor with --skip-tasks: then there is no such file, and env.py says how to make it.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[1]
PATH = "migrations/adopt.py"
WIDEST = 300  # characters of a line
MARK = 'MODULES = ""\n'
ENTRIES = ("commands.environment", "commands.main", "commands.readiness", "commands.set_up", "history.skeleton")
RELATIVE_IMPORT = re.compile(r"^ *from (\.+)([\w.]*) import (\([^)]*\)|.*)$", re.M)
FOR_TYPES = re.compile(r"^if TYPE_CHECKING:\n(?: .*\n|\n)+", re.M)
HEAD = """\
# Generated from the folder adopt/ of copier-flask-migrate {version}, the template that .copier-answers.yml names (_src_path).
# Not to be edited: `copier update` renews it. Formatters, linters and type checkers leave it alone:
# fmt: off
# isort: skip_file
# ruff: noqa: PGH004
# ruff: noqa
# flake8: noqa
# pylint: skip-file
# mypy: ignore-errors
# pyright: basic, reportMissingImports=false
"""


def bundle(template: Path = TEMPLATE) -> bytes:
    """The text of migrations/adopt.py, the same whenever it is made from the same template."""
    start, mark, end = (template / "hooks" / "bundled.py").read_text(encoding="ascii").partition(MARK)
    assert mark, "bundled.py says nowhere where the modules go"
    named = "".join(f"#:{name}\n{text}" for name, text in modules(template / "adopt").items())
    return f"{HEAD.format(version=version(template))}{loader(start)}MODULES=r'''\n{named}'''\n{end}".encode("ascii")


def loader(text: str) -> str:
    """What imports the modules, with the first docstring, and of comments those for tools; functions have annotations."""
    text = re.sub(r"  # (?!pragma|nosec).*", "", spaced(text))
    lines = text.splitlines(keepends=True)
    tree = ast.parse(text)
    without_words(lines, ast.Module([one for one in tree.body if isinstance(one, ast.ClassDef)], []), keeps_first=False)
    for node in tree.body:
        found = docstring(node)
        if found is not None and isinstance(node, ast.FunctionDef):
            take_out(lines, span(found))
    inside = scan("".join(lines)).inside
    kept = [(number in inside, line) for number, line in enumerate(lines, 1) if number in inside or line.strip()]
    return "".join(line if is_inside else " " * level_of(line) + line.lstrip() for is_inside, line in kept)


def level_of(line: str) -> int:
    """How often it is indented."""
    return (len(line) - len(line.lstrip(" "))) // 4


def source_bytes(source: Path) -> bytes:
    """What a source of the template says, that of this file being what it makes."""
    return bundle() if source == Path(__file__) else source.read_bytes()


def modules(folder: Path) -> dict[str, str]:
    """{name: text} of each module that a project's commands reach; what only the retrofit uses stays in the template."""
    texts = {name_of(path.relative_to(folder)): path.read_text(encoding="ascii") for path in folder.rglob("*.py")}
    packages = {name for name in texts if any(other.startswith(name + ".") for other in texts)}
    reached: set[str] = set()
    left = ["", *ENTRIES]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += [name.rpartition(".")[0], *imported(name, texts, packages)]
    return {name: in_a_string(name, shortened(texts[name])) for name in sorted(reached)}


def imported(name: str, texts: Mapping[str, str], packages: Collection[str]) -> Iterator[str]:
    """The modules that a module imports, those inside of functions too, but for types."""
    inside = name.split(".") if name in packages else name.split(".")[:-1]
    for dots, module, names in RELATIVE_IMPORT.findall(FOR_TYPES.sub("", texts[name])):
        start = ".".join([*inside[: len(inside) + 1 - len(dots)], *filter(None, [module])])
        for one in re.findall(r"(\w+)(?: as \w+)?", names):
            full = f"{start}.{one}".lstrip(".")
            yield full if full in texts else start


def shortened(text: str) -> str:
    """The statements of a module with less of what is for its authors: hooks of teams refuse files of more than 500 KB.

    No docstring is left, but a module's that it prints, no annotation, but 0 for that of a field, no None that is returned anyway,
    no `format` where an f-string says it, no comment, no empty line, no space at signs, brackets and quotes; a level is indented by
    one space, and what goes on, or is all that a block has, stays in the line while there is room. Modules that are imported in a
    row are so in one line, and so are statements of one block that
    have none of their own; literals in a row are one.
    """
    text = spaced(formatted(text))
    lines = text.splitlines(keepends=True)
    without_words(lines, ast.parse(text), keeps_first="__doc__" in text)
    found = scan("".join(lines))
    made: list[Line] = []
    imports: Line | None = None  # the line before, where that is of imports
    for number, whole in enumerate(lines, 1):
        code = whole[: found.comments.get(number)].strip()
        if number in found.inside:
            made[-1].is_whole, imports = False, None
            made.append(Line(whole[: found.comments[number]].rstrip() if number in found.comments else whole.rstrip("\n")))
        elif code and number in found.continued:
            start = made[-1].text.rstrip("," * (code[0] in ")]}"))
            if len(made[-1].text + code) < WIDEST:
                made[-1].text = start + ("" if start[-1] in "([{," or code[0] in ")]}." else " ") + code
            else:
                made[-1].is_whole = False
                made.append(Line(code))
        elif code:
            level = level_of(whole)
            if imports is not None and imports.level == level and code.startswith("import "):
                imports.text += "," + code[len("import ") :]
                continue
            made.append(Line(" " * level + code, level, is_whole=True))
            imports = made[-1] if code.startswith("import ") else None
    return in_one_string("".join(f"{line}\n" for line in on_headers(in_rows(made))))


def formatted(text: str) -> str:
    """With an f-string for `"{} of {}".format(one, other)`, where Python 3.7 has one for it."""
    lines = text.splitlines(keepends=True)
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and FORMAT.match(source_of(node.func, lines))]
    outer = [call for call in calls if any(one in calls for part in call.args for one in ast.walk(part))]
    for call in sorted(set(calls) - set(outer), key=lambda node: (node.lineno, node.col_offset), reverse=True):
        given = [source_of(one, lines) for one in call.args]
        said = source_of(call.func, lines)[: -len(".format")]
        fields = re.findall(r"\{(?:![rs])?(?::[^{}]*)?\}", said)
        if given and len(given) == len(fields) == said.count("{") and not call.keywords and not any(map(UNSUITED.search, given)):
            for field, value in zip(fields, given, strict=True):
                said = said.replace(field, "\0" + spaced(value).replace('"', "'") + field[1:-1] + "\1", 1)
            take_out(lines, span(call), "f" + said.replace("\0", "{").replace("\1", "}"))
    return "".join(lines)


def source_of(node: ast.expr, lines: Sequence[str]) -> str:
    """Its text, where that is in one line; "*" otherwise."""
    first, start, last, end = span(node)
    return lines[first][start:end] if first == last else "*"


@dataclass
class Line:
    """A line that was made; `level` is None where it goes on with the one before it, `is_whole` where none goes on with it."""

    text: str
    level: int | None = None
    is_whole: bool = False

    @property
    def is_simple(self) -> bool:
        """Whether a statement begins here that has no block."""
        return self.level is not None and COMPOUND.match(self.text) is None


def spaced(text: str) -> str:
    """Without spaces at signs, brackets and quotes."""
    return SPACED.sub(lambda found: found["sign"] or found["before"] or found["word"] or found[0].strip(" "), text)


def in_one_string(text: str) -> str:
    """Plain literals that follow each other in a line as one."""
    return LITERALS.sub(lambda found: re.sub(r'(?<!\\)((?:\\\\)*)" "', r"\1", found[0]) if found["row"] else found[0], text)


def in_rows(lines: Iterable[Line]) -> list[Line]:
    """Simple statements that follow each other in a block in one line while there is room."""
    rows: list[Line] = []
    for line in lines:
        last = rows[-1] if rows else line
        fits = len(last.text + line.text.strip()) + 1 < WIDEST
        is_next = bool(rows) and line.level == last.level != 0 and all(one.is_whole and one.is_simple for one in (last, line))
        if is_next and fits:
            last.text += ";" + line.text.strip()
        else:
            rows.append(line)
    return rows


def on_headers(rows: Sequence[Line]) -> Iterator[str]:
    """The lines, each that is all of its block in the one that the block belongs to, where there is room."""
    levels = [row.level for row in rows if row.level is not None]  # of the lines to come
    held = ""  # what may be a header
    for number, row in enumerate(rows):
        if row.level is not None:
            del levels[0]
        is_all = row.is_simple and row.level and held.endswith(":") and (not levels or levels[0] < row.level)
        if is_all and len(held + row.text.strip()) < WIDEST:
            held += row.text.strip()
            continue
        if number:
            yield held
        held = row.text
    yield held


def without_words(lines: list[str], tree: ast.Module, *, keeps_first: bool) -> None:
    """Leave an empty line for each line of a docstring and for a declaration, and what is before and behind an annotation.

    With `keeps_first` the docstring of the module stays. In the body of a decorated class, whose fields they are, they are 0.
    """
    left: list[ast.AST] = [tree]
    gone: list[Span] = []
    fields: list[ast.expr] = []
    fillers: list[ast.stmt] = []
    while left:
        node = left.pop()
        found = docstring(node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            gone += of_signature(node, lines)
        for name in ("body", "orelse", "handlers", "finalbody"):
            block: list[ast.stmt] = []
            statements = getattr(node, name, ())
            for statement in statements:
                if isinstance(statement, ast.AnnAssign):
                    if isinstance(node, ast.ClassDef) and node.decorator_list:
                        fields.append(statement.annotation)
                    else:
                        gone.append(of_assignment(statement))
                        if statement.value is None:
                            continue
                elif node is tree and is_for_types(statement):
                    gone.append(span(statement))
                    continue
                elif isinstance(statement, ast.Return) and ast.unparse(statement) == "return None":
                    is_end = isinstance(node, ast.FunctionDef) and statement is node.body[-1] and block
                    line, column, *end = span(statement)
                    gone.append((line, column + len("return") * (not is_end), end[0], end[1]))
                if statement is not found:
                    block.append(statement)
            left += block
            if statements and not block and node is not tree:
                fillers.append(statements[0])
        if found is not None and not (keeps_first and node is tree):
            gone.append(span(found))
    replaced = [(span(one), "0") for one in fields]
    for one, instead in sorted([*((one, "") for one in gone), *replaced], reverse=True):
        take_out(lines, one, instead)
    for first in fillers:
        lines[first.lineno - 1] = " " * first.col_offset + "pass\n"


Span = tuple[int, int, int, int]  # the first line, counted from 0, and its column; the last line, and the column behind


def span(node: ast.stmt | ast.expr | ast.arg) -> Span:
    """Where it is in the text."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return node.lineno - 1, node.col_offset, node.end_lineno - 1, node.end_col_offset


def is_for_types(node: ast.stmt) -> bool:
    """Whether a statement of a module is for type checkers alone: `__all__`, and imports of what annotations say."""
    if isinstance(node, ast.Assign):
        return [ast.unparse(target) for target in node.targets] == ["__all__"]
    if isinstance(node, ast.ImportFrom):
        return node.module == "typing" or (node.module == "__future__" and [one.name for one in node.names] == ["annotations"])
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING" and not node.orelse


def of_signature(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> Iterator[Span]:
    """Those of its parameters, each with the colon before it, and that of what it returns, with the arrow."""
    given = node.args
    for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
        if one is not None and one.annotation is not None:
            yield one.lineno - 1, one.col_offset + len(one.arg), *span(one)[2:]
    if node.returns is not None:
        line, column, *end = span(node.returns)
        assert lines[line].startswith("->", column - 2), f"something is around what {node.name} returns"
        yield line, column - 2, end[0], end[1]


def of_assignment(node: ast.AnnAssign) -> Span:
    """What is between the name and the value; the statement where there is no value."""
    target, annotation = span(node.target), span(node.annotation)
    line, column = target[:2] if node.value is None else target[2:]
    return line, column, annotation[2], annotation[3]


def take_out(lines: list[str], span: Span, instead: str = "") -> None:
    """Put what is behind it to what is before it, with `instead` between them, and leave the other lines empty."""
    first, start, last, end = span
    lines[first] = lines[first][:start] + instead + lines[last][end:]
    for number in range(first + 1, last + 1):
        lines[number] = "\n"


# What decides where a statement ends, found ten times as fast as by `tokenize`; adopt/ is for Python 3.7, so no quotes are nested.
NO_CODE = r'''(?P<string>"""(?:\\.|.)*?"""|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\')|(?P<comment>\#[^\n]*)'''
PARTS = re.compile(NO_CODE + r"|(?P<line>\n)|(?P<open>[(\[{])|[)\]}]", re.DOTALL)
LITERALS = re.compile(r'"""(?:\\.|.)*?"""|(?P<row>(?<!\w)"(?:\\.|[^"\\\n])*"(?: "(?:\\.|[^"\\\n])*")+)|' + NO_CODE, re.DOTALL)
FORMAT = re.compile(r'"(?:[^"\\]|\\[^"])*"\.format$')
UNSUITED = re.compile(r"^\*|['\\{}]|\blambda\b")
WORDS = "and|as|assert|del|elif|else|except|for|from|if|import|in|is|not|or|raise|return|while|with|yield"
COMPOUND = re.compile(r" *(?:@|(?:if|elif|else|for|while|with|try|except|finally|def|class|async)\b)")
SPACED = re.compile(
    NO_CODE
    + r"| (?P<sign>[-+*/%|&<>=!]+) |(?P<before>[,:]) (?=[^ ])"
    + rf"|(?P<word>\b(?:{WORDS})) (?=[\[({{\"'.])|(?<=[\])}}\"'.]) (?=(?:{WORDS})\b)",
    re.DOTALL,
)


@dataclass
class Scan:
    """Numbers of lines: those that begin inside of a string, {that of a comment: its column}, those that go on with a statement."""

    inside: set[int] = field(default_factory=set)
    comments: dict[int, int] = field(default_factory=dict)
    continued: set[int] = field(default_factory=set)


def scan(text: str) -> Scan:
    """Go through the text once."""
    found = Scan()
    number, start, depth = 1, 0, 0
    for part in PARTS.finditer(text):
        kind = part.lastgroup
        if kind == "line":
            number, start = number + 1, part.end()
            if depth:
                found.continued.add(number)
        elif kind == "string":
            more = part[0].count("\n")
            if more:
                found.inside.update(range(number + 1, number + more + 1))
                number, start = number + more, part.start() + part[0].rindex("\n") + 1
        elif kind == "comment":
            found.comments[number] = part.start() - start
        else:
            depth += 1 if kind == "open" else -1
    return found


def docstring(node: ast.AST) -> ast.Expr | None:
    """The statement that is the docstring of a module, a class or a function."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if not isinstance(node, kinds) or ast.get_docstring(node, clean=False) is None:
        return None
    first = node.body[0]
    return first if isinstance(first, ast.Expr) else None


def name_of(path: Path) -> str:
    """ "server.scratch" for server/scratch.py, "server" for server/__init__.py."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def in_a_string(name: str, text: str) -> str:
    """The text of a module, which is to stand in a raw string with the others, below its name."""
    assert "'''" not in text, f"{name} has three single quotes, which would end the string"
    assert "\n#:" not in text, f"{name} has what is before the name of a module"
    assert text.endswith("\n"), f"{name} has no end of its last line"
    return text


def version(template: Path) -> str:
    """The template's version."""
    found = re.search(r'^version = "(.*)"$', (template / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    assert found, "pyproject.toml has no version"
    return found[1]


def main() -> int:
    """Write the file in the current directory, but not through a link to elsewhere."""
    target = Path(PATH)
    if target.parent.is_symlink() or target.is_symlink():
        return 0
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(bundle())
    return 0


def beside() -> Callable[[], int]:
    """Write it in a process beside this one, where there is `fork`; the result waits for that, and is its exit status."""
    if sys.platform == "win32":
        return main
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = main()
        except OSError as error:
            print(f"error: migrations/adopt.py cannot be written: {error}", file=sys.stderr)
        finally:
            os._exit(status)
    return lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
