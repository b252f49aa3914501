"""Build the applications of one file of tests as pytest and unittest do before each test; no test is run, nothing is torn down.

Fixtures (those of the conftest.py files above it included), `setUpClass`, `setUp`, `create_app` of Flask-Testing, `setup_method`,
`setup_module`, functions that need no argument and make an application, and the calls of the factory that the tests have.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import inspect
import os
import sys
import types
import unittest
import unittest.mock
from typing import TYPE_CHECKING, Any

from .application import prepare_environment
from .observed_apps import applications, because, facts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import ModuleType

    from flask import Flask

    from ..base.record import Record
    from ..base.types import Facts
    from .types import Session


OF_PYTEST = {"request", "monkeypatch", "tmp_path", "tmpdir", "tmp_path_factory"}
MOST_FIXTURES, MOST_CASES, MOST_VALUES = 16, 12, 4


class NotBuilt(Exception):
    """Something that a fixture needs is not there."""


def import_file(root: str, path: str) -> ModuleType:
    """The module of a file: the one that is loaded, else by the name that it has below the folder that is no package."""
    full = os.path.realpath(os.path.join(root, path))
    for module in list(sys.modules.values()):
        name = getattr(module, "__file__", None)
        if isinstance(name, str) and name.endswith(os.path.basename(full)) and os.path.realpath(name) == full:
            return module
    folder, parts = os.path.dirname(full), [os.path.splitext(os.path.basename(full))[0]]
    while os.path.isfile(os.path.join(folder, "__init__.py")) and folder.startswith(os.path.realpath(root)):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    dotted = ".".join(parts)
    module = importlib.import_module(dotted)
    if os.path.realpath(getattr(module, "__file__", None) or "") == full:
        return module
    specification: Any = importlib.util.spec_from_file_location("_of_tests_%d" % len(sys.modules), full)
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


def plug_in(module: ModuleType) -> None:
    """Import the plugins that a conftest.py names, and let it configure pytest as far as it can without one."""
    plugins = getattr(module, "pytest_plugins", ())
    for name in [plugins] if isinstance(plugins, str) else plugins:
        with contextlib.suppress(ImportError):  # one of pytest's own, or one that is not installed
            importlib.import_module(name)
    configure = getattr(module, "pytest_configure", None)
    if callable(configure):
        with contextlib.suppress(Exception):  # it is given no pytest
            configure(unittest.mock.MagicMock())


class TestFile:
    """One file of tests: `given` has its `path`, the `conftests` above it, and the `calls` of the factory that it has."""

    __test__ = False  # for pytest, which takes every class of this name for tests

    def __init__(self, session: Session, given: Mapping[str, Any]) -> None:
        self._session, self._given, self._path = session, given, given["path"]
        self._built: list[Facts]
        self._unbuilt: list[list[str]]
        self._built, self._unbuilt = [], []

    def build(self) -> dict[str, list[Any]]:
        """What was built, and what could not be."""
        prepare_environment(self._session.request)
        for folder in {self._session.request.folder or "src", "src"}:  # pytest's `pythonpath`, or an installed project
            sys.path.append(os.path.join(self._session.root, folder))
        fixtures = Fixtures()
        fixtures.install()
        for path in self._given["conftests"]:
            plug_in(import_file(self._session.root, path))
        fixtures.own = True
        try:
            module = import_file(self._session.root, self._path)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it may have built its application by then
            if not self._note(self._path, locals_of(error, self._session.record)):
                raise
            return {"built": self._built, "unbuilt": self._unbuilt}
        fixtures.own = False
        plug_in(module)
        for name in ("setUpModule", "setup_module"):
            step = getattr(module, name, None)
            if callable(step):
                self._try(name, lambda step=step: with_arguments(step, module), vars(module).values)
        for name in fixtures.owned[:MOST_FIXTURES]:
            is_told = fixtures.may_make(name, self._session.request.app.name)
            for number in range(min(len(fixtures.values_of(name)), MOST_VALUES)):
                self._try(name, lambda name=name, number=number: fixtures.value(name, number), lambda: (), is_told=is_told)
        for case in cases(module)[:MOST_CASES]:
            self._case(case)
        for function in makers(module, self._session.request.app.name)[:MOST_CASES]:
            if not fixtures.has(function):
                self._try(function.__name__, function, lambda: ())
        for text in self._given["calls"]:
            self._try(text, lambda text=text: call(module, text), lambda: ())
        if not self._built:
            self._note(self._path, list(vars(module).values()))
        return {"built": self._built, "unbuilt": self._unbuilt}

    def _case(self, case: type[Any]) -> None:
        held = [vars(case)]

        def run() -> None:
            is_unittest = issubclass(case, unittest.TestCase)
            test = case("__str__") if is_unittest else case()
            held.append(vars(test))
            names = ("setUpClass", "_pre_setup", "setUp") if is_unittest else ("setup_class", "setup_method", "setup")
            for name in names:
                with_arguments(getattr(test, name, None))

        self._try(case.__name__, run, lambda: [value for values in held for value in values.values()])

    def _try(self, name: str, function: Callable[..., object], held: Callable[[], Iterable[object]], is_told: bool = True) -> None:
        """Run something that builds applications, and note those that it gives, holds or was about to give.

        `is_told` is whether it says something of tests that it could not be built.
        """
        label = "%s: %s" % (self._path, name)
        values, why = [], ""
        try:
            values.append(function())
        except (Exception, SystemExit) as error:  # noqa: BLE001 - what it has built by then tells what is asked
            values += locals_of(error, self._session.record)
            why = because(error)
        if not self._note(label, [*values, *held(), *current()]) and why and is_told:
            self._unbuilt.append([label, why])

    def _note(self, label: str, values: Iterable[object]) -> bool:
        found = facts_of(values, label, self._session.request.token, self._path)
        self._built += found
        return bool(found)


class Fixtures:
    """The fixtures that the imported files define, and their values, each made once."""

    def __init__(self) -> None:
        self._functions: dict[str, tuple[types.FunctionType, list[object]]]
        self._values: dict[tuple[str, int] | tuple[str, int, str], object]
        self.owned: list[str]
        self._functions, self._values = {}, {}
        self.owned, self.own = [], False  # the names of those in the file that is built; whether that is imported now

    def install(self) -> None:
        """Let `pytest.fixture` give the function itself, which is noted here; a stand-in where pytest is not installed."""
        try:
            import pytest
        except ImportError:
            pytest = sys.modules["pytest"] = unittest.mock.MagicMock()
        pytest.fixture = self.fixture
        if hasattr(pytest, "yield_fixture"):
            pytest.yield_fixture = self.fixture

    def fixture(self, *args: object, **kwargs: Any) -> Any:
        """As `pytest.fixture`, with and without arguments."""
        if len(args) == 1 and inspect.isfunction(args[0]) and not kwargs:
            return self._add(args[0], {})
        return lambda function: self._add(function, kwargs)

    def _add(self, function: types.FunctionType, options: Mapping[str, Any]) -> types.FunctionType:
        name = options.get("name") or function.__name__
        self._functions[name] = (function, list(options.get("params") or [None]))
        if self.own and not is_method(function):
            self.owned.append(name)
        return function

    def has(self, function: object) -> bool:
        """Whether a function is a fixture."""
        return any(one is function for one, _ in self._functions.values())

    def may_make(self, name: str, factory: str) -> bool:
        """Whether a fixture itself, or a function that it calls, has to do with making an application, or it is given what the
        project does not make; the others are given an application by a fixture that is looked at itself.
        """
        function = self._functions[name][0]
        given = set(inspect.signature(function).parameters) - set(self._functions) - OF_PYTEST
        return bool(given) or mentions(function, made_with(factory), 3)

    def values_of(self, name: str) -> list[object]:
        """The parameters of a fixture; one None where it has none."""
        return self._functions[name][1]

    def value(self, name: str, number: int = 0) -> object:
        """The value of a fixture, with the parameter of this number."""
        if (name, number) in self._values:
            return self._values[name, number]
        if name not in self._functions:
            return self._of_pytest(name)
        function, parameters = self._functions[name]
        self._values[name, number] = None  # one that asks for itself
        wanted = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
        given = {one.name: self._request(parameters[number]) if one.name == "request" else self.value(one.name) for one in wanted}
        made = function(**given)
        if inspect.isgenerator(made):
            self._values[name, number, "generator"] = made  # or it would be closed, which tears down
            made = next(made)
        self._values[name, number] = made
        return made

    def _request(self, parameter: object) -> types.SimpleNamespace:
        config = types.SimpleNamespace(getoption=lambda *args, **kwargs: None, getini=lambda *args: None)
        return types.SimpleNamespace(
            param=parameter,
            config=config,
            cls=None,
            addfinalizer=lambda function: None,
            getfixturevalue=self.value,
            node=types.SimpleNamespace(get_closest_marker=lambda *args: None),
        )

    def _of_pytest(self, name: str) -> object:
        import pathlib
        import tempfile

        if name == "monkeypatch":
            from _pytest.monkeypatch import MonkeyPatch

            return MonkeyPatch()
        if name in ("tmp_path", "tmpdir"):
            return pathlib.Path(tempfile.mkdtemp())
        if name == "tmp_path_factory":
            return types.SimpleNamespace(mktemp=lambda *args, **kwargs: pathlib.Path(tempfile.mkdtemp()))
        raise NotBuilt("the fixture %s is not one of the project's" % name)


def is_method(function: types.FunctionType) -> bool:
    """Whether a function is made inside a class."""
    return "." in function.__qualname__.replace("<locals>.", "")


def cases(module: ModuleType) -> list[type[Any]]:
    """The classes of tests in a module, one for each way to set up."""
    found: dict[Any, Any] = {}
    for name, case in list(vars(module).items()):
        if not isinstance(case, type) or case.__module__ != module.__name__:
            continue
        is_unittest = issubclass(case, unittest.TestCase)
        if is_unittest or (name.startswith("Test") and "__init__" not in vars(case)):
            ways = ("setUpClass", "setUp", "create_app", "setup_method", "setup_class")
            key = tuple(getattr(getattr(case, way, None), "__func__", getattr(case, way, None)) for way in ways)
            found.setdefault(key, case)
    return list(found.values())


def makers(module: ModuleType, factory: str) -> list[types.FunctionType]:
    """The functions of a module that need no argument, are no tests, and have to do with making an application."""
    found = []
    for name, function in list(vars(module).items()):
        if not inspect.isfunction(function) or function.__module__ != module.__name__ or name.startswith(("test", "pytest_")):
            continue
        needed = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
        if not needed and mentions(function, made_with(factory)):
            found.append(function)
    return found


def made_with(factory: str) -> set[str]:
    """The names that a function speaks of where it has to do with making an application."""
    return {factory.rpartition(".")[2], "Flask", "create_app", "init_app"}


def mentions(function: types.FunctionType, names: set[str], depth: int = 0) -> bool:
    """Whether a function uses one of the names, or a function does that it calls, as far down as `depth`."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None or names.intersection(code.co_names):
        return True
    called = [inspect.unwrap(function).__globals__.get(name) for name in code.co_names] if depth else ()
    return any(inspect.isfunction(one) and mentions(one, names, depth - 1) for one in called)


def with_arguments(step: object, given: object = None) -> None:
    """Call a step of setting up, if there is one, with `given` for what it asks for (`method` of `setup_method`)."""
    if callable(step):
        needed = [one for one in inspect.signature(step).parameters.values() if one.default is one.empty]
        step(*[given for one in needed if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)])


def call(module: ModuleType, text: str) -> object:
    """A call of the factory as the tests have it; its names are those of their module."""
    tree = ast.parse(text, mode="eval")
    return eval(compile(tree, "<a call in the tests>", "eval"), dict(vars(module)))


def locals_of(error: BaseException, record: Record) -> list[object]:
    """The local variables of the project's functions that were running when `error` was raised."""
    values, trace = [], error.__traceback__
    while trace is not None:
        if record.is_project(trace.tb_frame.f_code.co_filename):
            values += [value for value in trace.tb_frame.f_locals.values() if applications(value)]
        trace = trace.tb_next
    return values


def current() -> list[Flask]:
    """The application whose context is pushed, if one is."""
    from flask import current_app

    with contextlib.suppress(RuntimeError):
        return [current_app._get_current_object()]  # type: ignore[attr-defined]  # a proxy's own method
    return []
