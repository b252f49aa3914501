"""Where a name leads, from file to file: aliases, re-exports, `import *`, attributes of instances.

Few files are parsed: those in which one of a few byte strings occurs, and those that names lead to. The rest is only searched.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from hooks.base.location import Location
from hooks.base.source import Unparsable
from hooks.detect.files import is_test_file
from hooks.detect.modules import Modules
from hooks.detect.search import Sources
from hooks.detect.tree import FUNCTION, Binding, How, Module, Scope

# Searched in every file, so they are few and short; RELEVANT then looks closer at the files that hold one.
NEEDLES = ("Flask", "SQLA", "create_all", "init_app", ".Model", "Column(", "mapped_column(", "Migrate")
# Statements that change tables, as people write them.
DDL = ("ALTER TABLE", "alter table", "CREATE INDEX", "create index", "CREATE UNIQUE INDEX", "create unique index")
# What starts `flask db` in a process of its own, or in this one.
COMMANDS = ("flask_migrate", "flask db", '"db"', "'db'")
# Searched in the same pass: the needles, and what most projects are searched for next.
FIRST_PASS = (*NEEDLES, "create_app", "make_app", "_extensions", "init_db", "Config)", *DDL, *COMMANDS)
# "a Flask application" is prose, in a comment or a docstring, while in code another word seldom follows a name.
PROSE = rb"(?!-|'s| (?!as\b|if\b|else\b|and\b|or\b|in\b|is\b)\w)"
# {what follows them: words}
CLOSER = {
    rb"\b" + PROSE: (b"Flask", b"APIFlask", b"FlaskAPI", b"SQLA", b"SQLAlchemy", b"Migrate"),
    rb"\b": (b"create_all", b"init_app"),
    rb"\(": (b"Column", b"mapped_column"),
}
# Each begins with fixed text, which `re` finds several times as fast as a word that may be any of several.
RELEVANT = tuple(
    re.compile(pattern)
    for pattern in (
        rb"SQLALCHEMY_DATABASE_URI",
        rb"\.Model\b",
        *(word + rb"(?<=\b" + word + rb")" + after for after, words in CLOSER.items() for word in words),
    )
)
ENTRY_FILES = frozenset(
    {"app.py", "main.py", "manage.py", "run.py", "wsgi.py", "asgi.py", "autoapp.py", "server.py", "application.py"}
)
STARS = {
    "flask": {"Flask"},
    "flask_sqlalchemy": {"SQLAlchemy"},
    "flask_migrate": {"Migrate"},
    "sqlalchemy": {"Table", "Column"},
    "sqlalchemy.ext.declarative": {"declarative_base"},
    "sqlalchemy.orm": {"declarative_base", "DeclarativeBase"},
}
MOST_STEPS = 500  # of following one name; what takes more leads nowhere that could be named


@dataclass(frozen=True, order=True)
class Ref:
    """What an expression leads to: the dotted `name` inside the project's file `path`, or, `path` being empty, outside the project.

    An empty `name` is the module itself. "Shop()" is an instance of Shop, so `Shop().db` is an attribute of such an instance.
    """

    path: str
    name: str

    @property
    def is_outside(self) -> bool:
        """Whether it belongs to an installed package or the standard library."""
        return not self.path


class Index:
    """All Python files of a project, read and parsed where needed.

    `files` are the paths of every file, not only Python; `read` gives the content of one of them.
    """

    def __init__(self, sources: Sources, files: Iterable[str] = (), read: Callable[[str], bytes | None] = lambda _: None) -> None:
        self.sources = sources
        self.files = frozenset(files) | frozenset(sources)
        self.read = read
        self.modules = Modules(sources)
        self._parsed: dict[str, Module | None] = {}
        self._failed: dict[str, Location] = {}
        self._resolved: dict[ast.AST, Ref | None] = {}
        self._steps = 0

    # -- files

    @cached_property
    def candidates(self) -> tuple[Module, ...]:
        """The files that may hold a fact, parsed; tests included."""
        return tuple(self._parse_all(self._candidate_paths))

    @cached_property
    def _candidate_paths(self) -> list[str]:
        self.sources.holding(FIRST_PASS)
        holding = self.sources.holding(NEEDLES)
        return [path for path in holding if any(pattern.search(self.sources[path].raw) for pattern in RELEVANT)]

    @property
    def unparsable(self) -> tuple[Location, ...]:
        """The files that may hold a fact, and that this Python cannot parse."""
        self.candidates  # noqa: B018  parsing them fills the record
        return tuple(self._failed[path] for path in self._candidate_paths if path in self._failed)

    def mentioning(self, *words: str, tests: bool = False) -> tuple[Module, ...]:
        """The files in which one of `words` occurs as a whole word, parsed."""
        patterns = (re.escape(word.encode()) + (rb"(?!\w)" if word[-1].isalnum() else b"") for word in words)
        whole = re.compile(rb"(?<!\w)(?:" + b"|".join(patterns) + b")")
        holding = [path for path in self.sources.holding(words) if tests or not is_test_file(path)]
        return tuple(self._parse_all(path for path in holding if whole.search(self.sources[path].raw)))

    @cached_property
    def entries(self) -> tuple[Module, ...]:
        """The files that people or servers start: scripts at the top of an import root, or of a usual name anywhere; parsed."""
        paths = [path for path in self.sources if "/" not in path or path.rpartition("/")[2] in ENTRY_FILES]
        return tuple(self._parse_all(path for path in paths if not is_test_file(path) and b"import" in self.sources[path].raw))

    def module(self, path: str) -> Module | None:
        """One file, parsed; None where there is no such Python file, or no Python can be made of it."""
        if path not in self._parsed:
            self._parsed[path] = None
            if path in self.sources:
                try:
                    self._parsed[path] = Module(self.sources[path])
                except Unparsable as error:
                    self._failed[path] = error.where
        return self._parsed[path]

    def name(self, module: Module) -> str:
        """The dotted name of a module."""
        return self.modules.name(module.path)

    def spec(self, ref: Ref) -> str:
        """ "module:name" of what is inside the project."""
        return f"{self.modules.name(ref.path)}:{ref.name}"

    def _parse_all(self, paths: Iterable[str]) -> Iterator[Module]:
        return (module for path in paths if (module := self.module(path)))

    # -- names

    def resolve(self, module: Module, expression: ast.AST, seen: frozenset[object] = frozenset()) -> Ref | None:
        """What `expression` leads to; None where text cannot tell (a built-in, a subscript, an operator)."""
        if seen:
            self._steps += 1
            return self._resolve(module, expression, seen) if self._steps <= MOST_STEPS else None
        if expression not in self._resolved:
            self._steps = 0
            try:
                self._resolved[expression] = self._resolve(module, expression, seen)
            except RecursionError:  # a chain of hundreds of method calls, or names that are bound over and over to one another
                self._resolved[expression] = None
        return self._resolved[expression]

    def _resolve(self, module: Module, expression: ast.AST, seen: frozenset[object]) -> Ref | None:
        if isinstance(expression, ast.Name):
            return self._resolve_name(module, expression, seen)
        if isinstance(expression, ast.Attribute):
            base = self._self(module, expression.value) or self.resolve(module, expression.value, seen)
            return self.member(base, expression.attr, seen) if base else None
        if isinstance(expression, ast.Call):
            made_by = self.resolve(module, expression.func, seen)
            return Ref(made_by.path, made_by.name + "()") if made_by and made_by.name else None
        if isinstance(expression, ast.Await | ast.NamedExpr):
            return self.resolve(module, expression.value, seen)
        return None

    def _resolve_name(self, module: Module, name: ast.Name, seen: frozenset[object]) -> Ref | None:
        for scope in module.scopes_of(name):
            bindings = module.bindings[scope].get(name.id) if scope in module.bindings else None
            if bindings:
                return self._follow(module, scope, name.id, bindings, seen)
        return self._through_stars(module, name.id, seen)

    def _self(self, module: Module, expression: ast.expr) -> Ref | None:
        if isinstance(expression, ast.Name) and expression.id in ("self", "cls"):
            owner = module.class_of(expression)
            return Ref(module.path, module.qualname(owner) + "()") if owner else None
        return None

    def _follow(self, module: Module, scope: Scope, name: str, bindings: list[Binding], seen: frozenset[object]) -> Ref | None:
        prefix = "" if isinstance(scope, ast.Module) else module.qualname(scope) + "."
        here = Ref(module.path, prefix + name)
        if (here, "name") in seen:
            return None
        seen |= {(here, "name")}
        outside = None
        for binding in bindings:
            target = self._bound(module, binding, seen)
            if target and not target.is_outside:
                return target
            if binding.how in (How.VALUE, How.DEFINITION, How.PARAMETER, How.LOOP) and not target:
                return here
            outside = outside or target
        return outside

    def _bound(self, module: Module, binding: Binding, seen: frozenset[object]) -> Ref | None:
        """Where one import or `name = other.name` leads; None for what is made right here."""
        if binding.how is How.IMPORT:
            found = self.modules.find(binding.module, module.path)
            return Ref(found, "") if found else Ref("", binding.module)
        if binding.how is How.FROM:
            base = self._imported(module, binding.module, binding.level)
            if base is None:
                return Ref("", f"{_outside_name(binding.module)}.{binding.name}") if not binding.level else None
            return self.member(Ref(base, ""), binding.name, seen) or Ref(base, binding.name)
        if binding.how is How.VALUE and binding.position is None and isinstance(binding.value, ast.Name | ast.Attribute):
            return self.resolve(module, binding.value, seen)
        return None

    def _imported(self, module: Module, dotted: str, level: int) -> str | None:
        if level:
            return self.modules.relative(dotted, level, module.path)
        return self.modules.find(dotted, module.path)

    def _through_stars(self, module: Module, name: str, seen: frozenset[object]) -> Ref | None:
        if (module.path, name, "*") in seen or name.startswith("_"):
            return None
        seen |= {(module.path, name, "*")}
        for dotted, level in module.stars:
            base = self._imported(module, dotted, level)
            if base is None:
                outside = _outside_name(dotted)
                if name in STARS.get(outside, ()):
                    return Ref("", f"{outside}.{name}")
            elif found := self._in_module(base, name, seen):
                return found
        return None

    def member(self, ref: Ref, name: str, seen: frozenset[object] = frozenset()) -> Ref | None:
        """What `ref.name` leads to."""
        if not seen:
            self._steps = 0
        if ref.is_outside:
            return Ref("", f"{ref.name}.{name}")
        if not ref.name:
            return self._in_module(ref.path, name, seen) or self._submodule(ref.path, name)
        if ref.name.endswith("()"):
            return self._in_class(Ref(ref.path, ref.name[:-2]), name, seen)
        if (ref, "member") in seen:  # query = query.filter(...).order_by(...): itself again, whatever is called on it
            return None
        seen |= {(ref, "member")}
        for module, binding in self.definitions(ref):
            if isinstance(binding.node, ast.ClassDef):
                return self._in_class(ref, name, seen)
            if binding.value is not None and binding.position is None and isinstance(binding.value, ast.Call):
                made = self.resolve(module, binding.value, seen)
                found = self.member(made, name, seen) if made and made != ref else None
                if found:
                    return found
        return Ref(ref.path, f"{ref.name}.{name}")

    def _in_module(self, path: str, name: str, seen: frozenset[object]) -> Ref | None:
        module = self.module(path)
        if module is None:
            return None
        bindings = module.bindings[module.tree].get(name)
        if bindings:
            return self._follow(module, module.tree, name, bindings, seen)
        return self._through_stars(module, name, seen)

    def _submodule(self, path: str, name: str) -> Ref | None:
        if path.endswith(".py") and posixpath.basename(path) != "__init__.py":
            return None
        folder = posixpath.dirname(path) if path.endswith(".py") else path
        found = self.modules.at(posixpath.join(folder, name))
        return Ref(found, "") if found else None

    def _in_class(self, ref: Ref, name: str, seen: frozenset[object]) -> Ref | None:
        if (ref, name, "class") in seen:
            return None
        seen |= {(ref, name, "class")}
        for module, binding in self.definitions(ref):
            if not isinstance(binding.node, ast.ClassDef):
                continue
            owner = binding.node
            bindings = module.bindings[owner].get(name) if owner in module.bindings else None
            if bindings:
                return self._follow(module, owner, name, bindings, seen)
            if (owner, name) in module.members:
                return Ref(module.path, f"{ref.name}.{name}")
            for base in owner.bases:
                base_ref = self.resolve(module, base, seen)
                found = self.member(base_ref, name, seen) if base_ref else None
                if found:
                    return found
        return None

    def definitions(self, ref: Ref) -> list[tuple[Module, Binding]]:
        """The places that give what `ref` names its value, its class or its function; imports are none."""
        module = self.module(ref.path)
        if module is None or not ref.name:
            return []
        found = self._named(module, module.tree, ref.name.split("."))
        return [(module, binding) for binding in found if binding.how not in (How.IMPORT, How.FROM)]

    def _named(self, module: Module, scope: ast.AST, parts: list[str]) -> list[Binding]:
        bindings = list(module.bindings[scope].get(parts[0], ())) if scope in module.bindings else []
        if isinstance(scope, ast.ClassDef):
            bindings += module.members.get((scope, parts[0]), [])
        if len(parts) == 1:
            return bindings
        inner = []
        for binding in bindings:
            if isinstance(binding.node, (*FUNCTION, ast.ClassDef)):
                inner += self._named(module, binding.node, parts[1:])
        return inner

    def class_definition(self, ref: Ref) -> tuple[Module, ast.ClassDef] | None:
        """The class that `ref` names."""
        return next(((module, item.node) for module, item in self.definitions(ref) if isinstance(item.node, ast.ClassDef)), None)

    def is_class(self, ref: Ref | None, names: frozenset[str], seen: frozenset[Ref] = frozenset()) -> bool:
        """Whether `ref` is one of the outside classes `names`, or a subclass of one that the project defines."""
        if ref is None or ref in seen:
            return False
        if ref.is_outside:
            return ref.name in names
        found = self.class_definition(ref)
        if found is None:
            return False
        module, node = found
        return any(self.is_class(self.resolve(module, base), names, seen | {ref}) for base in node.bases)


def _outside_name(dotted: str) -> str:
    """The present name of a module: `flask.ext.sqlalchemy` was `flask_sqlalchemy` in Flask before 1.0."""
    for prefix in ("flask.ext.", "flaskext."):
        if dotted.startswith(prefix):
            return "flask_" + dotted[len(prefix) :]
    return dotted
