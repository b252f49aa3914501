"""One session from the request to the last event; every way out passes `cleanup`, which leaves no scratch database behind."""

from __future__ import annotations

import os
import signal
import threading
import traceback

from . import guards
from .attached import Attached
from .connections import Connections
from .overlay import Overlay
from .record import Record
from .redaction import share_with
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
        self.files = self.adopt("file_mirror").Files(self.root)
        self.record = Record(self.root, self.overlay)
        self.attached = Attached(lambda *urls: self.adopt("urls").same_database(*urls))
        self.policy = Connections(self.record, request["load_on"], self.make_scratch, self.attached, self.adopt)
        watch = self.adopt("lock_watch")
        watch.permitted, watch.say = self.policy.permitted, lambda line: self.pipe.emit("waiting", line=line)
        self.leave = os._exit
        self._scratches, self._background = [], []
        self._lock = threading.RLock()
        self._is_leaving = False
        given = {name: url for name, url in os.environ.items() if name.startswith("EMPTY_DATABASE_URL") and url}
        self._turn = Turn(given.values())

    def adopt(self, name):
        """A module of the template's package adopt/, under a private name; `name` leaves out the package that it is in."""
        import importlib
        import sys

        package, folder = __package__ + "_adopt", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "adopt")
        if package not in sys.modules:
            sys.modules["__main__"].load_package(package, os.path.normpath(folder))
            share_with(package)
        first = name.partition(".")[0]
        for inner in os.listdir(folder):
            if {first, first + ".py"} & set(os.listdir(os.path.join(folder, inner)) if "." not in inner else ()):
                return importlib.import_module(".".join((package, inner, name)))
        return importlib.import_module(package + "." + name)

    def make_scratch(self, url, bind):
        """An empty database beside `url`, dropped at the end; gives its SQLAlchemy URL. `bind` is None for the default one."""
        name = "" if bind is None else self.adopt("targets").function_name(bind)
        return self.new_scratch(url, name).url

    def new_scratch(self, url, name="", **more):
        """The same, as the object of `migrations/adopt/scratch.py`; `name` is the database's."""
        scratch = self.adopt("scratch")
        given = os.environ.get(scratch.empty_url_variable(name))
        if given:
            self._turn.wait()
        with self.policy.permitted():
            made = scratch.create_scratch(url, purpose=self.request["purpose"], empty_database_url=given, **more)
        with self._lock:
            self._scratches.append(made)
        return made

    def end_loading(self, db):
        """Let go of the scratch databases that the app was loaded on, where the same ones are needed for the baseline."""
        if self._turn.is_needed and self._scratches:
            db.session.remove()
            for _, engine in self.attached.engines():
                engine.dispose()
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
    may_create = session.request["create_all"] == "run"
    session.leave = guards.install(session.record, session.policy, session.attached, may_create)
    if session.request["mode"] == "rehearse":
        from .rehearse import rehearse

        rehearse(session)
    elif session.request["mode"] == "for-tests":
        from .configurations_for_tests import look

        look(session)
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
