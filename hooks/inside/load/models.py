"""Settle every model that the source declares: registered, in use but not imported, or unused.

A model counts as registered when its table is in the metadata that Flask-Migrate looks at. Where it is not, though its table is in
an existing database, its module is imported, here and from now on by env.py. With no database to decide by, that is a reason to
stop.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from typing import TYPE_CHECKING

from ..base.stop import Stop
from .causes import described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..base.messages import Request
    from ..base.types import Model
    from .databases import Configured
    from .types import NamesByBind, Session


class Settled:
    """What became of the models: `imports` are modules for `migrations/project.ini`, `unused` and `failed` are models as data."""

    def __init__(self) -> None:
        self.imports: list[str]
        self.unused: list[Model]
        self.failed: list[Model]
        self.imports, self.unused, self.failed = [], [], []


def settle(request: Request, session: Session, found: Configured, existing_tables: Callable[[], set[str] | None]) -> Settled:
    """Import what is in use and missing.

    `found` are the `Configured` databases; `existing_tables()` are the names in the existing ones, None where there is none to ask.

    Raises:
        Stop: there is no model, or none is registered; some are not, and nothing tells whether they are in use; or those are in
            use and cannot be loaded.
    """
    settled = Settled()
    open_models = unregistered(request.models, session, found)
    names = existing_tables() if open_models else ()
    if names is None:
        raise Stop("models-not-loaded", models=open_models, metadata_is_empty=not found.tables())
    for model in open_models:
        table = model["table"] or default_table_name(model["name"])
        if table.rpartition(".")[2] not in names:
            settled.unused.append(dict(model, table=table))
        elif not is_registered(model, session, found):
            import_module(model, session, found, settled)
    refused = [model for model in settled.failed if model["exception"]]
    if refused:
        raise Stop("models-not-loaded", models=refused, metadata_is_empty=False, have_tables=True)
    session.adopt("project").complete_models()
    if not found.tables():
        if not request.models:
            raise Stop("no-models", tables=sorted((existing_tables() or set()) - {"alembic_version"}))
        raise Stop("models-not-loaded", models=request.models, metadata_is_empty=True, is_looked_up=names is not None)
    require_referenced_tables(request, found)
    return settled


def require_referenced_tables(request: Request, found: Configured) -> None:
    """Make sure that every foreign key leads to a table and a column; `create_all()` fails where one does not.

    Raises:
        Stop: one leads nowhere; it names the models of that table.
    """
    from sqlalchemy.exc import NoReferenceError

    for table in found.tables():
        for key in table.foreign_keys:
            try:
                key.column  # noqa: B018 - looks it up
            except NoReferenceError as error:
                names = [model for model in request.models if (model["table"] or default_table_name(model["name"])) == table.name]
                raise Stop("foreign-key-leads-nowhere", message=str(error), models=names) from error


def unregistered(models: Sequence[Model], session: Session, found: Configured) -> list[Model]:
    """The models whose table is not in the metadata; classes without a table of their own (abstract, mixins) do not count."""
    classes = mapped_classes(found)
    missing = []
    for model in models:
        path = os.path.join(session.root, model["path"])
        if (path, model["name"]) in classes or has_table(model["table"], found) or is_without_table(model, path):
            continue
        missing.append(model)
    return missing


def is_registered(model: Model, session: Session, found: Configured) -> bool:
    """The same for one model, after an import."""
    return not unregistered([model], session, found)


def has_table(name: str, found: Configured) -> bool:
    """Whether the metadata holds a table of this name, in whatever schema."""
    return bool(name) and any(name in (table.key, table.name) for table in found.tables())


def mapped_classes(found: Configured) -> set[tuple[str, str]]:
    """(file, name) of every class that is mapped to a table of the metadata."""
    tables = set(found.tables())
    classes, waiting = set(), [found.db.Model]
    while waiting:
        for cls in waiting.pop().__subclasses__():
            waiting.append(cls)
            if getattr(cls, "__table__", None) in tables:
                module = sys.modules.get(cls.__module__)
                classes.add((os.path.realpath(getattr(module, "__file__", None) or ""), cls.__name__))
    return classes


def is_without_table(model: Model, path: str) -> bool:
    """Whether the module is imported and its class has no table: it is abstract, or its condition does not hold."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and os.path.basename(file) == os.path.basename(path) and os.path.realpath(file) == path and name != "__main__":
            if model["is_table"]:
                return False
            cls = getattr(module, model["name"], None)
            return isinstance(cls, type) and getattr(cls, "__table__", None) is None
    return False


def import_module(model: Model, session: Session, found: Configured, settled: Settled) -> None:
    """Import the module of a model that is in use; note it only where that registers the model."""
    try:
        importlib.import_module(model["module"])
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the project's code raises is a fact about it
        place = session.record.last_place(error) or {}
        settled.failed.append(dict(model, exception=described(error), at=place))
        return
    if is_registered(model, session, found):
        if model["module"] not in settled.imports:
            settled.imports.append(model["module"])
    elif is_cleared(model, session, found):
        settled.failed.append(dict(model, exception="its table was taken out of the metadata", at={}))
    else:
        settled.failed.append(dict(model, exception="", at={}))  # it belongs to another metadata


def is_cleared(model: Model, session: Session, found: Configured) -> bool:
    """Whether the table of a loaded model is no longer in the metadata that it was made in: `db.metadata.clear()`."""
    every = getattr(found.db, "metadatas", None) or {None: found.db.metadata}
    tables, waiting = set(found.tables()), [found.db.Model]
    while waiting:
        for cls in waiting.pop().__subclasses__():
            waiting.append(cls)
            table, module = getattr(cls, "__table__", None), sys.modules.get(cls.__module__)
            is_it = cls.__name__ == model["name"] and os.path.realpath(getattr(module, "__file__", None) or "") == os.path.join(
                session.root, model["path"]
            )
            if is_it and table is not None and table not in tables and any(table.metadata is one for one in every.values()):
                return True
    return False


def default_table_name(name: str) -> str:
    """What Flask-SQLAlchemy calls the table of a class.

    https://flask-sqlalchemy.palletsprojects.com/en/stable/models/#naming-the-table
    """
    return re.sub(r"(?<=[a-z0-9])([A-Z])|(?<=[A-Z])([A-Z])(?=[a-z])", lambda match: "_" + match.group(0), name).lower()


def project_ini(settled: Settled, unmanaged: NamesByBind, views: NamesByBind) -> str | None:
    """The text of `migrations/project.ini`, or None where env.py needs to know nothing; `unmanaged` and `views` by bind key."""
    parts = []
    if settled.imports:
        parts.append(
            "# Modules with models that the application does not import by itself.\n[models]\nimport =" + listed(settled.imports)
        )
    for words, name, option, found in (
        ("# Tables without a model: `flask db migrate` leaves them alone, whoever made them.", "unmanaged", "tables", unmanaged),
        ("# Views that models read: no table is made for them.", "views", "names", views),
    ):
        sections = [
            "[%s]\n%s =" % (name if key is None else "%s:%s" % (name, key), option) + listed(names)
            for key, names in found.items()
            if names
        ]
        if sections:
            parts.append(words + "\n" + "\n".join(sections))
    return "\n".join(parts) or None


def listed(names: Iterable[str]) -> str:
    """Names as the lines of one value; one with a space in it stands between quotes."""
    return "".join("\n    " + ('"%s"' % name if " " in name else name) for name in names) + "\n"
