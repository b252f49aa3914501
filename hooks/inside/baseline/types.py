"""What annotations name of what is above this folder; nothing imports it but for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, Union

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Table
from sqlalchemy.engine import Engine

from adopt.base.types import Difference, Snapshot

from ..base.types import AppDatabase, Scratch
from ..load import types
from ..load.databases import LoadedDatabase
from ..load.existing import Existing

RenderItem = Callable[[str, Any, AutogenContext], Union[str, bool, None]]  # as Alembic has it; the object is of any kind


class Session(types.Session, Protocol):
    """With what it asks the keeper."""

    no_play: str

    def examine(self, database: LoadedDatabase) -> Callable[[], Existing]: ...
    def scratch(self, database: LoadedDatabase) -> Callable[[], Scratch]: ...
    def loaded(self, db: AppDatabase) -> None: ...


class Subject(Protocol):
    """The one of subject.py, as the folders below it know it; `engine` is that of a scratch database that was made."""

    database: LoadedDatabase
    existing: Existing
    engine: Engine
    tables: list[Table]
    built: Snapshot
    differences: list[Difference]

    @property
    def is_present(self) -> bool: ...
    @property
    def schemas(self) -> list[str]: ...
    def take(self, schemas: Sequence[str]) -> Snapshot: ...
    def take_objects(self) -> None: ...
    def note_names(self) -> None: ...
