"""What is there already: Flask-Migrate created or attached, Alembic directories, revisions, Flask-Script."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterable, Sequence

from hooks.base.facts import Existing
from hooks.base.location import Location
from hooks.detect.files import is_test_file
from hooks.detect.index import Index, Ref
from hooks.detect.kinds import MIGRATE, is_instance
from hooks.detect.tree import Module

ALEMBIC_ENV = re.compile(rb"^\s*(?:from|import)\s+alembic\b", re.MULTILINE)
REVISION = re.compile(rb"^(?:revision|down_revision)\s*(?::[^=\n]+)?=", re.MULTILINE)
COMMANDS = frozenset({"upgrade", "downgrade", "stamp", "current", "migrate", "revision", "heads", "history", "check"})
OTHER_TOOLS = frozenset(
    {"flask_alembic.Alembic", "flask_alembic.extension.Alembic", "flask_db.FlaskDB", "flask_alembic.cli.click.cli"}
)


def find_alembic(files: Iterable[str], read: Callable[[str], bytes | None]) -> tuple[str, ...]:
    """The directories that hold an Alembic `env.py`; "" is the project's root."""
    environments = [path for path in files if path.rpartition("/")[2] == "env.py"]
    return tuple(sorted(posixpath.dirname(path) for path in environments if ALEMBIC_ENV.search(read(path) or b"")))


def belongs_to_alembic(path: str, directories: Sequence[str]) -> bool:
    """Whether a file is Alembic's or a revision: it loads the application, and is no part of it."""
    for directory in directories:
        prefix = f"{directory}/" if directory else ""
        if path in (f"{prefix}env.py", f"{prefix}adopt.py") or path.startswith(f"{prefix}versions/"):
            return True
    return False


def find_existing(index: Index, alembic: Sequence[str]) -> Existing:
    """What migration tools the project has, in use or half finished."""
    likely = [path for path in index.files if "versions" in path or "migrations" in path]
    revisions = tuple(sorted(path for path in likely if _is_revision(index, path, alembic)))
    entries = tuple(sorted(path for path in likely if path.startswith("migrations/") and path not in revisions))
    attached: dict[Location, None] = {}
    created: dict[Location, None] = {}
    other: dict[Location, None] = {}
    script: list[Location] = []
    directed: list[Location] = []
    for module in index.candidates:
        if is_test_file(module.path):
            continue
        for call in module.calls:
            ref = index.resolve(module, call)
            if is_instance(index, ref, MIGRATE):
                created[module.where(call)] = None
                if call.args or call.keywords:
                    attached[module.where(call)] = None
            elif _attaches_migrate(index, module, call):
                attached[module.where(call)] = None
    for module in dict.fromkeys((*index.entries, *index.candidates)):
        for call in module.calls:
            ref = index.resolve(module, call.func)
            if not is_test_file(module.path) and _names_directory(index, module, call):
                directed.append(module.where(call))
            if ref and ref.name in ("flask_script.Manager",):
                script.append(module.where(call))
            elif ref and ref.name in OTHER_TOOLS:
                other[module.where(call)] = None
    manager = min(script, default=None)
    return Existing(
        migrate=tuple(sorted(attached)),
        alembic=tuple(alembic),
        revisions=revisions,
        migrations_entries=entries,
        flask_script=manager,
        created=tuple(sorted(created)),
        other_tools=tuple(sorted(other)),
        directed=tuple(sorted(directed)),
        on_import=tuple(sorted(attached.keys() & _at_top(index, manager.path))) if manager else (),
    )


def _names_directory(index: Index, module: Module, call: ast.Call) -> bool:
    """Whether this is `upgrade(directory)` or another command of Flask-Migrate's; the directory is the first argument of each."""
    if not call.args and not any(one.arg == "directory" for one in call.keywords):
        return False
    ref = index.resolve(module, call.func)
    return ref is not None and ref.is_outside and ref.name.removeprefix("flask_migrate.") in COMMANDS


def _at_top(index: Index, path: str) -> set[Location]:
    """The places of the calls that are statements, or values, of the module itself."""
    module = next(one for one in (*index.entries, *index.candidates) if one.path == path)
    values = (one.value for one in module.tree.body if isinstance(one, ast.Assign | ast.AnnAssign | ast.Expr))
    return {module.where(value) for value in values if isinstance(value, ast.Call)}


def _attaches_migrate(index: Index, module: Module, call: ast.Call) -> bool:
    """Whether this is `migrate.init_app(app, db)`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "init_app":
        return False
    ref = index.resolve(module, call.func.value)
    if ref is None:
        return False
    if ref.is_outside:  # Migrate().init_app(app, db)
        return ref.name.endswith("()") and index.is_class(Ref("", ref.name[:-2]), MIGRATE)
    values = [(owner, item.value) for owner, item in index.definitions(ref) if item.value is not None]
    return any(is_instance(index, index.resolve(owner, value), MIGRATE) for owner, value in values)


def _is_revision(index: Index, path: str, alembic: Sequence[str]) -> bool:
    folder, _, name = path.rpartition("/")
    if not name.endswith(".py") or name == "__init__.py" or not ("versions" in folder or folder == "migrations"):
        return False
    homes = {f"{directory}/versions" if directory else "versions" for directory in alembic} | {"migrations/versions"}
    is_below = any(folder == home or folder.startswith(home + "/") for home in homes)
    return (is_below or folder == "migrations") and REVISION.search(index.read(path) or b"") is not None
