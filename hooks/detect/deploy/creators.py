"""What makes the tables when it is run: CLI commands, scripts and functions that lead to a `create_all()`.

@app.cli.command("init-db")      flask init-db
def init_db(): db.create_all()   python -c "from app import init_db; init_db()"
for one in [init_db, seed]: app.cli.command()(one)      manager.add_command("init-db", InitDb()), whose run() does it
in create_db.py                  python create_db.py, python -m create_db
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hooks.base.facts import CreateAll, CreateAllRole
from hooks.base.location import Location
from hooks.detect.calls import CallGraph, RootKind
from hooks.detect.create_all import drops_before
from hooks.detect.index import Index
from hooks.detect.tree import Module, string

COMMAND_DECORATORS = frozenset({"command", "cli_command"})
CLICK_DROPS = re.compile(r"[-_](command|cmd|group|grp)$")  # from click 8.2 on, of a command named by its function
PACKAGING = ("pyproject.toml", "setup.cfg", "setup.py")
SCRIPTS = re.compile(r"console_scripts|^\[(project|tool\.poetry)\.scripts\]", re.MULTILINE)
CONSOLE_SCRIPT = re.compile(r"(?:^|[\"'\s\[])([\w.-]+)[\"']?[ \t]*=[ \t]*[\"']?[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Creators:
    """The names under which each is called, and where its `create_all()` stands; scripts by their path.

    `dropping` are those places where the tables are dropped first; `programs` are how the project calls its `flask`.
    """

    commands: Mapping[str, Location] = field(default_factory=dict)
    scripts: Mapping[str, Location] = field(default_factory=dict)
    functions: Mapping[str, Location] = field(default_factory=dict)
    dropping: frozenset[Location] = frozenset()
    programs: frozenset[str] = frozenset({"flask"})

    def and_those(self, others: Creators) -> Creators:
        """Both; where a name is in both, that of `others` counts."""
        return Creators(
            {**self.commands, **others.commands},
            {**self.scripts, **others.scripts},
            {**self.functions, **others.functions},
            self.dropping | others.dropping,
            self.programs | others.programs,
        )


def find_programs(read: Callable[[str], bytes | None]) -> frozenset[str]:
    """`flask`, and the console scripts that the project's package has, which are mostly its `FlaskGroup`."""
    texts = [(read(name) or b"").decode("utf-8", "replace") for name in PACKAGING]
    return frozenset({"flask", *(name for text in texts for name in CONSOLE_SCRIPT.findall(text))})


def find_scripts(read: Callable[[str], bytes | None]) -> Iterator[Location]:
    """The lines of the package's metadata that make console scripts."""
    for name in PACKAGING:
        text = (read(name) or b"").decode("utf-8", "replace")
        if SCRIPTS.search(text):
            for number, line in enumerate(text.splitlines(), start=1):
                if CONSOLE_SCRIPT.search(line):
                    yield Location(name, number, line.strip())


def find_creators(index: Index, graph: CallGraph, calls: Iterable[CreateAll]) -> Creators:
    """All of them; those of start-up and of tests are none."""
    found = Creators()
    for fact in calls:
        module = index.module(fact.where.path)
        node = next((call for call in module.calls if module.span(call) == fact.call), None) if module else None
        if fact.role is not CreateAllRole.COMMAND or module is None or node is None:
            continue
        found = found.and_those(callers(index, graph, module, node, fact.where))
    return found


def callers(index: Index, graph: CallGraph, module: Module, node: ast.AST, where: Location) -> Creators:
    """What leads to one call, which stands at `where`."""
    commands: dict[str, Location] = {}
    scripts: dict[str, Location] = {}
    functions: dict[str, Location] = {}
    roots = graph.roots(module, node)
    is_handed_on = any(root.kind is RootKind.COMMAND and not root.name for root in roots)
    for root in roots:
        if root.kind is RootKind.COMMAND:
            commands.update(dict.fromkeys(_command_names(index.module(root.path), root.name), where))
        elif root.kind is RootKind.FUNCTION:
            owner, _, name = root.name.rpartition(".")
            functions[name] = where
            if is_handed_on:
                commands.update(dict.fromkeys(_by_name(name), where))
            elif owner and name == "run":
                commands.update(dict.fromkeys(_added_as(index, owner.rpartition(".")[2]), where))
        elif root.kind is RootKind.MODULE or (root.kind is RootKind.MAIN and not root.serves):
            scripts[root.path] = where
    return Creators(commands, scripts, functions, frozenset({where} if drops_before(module, node) else ()))


def _command_names(module: Module | None, qualname: str) -> Iterator[str]:
    """What a CLI command may be called; none for a view or a task."""
    function = next((one for one in module.functions if module.qualname(one) == qualname), None) if module else None
    for decorator in function.decorator_list if function else ():
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
        if function is None or name not in COMMAND_DECORATORS:
            continue
        arguments = (
            [*decorator.args, *(item.value for item in decorator.keywords if item.arg == "name")]
            if isinstance(decorator, ast.Call)
            else []
        )
        given = [text for text in map(string, arguments[:1]) if text]
        yield from given or _by_name(function.name)


def _by_name(name: str) -> set[str]:
    """click's name for a function, and Flask-Script's."""
    names = {name, CLICK_DROPS.sub("", name)}
    return names | {name.replace("_", "-") for name in names}


def _added_as(index: Index, owner: str) -> Iterator[str]:
    """What Flask-Script calls a command that is a class: `manager.add_command("create_db", CreateDb())`."""
    for module in index.mentioning(owner):
        for call in module.calls:
            if isinstance(call.func, ast.Attribute) and call.func.attr == "add_command" and len(call.args) == 2:
                made = call.args[1].func if isinstance(call.args[1], ast.Call) else call.args[1]
                last = made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", "")
                name = string(call.args[0])
                if last == owner and name:
                    yield name
