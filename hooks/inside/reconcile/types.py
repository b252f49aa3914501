"""What annotations name of what is above this folder; nothing imports it but for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Union

from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrateOperation
from sqlalchemy.engine import Connection

from adopt.base.types import Difference

from ..baseline import types
from ..baseline.baseline import Part

CheckNames = Mapping[tuple[str, str], Union[str, None]]  # {(table, condition as a snapshot has it): name}
KeyNames = Mapping[str, Union[str, None]]  # {table: the name of its primary key}


class Subject(types.Subject, Protocol):
    """With what the reconciling needs of it."""

    unmanaged: list[str]
    built_checks: CheckNames
    built_keys: KeyNames
    reconciled: dict[str, Any]  # facts of the reconciling, as reconcile.py names them

    def parts(self) -> list[Part]: ...
    def parts_as_they_are(self, connection: Connection) -> list[Part]: ...


class Names(Protocol):
    """The columns of a table, by their names."""

    def __contains__(self, __name: str) -> bool: ...


class Lines(Protocol):
    """A block of lines of code: of second_revision.py, or of enum_steps.py."""

    why: str

    def undo(self) -> Lines: ...
    def lines(self, context: AutogenContext, is_marked: bool) -> list[str]: ...


Blocks = tuple[list[Lines], list[Lines]]  # those that stand before all others, those that stand after them
Differences = Sequence[Difference]
WithOthers = tuple[MigrateOperation, Sequence[MigrateOperation]]  # an operation, and all those on its table
