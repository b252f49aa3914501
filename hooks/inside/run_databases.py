"""The empty databases of a run: made beside the existing ones, in threads, and dropped whatever happens."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any

from .base.adopted import adopted
from .base.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from adopt.server.play import Play
    from adopt.server.scratch import Scratch

    from .base.messages import Request
    from .base.types import AnyURL, ConnectArgs, Made, Module, Result


CLEANUP_SECONDS = 10


class RunDatabases:
    """Those of one request; with `is_leaving` nothing more is begun."""

    def __init__(self, request: Request) -> None:
        self.request, self.root = request, os.path.realpath(request.root)
        self.is_leaving = False
        self._made: list[Scratch]
        self._threads: list[threading.Thread]
        self._made, self._threads = [], []
        self._lock = threading.RLock()
        given = {name: url for name, url in os.environ.items() if name.startswith("EMPTY_DATABASE_URL") and url}
        self.turn = Turn(given.values())

    def adopt(self, name: str) -> Module:
        """A module of the template's package adopt/, under a private name."""
        return adopted(name)

    def new_scratch(self, url: AnyURL, name: str = "", **more: Any) -> Scratch:
        """An empty database beside `url`, dropped at the end; `name` is that of the bind."""
        return self._new(self.adopt("scratch").create_scratch, url, name, **more)  # type: ignore[no-any-return]  # of adopt/

    def new_play(self, url: AnyURL, name: str = "", **more: Any) -> Play:
        """The same for the application, with a login of its own where that can be made."""
        return self._new(self.adopt("play").create, url, name, **more)  # type: ignore[no-any-return]  # of adopt/

    def _new(self, create: Callable[..., Made], url: AnyURL, name: str, **more: Any) -> Made:
        given = os.environ.get(self.adopt("scratch").empty_url_variable(name))
        if given:
            self.turn.wait()
        made = create(url, purpose=self.request.purpose, empty_database_url=given, **more)
        with self._lock:
            self._made.append(made)
        return made

    def others_of(self, made: Play, connect_args: ConnectArgs | None = None) -> list[str]:
        """The other databases that the application reaches with the login of a play database; [] where it has one of its own."""
        if made.user is not None or self.adopt("urls").backend(made.url) != "mysql":
            return []
        connecting = self.adopt("connecting")
        with self.adopt("readonly").connect(made.url, connect_args) as connection:
            names = [row[0].lower() for row in connecting.query(connection, "SHOW DATABASES")]
        return [name for name in names if not name.startswith("scratch_") and name != made.url.database.lower()]  # type: ignore[union-attr]  # a server's

    def in_background(self, function: Callable[..., Result], *args: Any, **kwargs: Any) -> Callable[[], Result]:
        """Start `function` in a thread; the result is a function that waits for its result, or raises what it raised."""
        outcome: dict[str, Any] = {}

        def run() -> None:
            try:
                outcome["result"] = function(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
                outcome["error"] = error

        self.require_staying()
        thread = threading.Thread(target=run, name="retrofit-background", daemon=True)
        with self._lock:
            thread.start()
            self._threads.append(thread)

        def result() -> Result:
            thread.join()
            if "error" in outcome:
                raise outcome["error"]
            return outcome["result"]  # type: ignore[no-any-return]  # of `function`

        return result

    def require_staying(self) -> None:
        """Begin nothing where another thread cleans up already, which leaves when it is done."""
        if self.is_leaving and threading.current_thread() is threading.main_thread():
            time.sleep(2 * CLEANUP_SECONDS)

    def drop_scratches(self) -> None:
        """Drop every database of this run that is there; a second call, also from another thread, waits for the first."""
        with self._lock:
            while self._made:
                self._made.pop().drop()
            self.turn.end()

    def drop_all(self) -> None:
        """Drop every database of this run, those included that a thread is making."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            if thread is not threading.current_thread() and not thread.name.endswith("dropping"):
                thread.join()
        self.drop_scratches()
