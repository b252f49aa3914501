"""The classes outside the project that make something what it is, under every name their packages gave them."""

from __future__ import annotations

from hooks.detect.index import Index, Ref

FLASK = frozenset(
    {
        "flask.Flask",
        "flask.app.Flask",
        "apiflask.APIFlask",
        "apiflask.app.APIFlask",
        "flask_api.FlaskAPI",
        "flask_openapi3.OpenAPI",
        "eve.Eve",
    }
)
# What holds a Flask object, and the attribute that it is.
WRAPPERS = {
    "connexion.App": "app",
    "connexion.FlaskApp": "app",
    "connexion.apps.flask_app.FlaskApp": "app",
    "connexion.apps.flask.FlaskApp": "app",
    "dash.Dash": "server",
    "jupyter_dash.JupyterDash": "server",
}
WRAPPER_CLASSES = frozenset(WRAPPERS)
SQLALCHEMY = frozenset(
    {
        "flask_sqlalchemy.SQLAlchemy",
        "flask_sqlalchemy.extension.SQLAlchemy",
        "flask_appbuilder.SQLA",
        "flask_appbuilder.models.sqla.base.SQLA",
        "flask_appbuilder.models.sqla.SQLA",
    }
)
APPBUILDER_MODEL = frozenset({"flask_appbuilder.Model", "flask_appbuilder.models.sqla.Model"})
MIGRATE = frozenset({"flask_migrate.Migrate"})
QUART = frozenset({"quart.Quart", "quart.app.Quart"})
DECLARATIVE = frozenset(
    {
        "sqlalchemy.ext.declarative.declarative_base",
        "sqlalchemy.ext.declarative.api.declarative_base",
        "sqlalchemy.orm.declarative_base",
        "sqlalchemy.orm.DeclarativeBase",
        "sqlalchemy.orm.DeclarativeBaseNoMeta",
        "sqlalchemy.orm.decl_api.DeclarativeBase",
    }
)
TABLE = frozenset({"sqlalchemy.Table", "sqlalchemy.schema.Table", "sqlalchemy.sql.schema.Table"})


def wrapper_attribute(index: Index, ref: Ref) -> str:
    """The attribute of a connexion or Dash application that is the Flask object; "" for any other class."""
    if ref.is_outside:
        return WRAPPERS.get(ref.name, "")
    return next((inner for name, inner in WRAPPERS.items() if index.is_class(ref, frozenset({name}))), "")


def is_instance(index: Index, ref: Ref | None, names: frozenset[str]) -> bool:
    """Whether `ref`, as `Index.resolve` gives it for a call, is an instance of one of `names` or of a subclass."""
    return ref is not None and ref.name.endswith("()") and index.is_class(Ref(ref.path, ref.name[:-2]), names)
