"""Functions in which a taken-out `create_all()` leaves nothing, and that other files call.

Before:  database.py                                    After:   database.py
             db = SQLAlchemy()                                       db = SQLAlchemy()
             def create_database(app):
                 with app.app_context():
                     db.create_all()
         main.py                                                 main.py
             from database import create_database, db                from database import db
             app = create_app()                                      app = create_app()
             create_database(app)

Left alone, and named in the report: a function that anything but imports and plain statements speaks of, and one that tests call.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hooks.base.facts import CreateAll
from hooks.base.location import Location
from hooks.base.source import Source, Unparsable
from hooks.detect.files import is_test_file
from hooks.edit.core.nodes import Function, is_docstring
from hooks.edit.core.splice import Edit
from hooks.edit.python import create_all
from hooks.edit.python.elsewhere import is_needed_import, read, word

OWN = "migrations/"  # what this run has put there speaks of create_all(), too


@dataclass(frozen=True)
class Emptied:
    """A function that does nothing any more; `calls` are the other lines that have its name, as they are after the edits."""

    name: str
    where: Location
    calls: tuple[Location, ...]


def remove_with_calls(
    root: Path,
    files: Sequence[str],
    sources: dict[str, Source],
    call: CreateAll,
    edited: Callable[[Mapping[str, Source], Sequence[Edit]], Mapping[str, bytes]],
) -> list[Edit]:
    """Take out the function that held nothing but the call, where other files call it as a plain statement; [] otherwise.

    `edited` makes the new bytes of files. Those that are edited join `sources`.
    """
    source = sources[call.where.path]
    is_needed = partial(is_needed_import, root, files, source.path)
    name = create_all.helper_of(source, call, is_needed)
    spoken = word(name, source.path)
    others = [path for path in files if name and path != source.path and not path.startswith(OWN)]
    paths = [path for path, raw in read(root, others, name) if spoken.search(raw)]
    if not paths or any(not path.endswith(".py") or is_test_file(path) for path in paths):
        return []
    more = {path: sources.get(path) or Source(path, (root / path).read_bytes()) for path in paths}
    try:
        edits = create_all.remove_with_calls_elsewhere(source, call, [*more.values()], is_needed)
        after = edited({**sources, **more}, edits)
    except Unparsable:
        return []
    if any(spoken.search(content) for content in after.values()):  # an import of it has to stay
        return []
    sources.update(more if edits else {})
    return edits


def emptied_functions(
    root: Path, files: Sequence[str], sources: Mapping[str, Source], after: Mapping[str, bytes]
) -> Iterator[Emptied]:
    """The functions in which nothing is left that does anything; `after` are the new bytes of edited files."""
    for path, content in sorted(after.items()):
        bare_before = {function.name for function in bare_functions(sources[path].tree)}
        for function in bare_functions(Source(path, content).tree):
            if function.name not in bare_before:
                place, spoken = Location(path, function.lineno), word(function.name, path)
                paths = [one for one in files if one.endswith(".py") and not one.startswith(OWN)]
                python = {one: after.get(one) or (root / one).read_bytes() for one in paths}
                lines = [
                    Location(one, number)
                    for one, raw in python.items()
                    for number, line in enumerate(raw.splitlines(), 1)
                    if spoken.search(line)
                ]
                yield Emptied(function.name, place, tuple(line for line in lines if line != place))


def bare_functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function that holds nothing but its docstring and `pass`."""
    for node in ast.walk(tree):
        if isinstance(node, Function) and all(isinstance(one, ast.Pass) or is_docstring(one) for one in node.body):
            yield node
