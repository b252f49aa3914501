"""What annotations name of what is above this folder; nothing imports it but for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, Union

from sqlalchemy import Sequence as SqlSequence
from sqlalchemy.engine import Connection

from ..base.messages import Request
from ..base.pipe import ChildEvents
from ..base.record import Record
from ..base.types import Located, Module
from ..guard.attached import Attached
from ..guard.connections import Connections
from ..guard.out_of_reach import Refused
from ..guard.overlay import Overlay
from ..guard.redirect import Redirect

Answer = dict[str, Any]  # {"built": [facts], "unbuilt": [[name, why]]}, or {"failed": why}
Pairs = Sequence[tuple[str, str]]  # (extension, what it has or needs)
Sequences = dict[tuple[Union[str, None], str], SqlSequence]  # by schema and name
NamesByBind = Mapping[Union[str, None], Iterable[str]]


class Values(Protocol):
    """A configuration, whatever holds it."""

    def get(self, __name: str) -> Any: ...


class Session(Protocol):
    """The one of session.py, as the folders below it know it."""

    request: Request
    root: str
    load_on: str
    pipe: ChildEvents
    record: Record
    overlay: Overlay
    files: Module
    attached: Attached
    policy: Connections
    redirect: Redirect
    refused: Refused

    @property
    def leave(self) -> Callable[[int], object]: ...
    def adopt(self, name: str) -> Module: ...
    def look(self, database: Located) -> AbstractContextManager[Connection]: ...
