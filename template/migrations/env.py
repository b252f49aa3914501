"""What Alembic runs for every `flask db` command: connects, and says what to compare.

Owned by the template: `copier update` replaces it. What is particular to this project belongs elsewhere:
`Migrate(app, db, **options)` takes every option of Alembic's `context.configure`, and each one wins over the defaults here;
`migrations/project.ini` names modules with models that the application does not import, and tables that have no model.
"""

import configparser
import importlib
import importlib.util
import logging
import sys
from logging.config import fileConfig
from pathlib import Path

import alembic
from alembic import context
from flask import current_app

HERE = Path(__file__).resolve().parent

config = context.config
if config.config_file_name is not None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)
logger = logging.getLogger("alembic.env")

db = current_app.extensions["migrate"].db

project = configparser.ConfigParser(allow_no_value=True, interpolation=None)
project.read(str(HERE / "project.ini"), encoding="utf-8")
for module in project.get("models", "import", fallback="").split():
    importlib.import_module(module)
unmanaged = set(project.get("unmanaged", "tables", fallback="").split())

# Flask-SQLAlchemy 3 has one metadata for each bind; before, one metadata held the tables of all binds.
metadata = db.metadatas[None] if hasattr(db, "metadatas") else db.metadata
schemas = {None} | {table.schema for table in metadata.tables.values()}


def sibling(name):
    """Load one file of migrations/adopt/ by its path: `migrations` need not be importable under that name."""
    spec = importlib.util.spec_from_file_location("migrations_" + name, str(HERE / "adopt" / (name + ".py")))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


rendering = sibling("rendering")
rendering.plain_flags(metadata)
sibling("old_sqlalchemy").mend()
comparing = sibling("comparing")


def qualified(table):
    return table.schema + "." + table.name if table.schema else table.name


def include_object(object_, name, type_, reflected, compare_to):
    """Leave out tables that this database has without a model, models of views, and models that live in another bind."""
    dialect = context.get_context().dialect.name
    if type_ == "index":
        return reflected or not comparing.is_unreadable(object_, dialect)
    if type_ != "table":
        return True
    if reflected and compare_to is None:
        is_ours = qualified(object_) not in unmanaged and not comparing.is_servers_own(name, dialect)
        return is_ours and object_.schema in schemas
    return not object_.info.get("bind_key") and not object_.info.get("is_view")


def drop_empty_revision(context, revision, directives):
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []
        logger.info("No changes in schema detected.")


def options():
    """The arguments of `context.configure`, the same online and offline; those of `Migrate(...)` win."""
    given = {name: value for name, value in current_app.extensions["migrate"].configure_args.items() if value is not None}
    theirs = given.pop("include_object", None)
    result = {
        "target_metadata": metadata,
        "compare_type": True,
        "include_schemas": len(schemas) > 1,
        "render_as_batch": True,
        "render_item": rendering.render_item,
        "process_revision_directives": drop_empty_revision,
        "include_object": include_object if theirs is None else lambda *args: include_object(*args) and theirs(*args),
    }
    # Only these two compare CHECK constraints by name unasked, and they see changes where there is none.
    if alembic.__version__ in ("1.19.0", "1.19.1"):
        result["autogenerate_plugins"] = ["alembic.autogenerate.*", "~alembic.autogenerate.checkconstraint_byname"]
    result.update(given)
    if result["compare_type"] is True:  # what Flask-Migrate 4 gives where the project says nothing
        result["compare_type"] = comparing.compare_type
    return result


def adopt_package():
    """migrations/adopt/ as a package, under a name that no other package has."""
    name = "migrations_adopt"
    if name not in sys.modules:
        folder = str(HERE / "adopt")
        spec = importlib.util.spec_from_file_location(name, folder + "/__init__.py", submodule_search_locations=[folder])
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return name


def run(connection, is_own=False):
    context.configure(connection=connection, **options())
    if is_own and getattr(context.get_context().opts.get("fn"), "__name__", "") == "upgrade":
        importlib.import_module(adopt_package() + ".before_upgrade").adopt_unstamped()
    with sibling("sqlite_keys").unenforced(connection), context.begin_transaction():
        context.run_migrations()


def run_offline():
    context.configure(url=db.engine.url, literal_binds=True, dialect_opts={"paramstyle": "named"}, **options())
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
elif config.attributes.get("connection") is not None:
    # A caller's own: https://alembic.sqlalchemy.org/en/latest/cookbook.html#connection-sharing
    run(config.attributes["connection"])
else:
    with db.engine.connect() as own_connection:
        run(own_connection, is_own=True)
