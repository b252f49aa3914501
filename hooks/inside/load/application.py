"""Load the app as `flask --app` does.

An exception of the project's is not ours: it becomes the facts of a `Stop`, with the last line of the project that it passed.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import importlib.util
import inspect
import os
import sys
from typing import TYPE_CHECKING, Any

from ..base.redaction import redaction
from ..base.stop import Stop
from .causes import stop_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import ModuleType

    from flask import Flask

    from ..base.messages import Request, RequestedApp
    from .types import Session


def load_app(request: Request, session: Session) -> Flask:
    """The Flask object that the request names.

    Raises:
        Stop: it cannot be imported, called or found; or it is no Flask application.
    """
    prepare_environment(request)
    if request.folder and not is_importable(request.app.module.partition(".")[0]):
        sys.path.insert(0, os.path.join(request.root, request.folder))  # as flask does for FLASK_APP=src/shop
    with as_stops(session):
        return with_secrets_known(require_flask(find_named(request.app), request.app))


def is_importable(name: str) -> bool:
    """Whether a module or package of this name is found; a folder without `__init__.py` hides nothing that is called like it."""
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None


def load_as_flask(request: Request, session: Session) -> Flask:
    """The Flask object that a plain `flask` finds: by FLASK_APP, in wsgi.py or in app.py.

    Raises:
        Stop: it finds none, or none that can be loaded.
    """
    prepare_environment(request)
    import flask.cli

    with as_stops(session):
        try:
            return with_secrets_known(flask.cli.ScriptInfo(os.environ.get("FLASK_APP")).load_app())
        except flask.cli.NoAppException as error:  # flask puts a whole traceback into its message
            if isinstance(error.__context__, ImportError):
                raise error.__context__ from None
            raise


def with_secrets_known(app: Flask) -> Flask:
    """`app`; what its configuration and the environment call a secret is not printed from here on."""
    redaction.learn_mapping(app.config)
    redaction.learn_mapping(os.environ)
    return app


def find_named(wanted: RequestedApp) -> Any:
    """Whatever is called `wanted.name`, the factory called, the wrapper opened."""
    module = importlib.import_module(wanted.module)
    found: Any = functools.reduce(getattr, wanted.name.split("."), module)
    if wanted.kind == "factory":
        found = call_factory(found, wanted.arguments, module)
    if wanted.inner:
        found = functools.reduce(getattr, wanted.inner.split("."), found)
    return found


@contextlib.contextmanager
def as_stops(session: Session) -> Iterator[None]:
    """Make a `Stop` of whatever the project's code raises, and of a `drop_all()`: it is a fact about the project."""
    try:
        yield
        require_no_drop(session)
        require_tables_to_reflect(session)
    except Stop:
        raise
    except (Exception, SystemExit) as error:
        require_no_drop(session)
        require_own_databases(session)
        stop = stop_for(error, session.record)
        stop.failed.asked = session.policy.has_asked
        raise stop from error


def require_no_drop(session: Session) -> None:
    """An app that drops its tables whenever it is loaded would do so under each `flask db` command, and nothing makes them again.

    Raises:
        Stop: it has called `drop_all()`, which did nothing here.
    """
    if session.record.drop_all_calls:
        raise Stop("app-drops-tables-while-loading", **session.record.drop_all_calls[0])


def require_own_databases(session: Session) -> None:
    """A schema of MySQL or SQLite is another database, which is none of the play databases: that is why loading failed.

    Raises:
        Stop: models name one.
    """
    for db, app in session.attached.pairs:
        metadatas = getattr(db, "metadatas", None) or {None: db.metadata}
        for key, url in session.attached.urls_of(db, app):
            tables = metadatas[key].tables.values() if key in metadatas else ()
            elsewhere = sorted(table.fullname for table in tables if table.schema)
            if elsewhere and url.get_backend_name() != "postgresql":
                raise Stop("schemas-unsupported", tables=elsewhere, dialect=url.get_backend_name(), keys=[key])


def require_tables_to_reflect(session: Session) -> None:
    """An app that makes tables of what it finds in its database finds none in an empty one, and says nothing.

    Raises:
        Stop: it did that on a play database without tables.
    """
    if session.record.reflect_calls and session.load_on == "play" and session.request.mode == "retrofit":
        raise Stop("app-queries-while-loading", asked=True, **session.record.reflect_calls[0])


def prepare_environment(request: Request) -> None:
    """What the `flask` command does before it imports the app."""
    os.environ["FLASK_RUN_FROM_CLI"] = "true"  # app.run() at module level is ignored
    sys.argv[:] = ["flask", "db", "migrate"]
    import flask.cli

    if hasattr(flask.cli, "load_dotenv") and not os.environ.get("FLASK_SKIP_DOTENV"):
        flask.cli.load_dotenv()
    if request.flask_app:
        os.environ.setdefault("FLASK_APP", request.flask_app)


def call_factory(factory: Callable[..., Any], arguments: str, module: ModuleType) -> Any:
    """Call the factory with the argument text; literals as `flask` allows, and names that the factory's module knows."""
    tree: Any = ast.parse("f(%s)" % arguments, mode="eval").body

    def value(node: ast.expr) -> object:
        try:
            return ast.literal_eval(node)
        except ValueError:
            return eval(compile(ast.Expression(node), "<arguments of the factory>", "eval"), dict(vars(module)))

    positional = [value(node) for node in tree.args]
    keywords = {keyword.arg: value(keyword.value) for keyword in tree.keywords}
    if takes_script_info(factory, positional, keywords):
        import flask.cli

        keywords["script_info"] = flask.cli.ScriptInfo()
    return factory(*positional, **keywords)


def takes_script_info(factory: Callable[..., Any], positional: Sequence[object], keywords: Mapping[str | None, object]) -> bool:
    """Whether Flask before 2.1 would pass its ScriptInfo to this factory."""
    try:
        parameter = inspect.signature(factory).parameters.get("script_info")
    except (TypeError, ValueError):
        return False
    return parameter is not None and parameter.default is parameter.empty and not positional and "script_info" not in keywords


def require_flask(found: object, wanted: RequestedApp) -> Flask:
    """`found`, or the Flask object in it: some factories return it in a tuple, wrappers hold it as `app` or `server`."""
    from flask import Flask

    candidates = [found]
    if isinstance(found, tuple):
        candidates += list(found)
    candidates += [getattr(found, name, None) for name in ("app", "server", "flask_app")]
    for candidate in candidates:
        if isinstance(candidate, Flask):
            return candidate
    raise Stop("not-a-flask-app", app="%s:%s" % (wanted.module, wanted.name), type=type(found).__name__)
