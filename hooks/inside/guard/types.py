"""What annotations name of modules that would import each other; nothing imports it but for them."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.engine import URL

from ..base.types import AnyURL


class KnownBinds(Protocol):
    """The `Attached` of attached.py, as connections.py knows it."""

    def default_url(self) -> URL | None: ...
    def bind_at(self, url: AnyURL) -> tuple[str, URL] | None: ...


class KnownMoves(Protocol):
    """The `Redirect` of redirect.py, as connections.py knows it."""

    def play_of(self, url: AnyURL) -> str | None: ...
