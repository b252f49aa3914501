"""What annotations of many modules name; nothing imports it but for them, so that no project has it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, Union

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData
from sqlalchemy.engine import URL, Connection, Engine

StrPath = Union[str, "os.PathLike[str]"]
AnyPath = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
Given = Any  # what an application gives a function of `os`: a path, or what that function complains about
Fingerprint = dict[str, Any]  # what JSON carries of one: its parts are those that fingerprint.py compares
Snapshot = dict[str, Any]  # a schema as schema/snapshot.py takes it, which JSON can carry: {"tables": {name: facts}, "views": ...}
TableFacts = dict[str, Any]  # a table in it: {"columns": {name: facts}, "primary_key": [...], "foreign_keys": [...], ...}
Difference = dict[str, Any]  # between two of them: table, what, name, kind, expected, actual; more where it is judged
EnumKey = tuple[Union[str, None], str]  # (schema, name) of an enum type
Refusal = tuple[str, Sequence[str], str, list[str]]  # what happened, the evidence, what was not changed, what to do
Beside = Callable[[Connection], AbstractContextManager[Any]]  # another connection of the driver to the same database
Original = Callable[..., Any]  # a function of Python's that a replacement of ours stands for


class NamedBind(Protocol):
    """What the functions of a revision are found by."""

    key: str | None
    name: str


class FlaskDatabase(Protocol):
    """The `SQLAlchemy` object of an application, of Flask-SQLAlchemy 2 or 3: which of these it has is asked before."""

    engine: Engine
    engines: Mapping[str | None, Engine]
    metadata: MetaData
    metadatas: Mapping[str | None, MetaData]

    def get_engine(self, app: Any, bind: str | None) -> Engine: ...


class ConnectedContext(MigrationContext):
    """Alembic's, of a command that is connected to a database."""

    connection: Connection
    config: Config


class Located(Protocol):
    """What a Database of the application says about where it is, and how its scratch databases are made."""

    name: str
    keys: tuple[str | None, ...]
    url: URL
    connect_args: dict[str, Any]
    configured_urls: list[URL | str]
    version_table: str
    schemas: tuple[str, ...]
