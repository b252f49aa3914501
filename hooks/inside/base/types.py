"""What annotations of many modules name; nothing imports it but for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, Union

from sqlalchemy import Column
from sqlalchemy.engine import URL
from sqlalchemy.types import TypeEngine

from adopt.base.types import AnyPath, FlaskDatabase
from adopt.server.scratch import Scratch as ScratchDatabase

if TYPE_CHECKING:
    from sqlalchemy.orm import scoped_session


class Module(Protocol):
    """A module of adopt/, which is loaded under a private name, so that nothing more is known of it here."""

    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...


Adopt = Callable[[str], Module]  # gives a module of adopt/ by its name
AnyURL = Union[URL, str]
AnyColumn = Column[Any]
AnyType = TypeEngine[Any]
ConnectArgs = Mapping[str, Any]  # what the driver of a database is given beside the URL
Facts = dict[str, Any]  # data for the other process, which JSON can carry
Place = dict[str, Any]  # a line of the project: {"path", "line", "text"}
Model = dict[str, Any]  # one that the source declares: {"name", "path", "line", "module", "table", "is_table"}
Marks = dict[str, Any]  # {name: what changes when what is called so does}
Command = Union[AnyPath, Sequence[AnyPath]]  # what starts a program
Result = TypeVar("Result")
Made = TypeVar("Made", bound=ScratchDatabase)
Scratch = Mapping[str, str]  # {"url"} of an empty database, or {"refused"}, or {"reason"} why there is none


class Located(Protocol):
    """An existing database, and how it is connected to."""

    @property
    def url(self) -> URL: ...
    @property
    def connect_args(self) -> ConnectArgs | None: ...


class AppDatabase(FlaskDatabase, Protocol):
    """The `SQLAlchemy` object of the application."""

    Model: type[Any]  # of the application's own making
    session: scoped_session[Any]


class Inherited(Protocol):
    """What a process must let go of that is forked."""

    def leave_to_parent(self) -> None: ...


class AttachedMigrate(Protocol):
    """The `Migrate` object of the application."""

    db: AppDatabase


class Files(Protocol):
    """What serves edited files."""

    def find(self, path: object) -> bytes | None: ...
