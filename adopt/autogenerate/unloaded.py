"""Models that were not loaded: a new revision that would drop their tables is refused, since nobody deleted them.

`db.metadata` is filled by imports. A module with models that nothing imports looks to Alembic like deleted models.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

from alembic.operations import ops

from ..base.errors import ModelsNotLoaded
from ..base.paths import ROOT, python_files, source_bytes
from ..base.urls import redact

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Table

    from ..base.types import ConnectedContext


VARIABLE = "MIGRATIONS_ALLOW_DROP"
DECLARED = re.compile(
    r"""^[ \t]*(?:class[ \t]+(?P<model>\w+)[ \t]*\([^)]*\bModel\b|__tablename__\s*=\s*["'](?P<name>\w+)["'])"""
    r"""|\bTable\(\s*["'](?P<table>\w+)["']""",
    re.M,
)


def require_loaded(context: ConnectedContext, upgrade_ops: Any, tables: Sequence[Table], loaded: Any) -> None:
    """Refuse operations that drop a table whose model is in a file that was not imported, or every table there is.

    `tables` are those of the models, `loaded` the number of all tables of models, of whichever bind: where there are as many as are
    dropped, they may be renamed or have moved. MIGRATIONS_ALLOW_DROP=1 lets everything pass.

    Raises:
        ModelsNotLoaded: names the tables and where they are declared; no revision was written.
    """
    gone = [one for one in upgrade_ops.ops if isinstance(one, ops.DropTableOp)]
    if not gone or os.environ.get(VARIABLE, "") not in ("", "0"):
        return
    made = sum(isinstance(one, ops.CreateTableOp) for one in upgrade_ops.ops)
    kept = len(tables) - made
    places = declared([one.table_name for one in gone])
    is_all = kept <= 0 and loaded < len(gone)
    if places or is_all:
        named = [(one.schema + "." + one.table_name if one.schema else one.table_name, places.get(one.table_name)) for one in gone]
        shown = [(name, "{}:{}".format(*place) if place else "") for name, place in named if place or is_all]
        modules = sorted({module_name(path) for path, _ in places.values()})
        raise ModelsNotLoaded(shown, modules, len(gone) + max(kept, 0), redact(context.connection.engine.url))


def declared(names: Collection[str]) -> dict[str, Any]:
    """{table: (path, line)} for those of these tables that a file of the project declares that is not loaded."""
    found: dict[str, tuple[str, int]]
    # it has a file
    loaded = {os.path.realpath(module.__file__) for module in list(sys.modules.values()) if getattr(module, "__file__", None)}  # type: ignore[type-var]
    wanted, found = set(names), {}
    for path in python_files(ROOT):
        text = "" if os.path.realpath(path) in loaded else source_bytes(path).decode("utf-8", "replace")
        for match in DECLARED.finditer(text):
            name = match.group("name") or match.group("table") or table_name(match.group("model"))
            if name in wanted:
                found.setdefault(name, (os.path.relpath(path, ROOT), text.count("\n", 0, match.start()) + 1))
    return found


def table_name(model: str) -> str:
    """What Flask-SQLAlchemy calls the table of a class: OrderLine -> order_line."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", model).lower().lstrip("_")


def module_name(path: str) -> str:
    """shop/models/__init__.py -> shop.models"""
    parts = path[: -len(".py")].split(os.sep)
    return ".".join(parts[:-1] if parts[-1] == "__init__" and parts[1:] else parts)
