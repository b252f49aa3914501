"""The process that holds the databases and never imports the application.

It makes and drops the databases that a run needs, looks at the existing ones, keeps their fingerprints, and makes the stamp. The
application is run by its children (children.py): one learns what is configured, one loads it on play databases. A child is ended
before what it has found is taken for true, and before the stamp.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from .base import children, unforeseen
from .base.arguments import unpacked
from .base.messages import Compared, Failed, Fingerprints, Go, Learned, LeftBehind, Request, Stamped, Verified, Waiting
from .base.pipe import THE_END
from .base.redaction import learn_known
from .base.stop import Stop
from .comparing import compare
from .guard.connections import url_text
from .guard.out_of_reach import Refused
from .load.existing import examine
from .load.schema_copy import copy_schema
from .load.warm_up import warm_up
from .places import Places
from .run_databases import CLEANUP_SECONDS, RunDatabases
from .session import learn_as_child, load_as_child

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adopt.base.types import Snapshot

    from .base.children import Child
    from .base.pipe import Pipe
    from .base.types import ConnectArgs, Facts, Scratch
    from .load.existing import Existing
    from .places import Place


LEARNING_SECONDS = 60  # an application may wait for its database without end


class Keeper(RunDatabases):
    """One request, and all that has to be taken away at its end."""

    def __init__(self, pipe: Pipe, request: Request, loading: Child, learning: Child | None) -> None:
        super().__init__(request)
        self.pipe = pipe
        self.places = Places(self.adopt, request.taken)
        self.adopt("lock_watch").say = lambda line: pipe.emit(Waiting(line))
        self.leave = os._exit
        self._loading, self._learning = loading, learning
        self._examined: dict[tuple[str, tuple[str, ...]], Callable[[], Existing]]
        self._scratches_made: dict[str, Callable[[], Scratch]]
        self._examined, self._scratches_made = {}, {}
        self._snapshots: dict[tuple[str, tuple[str, ...]], Snapshot | None] = {}
        self._cleaning = threading.RLock()
        self.folder = tempfile.tempdir = os.path.realpath(tempfile.mkdtemp(prefix="retrofit-"))

    # -- from the request to the last event

    def serve(self) -> object:
        """Do what the request's mode says."""
        if self.request.mode == "rehearse":
            return self.run_child(self.rehearsal())
        if self.request.mode == "for-tests":
            return self.run_child({"load_on": "nothing", "moved": [], "environ": {}})
        self.places.look_before(self.root)
        self.learn()
        fingerprints = [self.in_background(self.places.take_fingerprint, one) for one in self.places]
        load_on, moved = self.play_databases()
        for taken in fingerprints:
            taken()
        self.pipe.emit(Fingerprints(self.places.told(), is_known=bool(list(self.places))))
        why_not = next((one.why_not for one in self.places if one.why_not), "")
        others = sorted({name for one in self.places for name in one.others})
        orders = {"load_on": load_on, "moved": moved, "environ": self.environ_learned, "no_play": why_not, "others": others}
        done = self.run_child(orders)
        if done is not None:
            self.finish(*done)
        return None

    def learn(self) -> None:
        """Know the databases that the application is configured with, as far as it tells."""
        self.environ_learned = {}
        learning: Any  # it is there, in this mode
        learning, self._learning = self._learning, None
        self.places.asked_at = time.time()
        learning.send({"request": self.request, "folder": self.folder, "load_on": "nothing", "moved": [], "environ": {}})
        limit = threading.Timer(LEARNING_SECONDS, learning.end)
        limit.daemon = True
        limit.start()
        for message in learning.messages():
            if message["event"]["event"] == Learned.kind:
                learn_known(message["secrets"])
                self.environ_learned = message["private"]["environ"]
                # a .env may say what the URL does not; libpq completes ours, too
                os.environ.update({name: value for name, value in self.environ_learned.items() if name.startswith("PG")})
                self.places.refused = Refused(**message["private"]["refused"])
                for one in message["private"]["databases"]:
                    self.places.add(one)
            if message["event"]["event"] in THE_END:
                break
        limit.cancel()
        learning.end()
        children.end_all(but=[self._loading.pid])

    def play_databases(self) -> tuple[str, list[tuple[str, list[str], str, dict[str | None, str]]]]:
        """(what the application is loaded on, what it is redirected to): a play database for each of its own."""
        urls = self.adopt("urls")
        places = [one for one in self.places if urls.backend(one.url) != "sqlite" or urls.sqlite_path(one.url) is not None]
        if self.request.load_on == "existing" or self.request.mode == "takeover":
            return "existing", []
        results = [self.in_background(self.make_play, one) for one in places]
        for result in results:
            result()
        if places and not any(one.play for one in places) and any(one.why_not for one in places):
            return "existing", []
        moved = [(one.url, one.texts, one.play, one.urls) for one in places if one.play]
        if not self.turn.is_needed:
            for one in places:
                self._begin_for(one)
        return self.request.load_on, moved

    def _begin_for(self, place: Place) -> None:
        """What the loading process will ask for is made while the application is loaded."""
        key = place.keys[0]
        name = "" if key is None else self.adopt("targets").function_name(key)
        self._examined[place.url, ()] = self.in_background(self._examine, place.url, place.connect_args, ())
        self._scratches_made[place.url] = self.in_background(self._scratch, place.url, name, place.connect_args)

    def make_play(self, place: Place) -> None:
        """Make the play database in the place of an existing one, or note why there is none."""
        errors = self.adopt("errors")
        key = place.keys[0]
        name = "" if key is None else self.adopt("targets").function_name(key)
        try:
            made = self.new_play(place.url, name, connect_args=place.connect_args, configured_urls=self.places.urls())
        except errors.ScratchRefused as error:
            raise Stop("scratch-refused", message=str(error), keys=place.keys, name=name) from error
        except (errors.NotPermitted, errors.DatabaseUnreachable) as error:
            place.why_not = error.reason
            return
        if self.request.load_on == "schema":
            try:
                copy_schema(self.adopt, place.url, place.connect_args, made.url)
            except (errors.DatabaseMissing, errors.DatabaseUnreachable) as error:
                raise Stop("nothing-to-copy", message=error.reason) from error
            except SQLAlchemyError as error:
                raise Stop("not-copied", message=str(error)) from error
        place.play, place.others = url_text(made.url), self.others_of(made, place.connect_args)

    def rehearsal(self) -> Facts:
        """What the loading process is told: everything goes to one empty database, which the variable names."""
        from .load.rehearse import beside, bring_driver

        request, errors = self.request, self.adopt("errors")
        with self.pipe.step("scratch"):
            bring_driver(request.base_url or "")
            try:
                made = self.in_background(self.new_play, beside(request))()
            except (errors.NotPermitted, errors.DatabaseUnreachable) as error:
                raise Stop("no-scratch-database", message=error.reason) from error
        play, others = url_text(made.url), self.others_of(made)
        return {"load_on": "play", "moved": [], "environ": {}, "play": play, "others": others}

    # -- the process that loads the application

    def run_child(self, orders: Facts) -> tuple[Facts, list[Facts]] | None:
        """Let the loading process work, and pass on what it says; gives "verified" and what to stamp, None for another end."""
        child = self._loading
        child.send(dict(orders, request=self.request, folder=self.folder))
        for message in child.messages():
            if "ask" in message:
                self.in_background(self._answer, child, message)
                continue
            if message["event"]["event"] == Verified.kind and not self._may_be_verified(message):
                message = children.not_ours('{"event": "verified", ...}')
            event = message["event"]
            learn_known(message["secrets"])
            if event["event"] in THE_END:
                self.end_children()
                if event["event"] == Verified.kind:
                    return event, message["private"]
                if event["event"] == Failed.kind:
                    self.places.require_unchanged(event.get("exception", ""))
                self.pipe.send(event)
                return None
            self.pipe.send(event)
        status = child.wait()
        self.end_children()
        self.places.require_unchanged()
        raise Died(status)

    def _may_be_verified(self, message: Facts) -> bool:
        """Whether each database that may be stamped was examined here."""
        try:
            return all((one["url"], tuple(one["schemas"])) in self._snapshots for one in message["private"])
        except (KeyError, TypeError):
            return False

    def end_children(self) -> None:
        """Nothing of the application runs any more."""
        for child in (self._learning, self._loading):
            if child is not None:
                child.end()
        children.end_all()

    def _answer(self, child: Child, message: Facts) -> None:
        try:
            answer = getattr(self, "answer_" + message["ask"])(**message["arguments"])
        except Stop as stop:
            answer = stop
        except BaseException as error:  # noqa: BLE001 - told in the process that asked
            traceback.print_exc()
            answer = RuntimeError("%s: %s" % (type(error).__name__, error))
        child.send((message["number"], answer))

    def answer_examine(self, url: str, connect_args: ConnectArgs | None, schemas: Sequence[str]) -> Existing:
        """What the database at `url` is; see existing.py."""
        known = self._examined.get((url, tuple(schemas)))
        return known() if known is not None else self._examine(url, unpacked(connect_args), tuple(schemas))

    def _examine(self, url: str, connect_args: ConnectArgs | None, schemas: Sequence[str]) -> Existing:
        found = examine(self.adopt, url, connect_args, schemas, self.request.revision_id)
        self._snapshots[url, tuple(schemas)] = found.snapshot
        return found

    def answer_scratch(self, url: str, name: str, connect_args: ConnectArgs | None) -> Scratch:
        """{"url"} of an empty database for the baseline, or {"refused"}, or {"reason"} why there is none."""
        made = self._scratches_made.pop(url, None)
        return made() if made is not None else self._scratch(url, name, unpacked(connect_args))

    def _scratch(self, url: str, name: str, connect_args: ConnectArgs | None) -> Scratch:
        errors = self.adopt("errors")
        try:
            self.adopt("play").drop_leftovers(url, purpose=self.request.purpose, connect_args=connect_args)
            made = self.new_scratch(url, name, connect_args=connect_args, configured_urls=self.places.urls())
        except errors.ScratchRefused as error:
            return {"refused": str(error)}
        except (errors.NotPermitted, errors.DatabaseUnreachable) as error:
            return {"reason": error.reason}
        return {"url": url_text(made.url)}

    def answer_play(self, url: str, name: str) -> str:
        """The URL of a play database for a database that was not learned."""
        return url_text(self.new_play(url, name, configured_urls=self.places.urls()).url)

    def answer_loaded(self) -> None:
        """The application has been loaded: where one empty database serves all, the play database is it no longer."""
        if self.turn.is_needed:
            self.drop_scratches()

    # -- the end

    def finish(self, verified: Facts, stamps: Sequence[Facts]) -> None:
        """Pass on "verified"; then wait for the caller: compare once nothing of the application runs anywhere, and stamp."""
        self.pipe.send(verified)
        dropping = self.in_background(self.drop_all)
        go, is_compared = self.told_to_go(), False
        if go is not None and go.compare:
            with self.pipe.step("unchanged"):
                self.pipe.emit(Compared(self.places.require_unchanged()))
            go, is_compared = self.told_to_go(), True
        if go is None:
            time.sleep(CLEANUP_SECONDS)  # the listener cleans up and leaves
        elif go.stamp:
            if not is_compared:
                self.places.require_unchanged()
            with self.pipe.step("stamp"):
                for one in stamps:
                    self.stamp(one)
        self.take_away(dropping)

    def told_to_go(self) -> Go | None:
        """The caller's next word; None when it has gone."""
        said = self.pipe.read()
        return None if said is None else Go(**said)

    def stamp(self, one: Facts) -> None:
        """The one write to an existing database, by adopt/verdict/stamp.py; it is read back over another connection."""
        try:
            found = self.adopt("stamp").stamp(
                one["url"],
                self.request.revision_id,
                expected_snapshot=self._snapshots[one["url"], tuple(one["schemas"])],
                schemas=tuple(one["schemas"]),
                connect_args=unpacked(one["connect_args"]),
                **one["version_table"],
            )
        except (self.adopt("errors").AdoptError, SQLAlchemyError) as error:
            raise Stop("stamp-failed", message=str(error), database=one["database"]) from error
        self.pipe.emit(Stamped(one["name"], found))

    def take_away(self, drop: Any) -> None:
        """Drop what this run has made; where that fails, all that matters has been done, and the next run tries again."""
        try:
            drop()
        except Exception as error:  # noqa: BLE001 - a server that has gone, a lock of somebody's backup
            traceback.print_exc()
            self.pipe.emit(LeftBehind("%s: %s" % (type(error).__name__, error)))

    def cleanup(self) -> None:
        """Take away what this run has made. Safe to call from another thread while the application hangs."""
        self.is_leaving = True
        with self._cleaning:  # whoever comes second waits for the first
            self.end_children()
            self.drop_all()
            shutil.rmtree(self.folder, ignore_errors=True)

    def interrupted(self, *_: object) -> None:
        """A signal: leave at once, unless leaving has begun."""
        if not self.is_leaving:
            self.abandon()

    def abandon(self) -> None:
        """The caller has gone or wants us gone: clean up within a time limit, and leave."""
        limit = threading.Timer(CLEANUP_SECONDS, self.leave, [1])
        limit.daemon = True
        limit.start()
        try:
            self.cleanup()
        except BaseException:  # noqa: BLE001 - the next run of this project drops what could not be dropped here
            traceback.print_exc()
        self.leave(1)


class Died(Exception):
    """The process that loads the application has ended without a word; `status` is negative for a signal."""

    def __init__(self, status: int) -> None:
        super().__init__("ended with status %s" % status)
        self.status = status


def run(pipe: Pipe) -> int:
    """Serve one request; returns the exit status."""
    warm_up()
    said = pipe.read()
    if said is None:
        return 1
    request = Request.received(said)
    if request.mode == "compare":
        return compare(pipe, request)
    os.chdir(request.root)
    children.adopt_orphans()
    loading = children.Child("load", load_as_child, pipe)
    learning = None if request.mode in ("rehearse", "for-tests") else children.Child("learn", learn_as_child, pipe)
    keeper = Keeper(pipe, request, loading, learning)
    pipe.on_close = keeper.abandon
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, keeper.interrupted)
    status = 0
    try:
        keeper.serve()
    except Died as died:
        keeper.cleanup()
        end_as(died.status)
    except Stop as stop:
        keeper.end_children()
        pipe.emit(stop.failed)
    except BaseException as error:  # noqa: BLE001 - a mistake of ours: the caller shows it as such, and cleans up all the same
        pipe.emit(unforeseen.failed(error))
        status = 1
    keeper.take_away(keeper.cleanup)
    pipe.send({"event": "done"})
    return status


def end_as(status: int) -> int:
    """End as the loading process did, which is what the caller is told."""
    if status < 0 and hasattr(signal, "SIGKILL"):
        signal.signal(-status, signal.SIG_DFL) if -status not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -status)
    os._exit(status or 1)
