"""A server on which a scratch database is in use while one connection stays open."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy.engine import URL, Connection


class Keeping:
    server: Callable[[], Connection]  # opens one for CREATE and DROP DATABASE

    def __init__(self, url: URL, connect_args: Mapping[str, Any] | None) -> None:
        self.url = url
        self._connect_args = connect_args
        self._keepers: dict[str, Connection] = {}

    def exists(self) -> bool:
        return True

    @contextlib.contextmanager
    def keeper(self, name: str) -> Iterator[Connection]:
        """The connection that tells that this database is in use, from now until `let_go`."""
        keeper = self.server()
        try:
            yield keeper
        except BaseException:
            keeper.close()
            raise
        self._keepers[name] = keeper

    def let_go(self, name: str) -> bool:
        """True; where another process had made it, there is nothing to do."""
        if name in self._keepers:
            self._keepers.pop(name).close()
        return True
