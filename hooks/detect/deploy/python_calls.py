"""Python that works on the migrations by itself as the application starts: what it does, by file and line.

from flask_migrate import init, migrate, upgrade         subprocess.run(["flask", "db", "migrate"])
with app.app_context():                                  os.system("flask db migrate && flask db upgrade")
    init(); migrate(); upgrade()

Only what a start comes to is meant: loading the application, and scripts and commands by which the repository starts something.
What somebody asks for is his own affair.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hooks.base.deploy_facts import Does, Place, Step
from hooks.base.formats.shell import Command, commands
from hooks.detect.calls import CallGraph
from hooks.detect.create_all import StartUp
from hooks.detect.deploy.creators import Creators, callers
from hooks.detect.deploy.ran import Lines, Ran
from hooks.detect.deploy.steps import OF_FLASK_MIGRATE, OWN, step_of
from hooks.detect.index import COMMANDS, Index
from hooks.detect.tree import Module, keyword, own_nodes, string

SHELLS = frozenset({"os.system", "os.popen"})
PROCESSES = frozenset({"subprocess." + name for name in ("run", "call", "check_call", "check_output", "Popen", "getoutput")})
PLACES = (Place.START, Place.RELEASE, Place.IMAGE)


@dataclass(frozen=True)
class PythonCall:
    """One step in Python code: START as it stands where loading the application comes to it, else where `callers` are run."""

    step: Step
    is_reached: bool
    callers: Creators


def find_python_calls(index: Index, graph: CallGraph, start_up: StartUp) -> tuple[PythonCall, ...]:
    """Every such call outside of tests, with what runs it."""
    found = []
    for module in index.mentioning(*COMMANDS):
        for call in module.calls:
            for step in _steps(index, module, call):
                found.append(PythonCall(step, start_up.is_reached(module, call), callers(index, graph, module, call, step.where)))
    return tuple(found)


def placed(calls: Iterable[PythonCall], ran: Sequence[Ran]) -> Iterator[Step]:
    """The steps of those that are run where the application is deployed; `ran` is what the repository's other files run."""
    for call in calls:
        places = {one.place for one in ran if (step := step_of(one, call.callers)) and step.creator == call.step.where}
        place = next((one for one in PLACES if one in places), None)
        if place is not None or call.is_reached:
            yield replace(call.step, place=place or Place.START)


def _steps(index: Index, module: Module, call: ast.Call) -> Iterator[Step]:
    ref = index.resolve(module, call.func)
    name = ref.name if ref and ref.is_outside else ""
    block, where = f"{module.path}:{module.function_name(call) or ''}", module.where(call)
    package, _, member = name.rpartition(".")
    if package == "flask_migrate" and member in OF_FLASK_MIGRATE:
        directory = keyword(call, "directory") or (call.args[0] if member == "init" and call.args else None)
        if string(directory) in (OWN, None):
            yield from _unguarded(module, call, Step(OF_FLASK_MIGRATE[member], Place.START, where, f"{name}()", block))
    elif name in SHELLS or name in PROCESSES:
        for given in _given(call):
            for one in Lines(module.path, module.source.text).ran([given], Place.START, block):
                step = step_of(replace(one, where=where), Creators())
                if step is not None and step.does in OF_FLASK_MIGRATE.values():
                    yield from _unguarded(module, call, step)


def _given(call: ast.Call) -> list[Command]:
    """The command lines that a call starts, as far as they stand there."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.List | ast.Tuple):
        words = tuple(string(one) or "$VALUE" for one in first.elts)
        return [Command(words, 1, 0, 0)]
    return commands(string(first) or "")


def _unguarded(module: Module, call: ast.Call, step: Step) -> Iterator[Step]:
    """An `init` that runs only where there is no migrations/ is none."""
    conditions = [outer.test for outer in module.enclosing(call) if isinstance(outer, ast.If)]
    if step.does is Does.INIT and any(OWN in (string(one) or "") for test in conditions for one in (test, *own_nodes(test))):
        return
    yield step
