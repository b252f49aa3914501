"""Which functions of a revision run on which bind.

def upgrade():                 the default bind only: written while there was one database
def upgrade(engine_name):      Flask-Migrate's form for several: it calls `upgrade_<name>`, once for each bind
def upgrade_users():           the bind "users"; where a revision has no such function, it does nothing there
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import sqlalchemy
from alembic.util import CommandError

from ..base import urls

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from types import ModuleType

    from alembic.runtime.migration import MigrationContext
    from alembic.script import Script, ScriptDirectory
    from sqlalchemy.engine import Connection

    from ..base.types import NamedBind


def takes_name(function: Callable[..., Any]) -> bool:
    return "engine_name" in inspect.signature(function).parameters


def function_for(module: ModuleType, direction: str, bind: NamedBind) -> Callable[..., Any] | None:
    """The function of a revision for one bind, or None."""
    whole = getattr(module, direction)
    if not takes_name(whole):
        return whole if bind.key is None else None
    is_by_name = any(name.startswith(direction + "_") for name in vars(module))
    return getattr(module, direction + "_" + bind.name, None) if is_by_name else whole


def acts(module: ModuleType, bind: NamedBind, direction: str = "upgrade") -> bool:
    """Whether a revision does something on a bind; `pass` alone is nothing."""
    function = function_for(module, direction, bind)
    code = getattr(function, "__code__", None)
    return function is not None and (code is None or bool(code.co_names or code.co_freevars))


def any_acts(script: ScriptDirectory, bind: NamedBind) -> bool:
    """Whether some revision does something on a bind."""
    return any(acts(revision.module, bind) for revision in script.walk_revisions())


def pending(script: ScriptDirectory, heads: tuple[str, ...], binds: Sequence[NamedBind]) -> list[Script]:
    """The revisions that a database at `heads` has not run and that do something on one of the binds."""
    if set(heads) == set(script.get_heads()):
        return []
    done = {revision.revision for revision in script.iterate_revisions(heads, "base")} if heads else set()
    return [
        revision
        for revision in script.walk_revisions()
        if revision.revision not in done and any(acts(revision.module, bind) for bind in binds)
    ]


def is_known(script: ScriptDirectory, heads: Collection[str]) -> bool:
    """Whether each of these revisions has a file; where one has none, Alembic's command says so."""
    try:
        return len(script.get_revisions(heads)) == len(heads)
    except CommandError:
        return False


def run_on(binds: Sequence[NamedBind], step: Any) -> Any:
    """Let a step of Alembic's run its revision's functions for these binds, in their order and undone in the opposite one."""
    direction = "upgrade" if step.is_upgrade else "downgrade"
    module = step.revision.module
    whole = step.migration_fn

    def run(**_: Any) -> None:
        for bind in binds if step.is_upgrade else reversed(binds):
            if takes_name(whole):
                call_by_name(module, direction, whole, bind.name)
            elif bind.key is None:
                whole()

    run.__name__ = whole.__name__  # Alembic logs it: "Running upgrade ..."
    step.migration_fn = run
    return step


def call_by_name(module: ModuleType, direction: str, whole: Callable[..., Any], bind_name: str) -> None:
    """Call `upgrade(engine_name)` as Flask-Migrate does, where its function for this name may be missing."""
    name = direction + "_" + bind_name
    is_missing = not hasattr(module, name)
    if is_missing:
        setattr(module, name, lambda: None)
    try:
        whole(engine_name=bind_name)
    finally:
        if is_missing:
            delattr(module, name)


def compares(context: MigrationContext) -> bool:
    """Whether the command compares models with the database: `migrate`, `check`, and who runs env.py to look for himself."""
    return context._migrations_fn is None or "revision_context" in context.opts


def is_new_in_memory(connection: Connection | None) -> bool:
    """Whether this is a database of SQLite that begins empty in every process, and is still that; None is none."""
    if connection is None:
        return False
    url = connection.engine.url
    if urls.backend(url) != "sqlite" or urls.sqlite_path(url) is not None:
        return False
    return not sqlalchemy.inspect(connection).get_table_names()


def limit(context: MigrationContext, binds: Sequence[NamedBind]) -> bool:
    """Let the command of this MigrationContext do on its database what is due for these binds; True for one that compares."""
    function: Any  # where it is None, nothing is run
    function, script = context._migrations_fn, context.opts["script"]

    def steps(heads: tuple[str, ...], context: MigrationContext) -> Iterator[Any]:
        if compares(context) and is_new_in_memory(None if context.as_sql else context.connection):
            for step in script._upgrade_revs("heads", heads):
                run_on(binds, step).migration_fn()
            heads = tuple(script.get_heads())
        # What has nothing to do on these binds is no reason to refuse a comparison: a bind may be new.
        if compares(context) and is_known(script, heads) and not pending(script, heads, binds):
            heads = tuple(script.get_heads())
        for step in function(heads, context):
            yield run_on(binds, step) if hasattr(step, "revision") else step

    if function is not None:
        context._migrations_fn = steps
    if compares(context):
        context.opts["dont_mutate"] = True  # or an empty `alembic_version` would be made; Alembic 1.4.0 makes it all the same
    return compares(context)
