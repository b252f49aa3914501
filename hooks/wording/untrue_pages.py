"""Sentences that say when the application makes its tables, once it does not any more: of the pages, and of the edited files.

README.md:3          "The database tables are created automatically when the application starts."
shop/__init__.py:9   # The models have to be imported before create_all() runs.

They are named, not changed: what a page says next is for its authors.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping

from hooks.base.location import Location
from hooks.edit.core.nodes import is_docstring

PAGE = re.compile(
    r"^(readme|contributing|install(ation)?|getting[_-]started|setup|usage)[^/]*\.(md|rst|txt)$|^docs/[^/]+\.(md|rst)$", re.I
)
THINGS = re.compile(r"\b(tables?|databases?|schema|db|sqlite|\w+\.db)\b", re.I)
MADE = re.compile(r"\b(creates?|created|creating|initiali[sz](?:es?|ed|ing)|sets? up|generated)\b", re.I)
BY_ITSELF = re.compile(
    r"\bautomatic(ally)?\b|\b(first|initial) (run|start|launch|time|request|use)\b"
    r"|\b(on|at|during) (app(lication)? )?start-?(up)?\b"
    r"|\b(when|once|after|every time|each time) (the )?(app|application|server|you run|you start|it (runs|starts))\b"
    r"|\bcreate_all\b",
    re.I,
)
# In a file that made the tables; "creates a table" may be said of anything elsewhere.
OF_CODE = re.compile(
    r"\b(?:creat|mak|generat|initiali[sz])(?:e|es|ed|ing)\b"
    r"(?:\W+(?:the|all|any|our|its|new|missing|empty|initial|required|necessary|needed|db|databases?|sql\w*|and|or))*"
    r"\W+tables?\b(?! of)"
    r"|\btables\W+(?:(?:are|get|were|will|be|automatically)\W+)*created\b"
    r"|\bcreate_all\b",
    re.I,
)
OTHERWISE = re.compile(r"flask db|flask init|migrat|alembic", re.I)
LARGEST = 200_000  # bytes
SHOWN = 70  # characters
MOST = 4


def untrue_sentences(files: Iterable[str], read: Callable[[str], bytes | None]) -> list[Location]:
    """The sentences, each with the line in which it begins."""
    found = [place for path in sorted(files) if PAGE.search(path) for place in of_page(path, read(path) or b"")]
    return found[:MOST]


def of_page(path: str, raw: bytes) -> Iterator[Location]:
    """Those of one page; blocks of code are commands, which are looked at elsewhere."""
    text = re.sub(r"(?ms)^```.*?^```", lambda block: "\n" * block[0].count("\n"), raw[:LARGEST].decode("utf-8", "replace"))
    for match in re.finditer(r"(?s)\S.*?(?:[.!?](?=\s)|\n(?=\s*(?:\n|[-*#|>]|\d+\.))|\Z)", text):
        sentence = " ".join(match[0].split())
        is_said = THINGS.search(sentence) and MADE.search(sentence) and BY_ITSELF.search(sentence)
        if is_said and not OTHERWISE.search(sentence):
            yield Location(path, text.count("\n", 0, match.start()) + 1, sentence)


def of_code(path: str, raw: bytes) -> Iterator[Location]:
    """Those of the comments and docstrings of a Python file; a function that makes tables, or does nothing, speaks for itself."""
    tree = ast.parse(raw)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    aside = {line for one in functions if speaks_for_itself(one) for line in range(one.lineno, (one.end_lineno or one.lineno) + 1)}
    for first, text in sorted([*comments(raw), *docstrings(tree)]):
        for match in re.finditer(r"(?s)\S.*?(?:[.!?](?=\s|\Z)|\n(?=\s*\n)|\Z)", text):
            sentence = " ".join(match[0].split())
            line = first + text.count("\n", 0, match.start())
            if line not in aside and OF_CODE.search(sentence) and not OTHERWISE.search(sentence) and not is_code(sentence):
                yield Location(path, line, sentence)


def speaks_for_itself(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function calls `create_all()`, or has nothing in it but a docstring."""
    calls = any(isinstance(node, ast.Attribute) and node.attr == "create_all" for node in ast.walk(function))
    return calls or all(isinstance(one, ast.Pass) or is_docstring(one) for one in function.body)


def comments(raw: bytes) -> Iterator[tuple[int, str]]:
    """Each block of comment lines, without the marks, and each comment behind code, with the line in which it begins."""
    block: list[tuple[int, str]] = []
    for token in tokenize.tokenize(io.BytesIO(raw).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, is_own = token.start[0], not token.line[: token.start[1]].strip()
        if block and not (is_own and line == block[-1][0] + 1):
            yield block[0][0], "\n".join(text for _, text in block)
            block = []
        block.append((line, token.string.lstrip("#")))
    if block:
        yield block[0][0], "\n".join(text for _, text in block)


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each docstring as it is written, with the line in which it begins."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            yield node.body[0].lineno, ast.get_docstring(node, clean=False) or ""


def is_code(text: str) -> bool:
    """Whether a comment is a line of code that was put out of use."""
    try:
        return "(" in text and bool(ast.parse(text.strip()))
    except (SyntaxError, ValueError):
        return False


def notes_on_code(files: Mapping[str, bytes]) -> list[str]:
    """One note for each sentence of the files that made the tables, as they are after the edits."""
    return [note_on(place) for path, raw in sorted(files.items()) for place in [*of_code(path, raw)][:MOST]]


def notes_on_pages(files: Iterable[str], read: Callable[[str], bytes | None]) -> list[str]:
    """One note for each."""
    return [note_on(place) for place in untrue_sentences(files, read)]


def note_on(place: Location) -> str:
    """What is not true any more, and what is."""
    return f"{place.path}:{place.line} is out of date ({shortened(place.text)}); the tables come from  flask db upgrade"


def shortened(sentence: str) -> str:
    """The beginning of a sentence, in quotes."""
    sentence = sentence.lstrip("-*#>|0123456789. ")
    return f'"{sentence}"' if len(sentence) <= SHOWN else f'"{sentence[:SHOWN].rsplit(" ", 1)[0]} ..."'
