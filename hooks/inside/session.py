"""What a process has that runs the application's code: the guards around it, and the line to its keeper."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.engine import Engine

from . import PROJECT_PATH
from .base import unforeseen
from .base.adopted import adopted
from .base.arguments import packed
from .base.messages import Waiting
from .base.pipe import ChildEvents
from .base.record import Record
from .base.stop import Stop
from .guard import guards, out_of_reach, start_up
from .guard.attached import Attached
from .guard.connections import Connections, url_text
from .guard.overlay import Overlay
from .guard.redirect import Moved, Redirect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import URL, Connection

    from .base.children import Line
    from .base.messages import Request
    from .base.types import AnyURL, AppDatabase, Facts, Located, Module, Scratch
    from .load.databases import LoadedDatabase
    from .load.existing import Existing


TRUNCATING = 3  # the first interface of Landlock that keeps files from that, too


class Session:
    """The request, what guards it, and whom to ask about databases.

    `orders` are the keeper's: what to load the application on, and what to redirect.
    """

    def __init__(self, line: Line, orders: Facts) -> None:
        self._line = line
        self.request: Request = orders["request"]
        self.root = os.path.realpath(self.request.root)
        self.load_on: str = orders["load_on"]
        self.overlay = Overlay(self.root, self.request.overlay)
        self.files = self.adopt("file_mirror").Files(self.root)
        self.pipe = ChildEvents(line)
        self.leave = os._exit
        self.record = Record(self.root, self.overlay)
        self._keys = {key: url for _, _, _, urls in orders["moved"] for key, url in urls.items()}
        moved = [Moved(*one) for one in orders["moved"]]
        self.redirect = Redirect(moved, lambda *urls: self.adopt("urls").same_database(*urls))
        self.attached = Attached(lambda *urls: self.adopt("urls").same_database(*urls), self.redirect)
        self.policy = Connections(
            self.record,
            orders["load_on"],
            self._make_play,
            self.attached,
            self.adopt,
            self.redirect,
            orders.get("others", ()),
        )
        watch = self.adopt("lock_watch")
        watch.permitted, watch.say = self.policy.permitted, lambda line: self.pipe.emit(Waiting(line))
        watch.watch(Engine, self.adopt("engines").own_connection, watch.wait_s)  # the application's own statements
        if None in self._keys:
            self.policy.play = self._parsed(self.redirect.play_of(self._keys[None]))  # type: ignore[arg-type]  # it is moved
        if orders.get("play"):
            self.policy.play = self._parsed(orders["play"])
        self._environ, self.no_play = orders["environ"], orders.get("no_play", "")

    def adopt(self, name: str) -> Module:
        """A module of the template's package adopt/, under a private name."""
        return adopted(name)

    def install(self) -> None:
        """Everything that the project's code must run behind, and what it is redirected by."""
        sys.path[:] = PROJECT_PATH
        landlock = self.adopt("landlock")
        abi = landlock.restrict([tempfile.gettempdir()])
        if self.load_on == "nothing":
            refused = out_of_reach.refuse(landlock, out_of_reach.ports_of_databases(os.environ))
            self.refused = replace(refused, files=abi >= TRUNCATING)
        self.overlay.install()
        self.files.install()
        guards.install(self.record, self.policy, self.attached, self.request.create_all == "run")
        if self.request.mode == "rehearse":
            self._lead_nowhere_else()
        elif self.load_on in ("play", "schema"):
            os.environ.update(self._environ)
            self.redirect.environment(os.environ)
            if None in self._keys:
                os.environ[self.request.variable] = url_text(self.policy.play)  # type: ignore[arg-type]  # that of this bind
        start_up.run()

    def _lead_nowhere_else(self) -> None:
        """Let variables that name the existing database name none: one alone is to lead to the play database."""
        url, play = self.request.base_url, self.policy.play
        if url and play is not None:
            nowhere = self.adopt("urls").replace(play, database=play.database + "_elsewhere")  # type: ignore[operator]  # it has a name
            Redirect([Moved(url, [url], url_text(nowhere))], self.adopt("urls").same_database).environment(os.environ)

    @staticmethod
    def _text(url: AnyURL) -> str:
        return url if isinstance(url, str) else url_text(url)

    def _make_play(self, url: AnyURL, bind: str | None) -> str:
        name = "" if bind is None else self.adopt("targets").function_name(bind)
        return self._line.ask("play", url=self._text(url), name=name)  # type: ignore[no-any-return]  # of the keeper

    @staticmethod
    def _parsed(url: AnyURL) -> URL:
        from sqlalchemy.engine.url import make_url

        return make_url(url)

    # -- what the keeper knows and does

    def examine(self, database: LoadedDatabase) -> Callable[[], Existing]:
        """What the existing database is, as `Existing`; a function that waits for the answer."""
        arguments = {"connect_args": packed(database.connect_args), "schemas": database.schemas}
        return self._line.begin("examine", url=url_text(database.url), **arguments)

    def scratch(self, database: LoadedDatabase) -> Callable[[], Scratch]:
        """{"url"} of an empty database for the baseline, or why there is none; a function that waits for the answer."""
        return self._line.begin(
            "scratch", url=url_text(database.url), name=database.name, connect_args=packed(database.connect_args)
        )

    def loaded(self, db: AppDatabase) -> None:
        """The application has been loaded: its play database may be needed for something else now."""
        db.session.remove()
        for _, engine in self.attached.engines():
            engine.dispose()
        self._line.ask("loaded")

    @contextlib.contextmanager
    def look(self, database: Located) -> Iterator[Connection]:
        """A connection to an existing database that only reads."""
        with self.policy.permitted():
            with self.adopt("readonly").connect(database.url, database.connect_args) as connection:
                yield connection


def load_as_child(line: Line) -> int:
    """Load the application as the request says and do what it is loaded for; returns the exit status."""
    return serve(line, work)


def learn_as_child(line: Line) -> int:
    """Load it to know what it is configured with."""
    from .load.learn import learn

    return serve(line, learn)


def work(session: Session) -> None:
    """What the request's mode says."""
    if session.request.mode == "rehearse":
        from .load.rehearse import rehearse

        rehearse(session)
    elif session.request.mode == "for-tests":
        from .load.configurations_for_tests import look

        look(session)
    elif session.request.mode == "takeover":
        from .takeover import takeover

        takeover(session)
    else:
        from .retrofit import retrofit

        retrofit(session)


def serve(line: Line, function: Callable[[Session], None]) -> int:
    """Wait for orders, and tell how it ends."""
    try:
        orders = line.receive()
    except EOFError:
        return 1
    tempfile.tempdir = os.environ["TMPDIR"] = orders["folder"]
    session = Session(line, orders)
    try:
        session.install()
        function(session)
        return 0
    except Stop as stop:
        session.pipe.emit(stop.failed)
    except BaseException as error:  # noqa: BLE001 - a mistake of ours: the caller shows it as such
        place = session.record.last_place(error) or {}  # a listener of theirs, say
        session.pipe.emit(unforeseen.failed(error, **place))
    return 1
