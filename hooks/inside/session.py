"""One session from the request to the last event; every way out passes `cleanup`, which leaves no scratch database behind."""

from __future__ import annotations

import os
import signal
import threading
import traceback

from . import guards
from .connections import Connections
from .guard_files import Files
from .overlay import Overlay
from .record import Record
from .stop import Stop
from .turns import Turn
from .warm_up import warm_up

CLEANUP_SECONDS = 10


class Session:
    """The request, what guards it, and what has to be taken away at the end."""

    def __init__(self, pipe, request):
        self.pipe, self.request = pipe, request
        self.root = os.path.realpath(request["root"])
        self.overlay = Overlay(self.root, request["overlay"])
        self.files = Files(self.root)
        self.record = Record(self.root, self.overlay)
        self.policy = Connections(self.record, request["load_on"], self.make_scratch)
        self.leave = os._exit
        self._scratches, self._background = [], []
        self._lock = threading.RLock()
        self._is_leaving = False
        self._empty_url = os.environ.get("EMPTY_DATABASE_URL")
        self._turn = Turn(self._empty_url or "")

    def adopt(self, name):
        """A module of the project's `migrations/adopt/`, under a private name."""
        import importlib
        import sys

        package = __package__ + "_adopt"
        if package not in sys.modules:
            sys.modules["__main__"].load_package(package, os.path.join(self.root, "migrations", "adopt"))
        return importlib.import_module(package + "." + name)

    def make_scratch(self, url):
        """An empty database beside `url`, dropped at the end; gives its SQLAlchemy URL."""
        return self.new_scratch(url).url

    def new_scratch(self, url, **more):
        """The same, as the object of `migrations/adopt/scratch.py`."""
        scratch = self.adopt("scratch")
        if self._empty_url:
            self._turn.wait()
        with self.policy.permitted():
            made = scratch.create_scratch(url, purpose=self.request["purpose"], empty_database_url=self._empty_url, **more)
        with self._lock:
            self._scratches.append(made)
        return made

    def end_loading(self, databases):
        """Let go of the scratch database that the app was loaded on, where the same one is needed for the baseline."""
        if self._empty_url and self._scratches:
            for database in databases:
                database.db.session.remove()
                database.engine.dispose()
            self.drop_scratches()

    def in_background(self, function, *args, **kwargs):
        """Start `function` in a thread; the result is a function that waits for its result, or raises what it raised."""
        outcome = {}

        def run():
            try:
                outcome["result"] = function(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
                outcome["error"] = error

        thread = threading.Thread(target=run, name="retrofit-background", daemon=True)
        with self._lock:
            thread.start()
            self._background.append(thread)

        def result():
            thread.join()
            if "error" in outcome:
                raise outcome["error"]
            return outcome["result"]

        return result

    def drop_scratches(self):
        """Drop every scratch database of this session; a second call, also from another thread, waits for the first."""
        with self._lock:
            background = list(self._background)
        for thread in background:
            if thread is not threading.current_thread():
                thread.join()  # it may be making one
        with self._lock, self.policy.permitted():
            while self._scratches:
                self._scratches.pop().drop()
            self._turn.end()

    def cleanup(self):
        """Take away what this session made. Safe to call from another thread while the project hangs."""
        self._is_leaving = True
        self.drop_scratches()
        self.policy.close()
        self.files.restore()

    def interrupted(self, *_):
        """A signal: leave at once, unless leaving has begun."""
        if not self._is_leaving:
            self.abandon()

    def abandon(self):
        """The caller has gone or wants us gone: clean up within a time limit, and leave."""
        limit = threading.Timer(CLEANUP_SECONDS, self.leave, [1])
        limit.daemon = True
        limit.start()
        try:
            self.cleanup()
        except BaseException:  # noqa: BLE001 - the next run of this project drops what could not be dropped here
            traceback.print_exc()
        self.leave(1)


def run(pipe):
    """Serve one request; returns the exit status."""
    warm_up()
    request = pipe.read()
    if request is None:
        return 1
    os.chdir(request["root"])
    session = Session(pipe, request)
    pipe.on_close = session.abandon
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, session.interrupted)
    status = 0
    try:
        serve(session)
    except Stop as stop:
        pipe.emit("error", private=stop.private, reason=stop.reason, **stop.facts)
    except BaseException as error:  # noqa: BLE001 - a mistake of ours: the caller shows it as such, and cleans up all the same
        traceback.print_exc()
        pipe.emit("error", reason="unexpected", exception="%s: %s" % (type(error).__name__, error), where=where(error))
        status = 1
    try:
        session.cleanup()
    except Exception as error:  # noqa: BLE001 - all that matters has been said; the next run tries again to drop it
        traceback.print_exc()
        pipe.emit("left-behind", exception="%s: %s" % (type(error).__name__, error))
    pipe.emit("done")
    return status


def serve(session):
    """Install what the project must run behind, then do what the request's mode says."""
    session.overlay.install()
    session.files.install()
    session.leave = guards.install(session.record, session.policy, session.request["create_all"] == "run")
    if session.request["mode"] == "rehearse":
        from .rehearse import rehearse

        rehearse(session)
    elif session.request["mode"] == "takeover":
        from .takeover import takeover

        takeover(session)
    else:
        from .retrofit import retrofit

        retrofit(session)


def where(error):
    """The last frame, for a bug report."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return "%s:%d" % (os.path.basename(frame.filename), frame.lineno)
