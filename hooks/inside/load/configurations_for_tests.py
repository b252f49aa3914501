"""Which URL do the configurations for tests have when the variable is set? Each is built, in a child process of its own.

The variable holds a URL that leads nowhere and that nothing else spells: where it turns up in a configuration, that configuration
follows. Every configuration class, mapping and settings module is looked at, and the application is built as the tests build it:
by their fixtures, by `setUp`, with the arguments that they give its factory, with the variables that are set for them. No server is
connected to; an SQLite file is an empty one of the child's own. What cannot be built is named, and nothing is claimed of it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import select
import signal
import sys
import tempfile
import time
import traceback
from typing import TYPE_CHECKING, Any

from ..base.messages import BuiltForTests
from ..guard import out_of_reach
from ..guard.own_mirror import own_mirror
from .application import load_app
from .observed_apps import because, facts_of
from .test_files import TestFile, import_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import ModuleType

    from ..base.types import Facts
    from .types import Answer, Session, Values


KEY, BINDS, TESTING = "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_BINDS", "TESTING"
SECONDS_EACH, SECONDS_ALL, SECONDS_PAUSE = 10, 40, 0.01
FACTORY_WORDS = {"testing": True, "test": True}
CHOOSING = re.compile(r"(config|env|environment|mode|settings|name|stage|profile)", re.IGNORECASE)


def look(session: Session) -> None:
    """Emit "for-tests": `built` are the configurations with what was seen, `failed` those that could not be built, and why."""
    found = Found()
    began = time.time()
    if not hasattr(os, "fork"):
        found.failed.append(["", "this system has no os.fork()"])
    for build in builds(session) if hasattr(os, "fork") else ():
        left = SECONDS_ALL - (time.time() - began)
        found.add(build.label, in_child(session, build, min(SECONDS_EACH, left)) if left > 0 else {"failed": "no time was left"})
    session.pipe.emit(BuiltForTests(found.built, found.failed))


class Found:
    """What the children have answered, each configuration once."""

    def __init__(self) -> None:
        self.built: list[Facts]
        self.failed: list[list[str]]
        self._known: set[tuple[str, str]]
        self.built, self.failed, self._known = [], [], set()

    def add(self, label: str, answer: Answer) -> None:
        """Note what one child has answered."""
        for one in answer.get("built", ()):
            key = (one["kind"], one["name"])
            if key not in self._known:
                self._known.add(key)
                self.built.append(one)
        for name, why in answer.get("unbuilt", ()):
            self.failed.append([name, why])
        if "failed" in answer:
            self.failed.append([label, answer["failed"]])


class Build:
    """One thing to build: `run(session)` gives {"built": [...], "unbuilt": [[name, why]]}."""

    def __init__(self, label: str, run: Callable[[], Answer], environ: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self.label, self.run, self.environ = label, run, dict(environ)


def builds(session: Session) -> Iterator[Build]:
    """All that is to be built, the cheapest first."""
    request = session.request
    yield Build("the application with its configuration for tests", lambda: configurations(session))
    for name, value in request.environments:
        label = "%s=%s" % (name, value)
        yield Build(label, lambda label=label: by_environment(session, label), {name: value})  # type: ignore[misc]  # its default is the loop's
    for one in request.test_files:
        yield Build(one["path"], TestFile(session, one).build)


def in_child(session: Session, build: Build, seconds: float) -> Answer:
    """What a child process answers that does one build; it leaves nothing behind and is ended after `seconds`."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        status = 1
        try:
            os.setsid()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            with alone(session, build.environ):
                answer = answer_of(build)
            with os.fdopen(writer, "w", encoding="utf-8") as file:
                json.dump(answer, file, default=str)
            status = 0
        finally:
            session.leave(status)
    os.close(writer)
    text = read_until(reader, time.time() + seconds)
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    if text is None:
        return {"failed": "it took longer than %d s" % seconds}
    return json.loads(text) if text else {"failed": "the process that built it ended"}


def answer_of(build: Build) -> Answer:
    """What a build gives; what it raises is a reason why it could not be built."""
    try:
        return build.run()
    except (Exception, SystemExit) as error:  # noqa: BLE001
        traceback.print_exc()
        return {"failed": because(error)}


def read_until(descriptor: int, end: float) -> str | None:
    """All that arrives before the other side is closed; None where that takes longer than until `end`."""
    pieces: list[bytes] = []
    try:
        while True:
            if not select.select([descriptor], [], [], max(0, end - time.time()))[0]:
                return None
            piece = os.read(descriptor, 65536)
            if not piece:
                return b"".join(pieces).decode("utf-8")
            pieces.append(piece)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def alone(session: Session, environ: Mapping[str, str]) -> Iterator[None]:
    """In a child: the variables of this build, connections that lead nowhere, and files that are taken away at the end.

    Where the kernel can, it refuses every TCP connection (a suite that empties a Redis) and every file elsewhere. Nothing is waited
    for: an application that tries again to reach its server, and pauses in between, would use up the time.
    """
    request = session.request
    os.environ.update(environ)
    os.environ[request.variable] = request.probe_url
    pause, time.sleep = time.sleep, lambda seconds: pause(min(seconds, SECONDS_PAUSE))  # type: ignore[type-var]  # a number
    with own_mirror(session.files):
        landlock = session.adopt("landlock")
        landlock.restrict([tempfile.gettempdir()])
        out_of_reach.refuse(landlock, "all")
        with tempfile.TemporaryDirectory(prefix="for-tests-") as folder:
            session.policy.lead_nowhere(folder)
            yield


# -- the application itself


def configurations(session: Session) -> Answer:
    """The classes, mappings and settings modules that configure, then the application with arguments that ask for tests."""
    built: list[Facts]
    unbuilt: list[list[str]]
    built, unbuilt, loads = [], [], True
    try:
        load_app(session.request, session)
    except Exception:  # noqa: BLE001 - the proof says why; the configurations can be looked at all the same
        loads = False
    for path in session.request.modules:
        try:
            built += [one for one in holders(session, import_file(session.root, path), path) if one["testing"]]
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a script that needs arguments, a platform or a package
            unbuilt.append([path, because(error)])
    if loads and session.request.app.kind == "factory":
        built += by_guess(session)
    return {"built": built, "unbuilt": unbuilt}


def by_environment(session: Session, label: str) -> Answer:
    """The application as it is with a variable that the tests set; nothing where that is no configuration for tests."""
    try:
        app = load_app(session.request, session)
    except Exception:  # noqa: BLE001 - a value that the application does not know
        return {}
    return {"built": [one for one in facts_of([app], label, session.request.token) if one["testing"]]}


def by_guess(session: Session) -> list[Facts]:
    """The application from its factory with arguments that ask for tests by their names, as far as it takes them."""
    import inspect

    from .application import find_named

    built: list[Facts]
    values: list[object]
    app, built = session.request.app, []
    factory = find_named(dataclasses.replace(app, kind="object", inner=""))
    try:
        parameters = list(inspect.signature(factory).parameters.values())
    except (TypeError, ValueError):
        return built
    for parameter in parameters:
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            continue
        values = []
        if parameter.name in FACTORY_WORDS or (isinstance(parameter.default, bool) and "test" in parameter.name):
            values = [True]
        elif CHOOSING.search(parameter.name) and (
            parameter.default is parameter.empty or isinstance(parameter.default, (str, type(None)))
        ):
            values = ["testing", "test"]
        for value in values:
            try:
                made = factory(**{parameter.name: value})
            except Exception:  # noqa: BLE001 - it does not know the value
                continue
            label = "%s(%s=%r)" % (app.name, parameter.name, value)
            built += [one for one in facts_of([made], label, session.request.token) if one["testing"]]
    return built


# -- what holds a configuration


def holders(session: Session, module: ModuleType, path: str) -> list[Facts]:
    """Facts of everything in a module that configures: itself, classes, objects, mappings, and what mappings hold."""
    found = [fact(session, "module", module.__name__, path, vars(module))]
    for name, value in list(vars(module).items()):
        found += of_value(session, module, path, name, value, 2)
    return [one for one in found if one is not None]


def of_value(session: Session, module: ModuleType, path: str, name: str, value: object, depth: int) -> list[Facts | None]:
    """Facts of one value of a module, and of the values of a mapping."""
    spec = "%s:%s" % (module.__name__, name)
    if isinstance(value, type):
        if value.__module__ == module.__name__:
            return [class_fact(session, value, path)]
        return []
    if isinstance(value, dict):
        found = [fact(session, "mapping", spec, path, value)]
        if depth:
            for key, one in list(value.items()):
                if isinstance(one, dict):
                    found += of_value(session, module, path, "%s[%r]" % (name, key), one, depth - 1)
                elif not isinstance(one, type) and type(one).__module__ == module.__name__:
                    found += of_value(session, module, path, "%s[%r]" % (name, key), one, 0)
        return found
    if type(value).__module__ == module.__name__ and not callable(value):
        return [fact(session, "object", spec, path, Attributes(value), type(value))]
    return []


def class_fact(session: Session, owner: type[Any], path: str) -> Facts | None:
    """The fact of a class; what only its objects have (a property, a field of pydantic's) is read from one."""
    if not any(hasattr(owner, name) or name in annotations(owner) for name in (TESTING, KEY)):  # type: ignore[operator]  # the function below
        return None
    return fact(session, "class", "%s:%s" % (owner.__module__, owner.__qualname__), path, Attributes(owner), owner)


def annotations(owner: type[Any]) -> set[str]:  # type: ignore[no-redef]  # the word above is none of a value
    """The names that a class or one of its bases annotates."""
    return {name for base in owner.__mro__ for name in own_annotations(base)}


def own_annotations(base: type[Any]) -> Mapping[str, object]:
    """What a class itself annotates; Python 3.14 makes that when it is asked for."""
    found = base.__dict__.get("__annotations__")
    if not isinstance(found, dict) and sys.version_info >= (3, 14):
        found = getattr(base, "__annotations__", None)
    return found if isinstance(found, dict) else {}


class Attributes:
    """`get` for the attributes of a class or an object."""

    def __init__(self, owner: Any) -> None:
        self._owner, self._made = owner, None

    def get(self, name: str) -> Any:
        """The value, of an object where the class does not have it; None where there is none."""
        value = getattr(self._owner, name, None)
        if isinstance(self._owner, type) and not isinstance(value, (str, bool, int, dict)):
            value = getattr(self.made, name, value)
        return value

    @property
    def made(self) -> Any:
        """An object of the class, made once; the class itself where it takes arguments."""
        if self._made is None:
            try:
                self._made = self._owner()
            except Exception:  # noqa: BLE001 - then only the class can be asked
                self._made = self._owner
        return self._made


def fact(session: Session, kind: str, name: str, path: str, values: Values, owner: Any = None) -> Facts | None:
    """What is seen of one configuration; None where it is none, or cannot be asked."""
    try:
        url, testing, binds = values.get(KEY), values.get(TESTING), values.get(BINDS)
    except Exception:  # noqa: BLE001 - a property that needs the application
        return None
    if url is None and binds is None:
        return None
    token = session.request.token
    found = {"kind": kind, "name": name, "path": path, "testing": isinstance(testing, (bool, int, str)) and bool(testing)}
    found["follows"] = token in str(url) or token in str(binds)
    base = giving(owner) if owner is not None else None
    if base is not None:
        found["classes"] = [[place(session, owner), place(session, base)]]
    return found


def place(session: Session, owner: type[Any]) -> list[str]:
    """(file below the root, name) of a class."""
    name = getattr(sys.modules.get(owner.__module__), "__file__", None) or ""
    return [os.path.relpath(os.path.realpath(name), session.root).replace(os.sep, "/"), owner.__qualname__]


def giving(owner: type[Any]) -> type[Any] | None:
    """The class that gives `owner` its URL: itself or one of its bases; None where none does."""
    return next((base for base in owner.__mro__ if KEY in base.__dict__ or KEY in own_annotations(base)), None)
