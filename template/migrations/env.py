"""What Alembic runs for every `flask db` command: connects, and says what to compare.

Owned by the template: `copier update` replaces it. What is particular to this project belongs elsewhere:
`Migrate(app, db, **options)` takes every option of Alembic's `context.configure`, and each one wins over the defaults here;
`migrations/project.ini` names modules with models that the application does not import, and tables that have no model.

One database or several (SQLALCHEMY_BINDS): project/targets.py says which, project/revisions.py what of a revision runs on which.
With `--sql`, all SQL goes to the standard output; that of each of several databases begins with a comment that names it.
"""

import importlib.util
import logging
from contextlib import ExitStack
from pathlib import Path

from alembic import context

config = context.config
logger = logging.getLogger("alembic.env")

place = Path(__file__).resolve().parent / "adopt" / "package.py"
spec = importlib.util.spec_from_file_location("migrations_package", str(place))
package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
adopt = package.module  # adopt("base.urls") is the module migrations/adopt/base/urls.py
adopt("project.logs").configure(config)


def main():
    adopt("project.project").import_models()
    binds = adopt("project.targets").binds(context.script)
    names = [bind.name for bind in binds]
    if context.is_offline_mode():
        run_offline(adopt("project.targets").group(binds), names)
    elif config.attributes.get("connection") is not None:
        # A caller's own: https://alembic.sqlalchemy.org/en/latest/cookbook.html#connection-sharing
        target = adopt("project.targets").of_keys(config.attributes.get("bind_keys") or (None,))
        with adopt("project.application").connected(config.attributes["connection"]) as connection:
            run([(target, connection)], names)
    else:
        with ExitStack() as opened:
            targets, connect = adopt("project.targets").group(binds), adopt("upgrade.failures").connect
            run([(target, opened.enter_context(connect(target))) for target in targets], names, are_own=True)


def run(connections, names, are_own=False):
    """Run the command on every database; nothing is committed before all are done, where the server has transactional DDL."""
    configured = []

    def configure(bind, target, connection):
        if configured != [bind, connection]:
            options = adopt("autogenerate.options").options(bind, target, names, connection.dialect)
            adopt("server.search_path").keep_to_own(options, connection)
            context.configure(connection=connection, **options)
            configured[:] = [bind, connection]

    guarded = adopt("upgrade.command_guard").guarded(connections, configure, adopt("verdict.before_upgrade"), are_own)
    with guarded as check, ExitStack() as transactions:
        for target, connection in connections:
            if len(connections) > 1:
                logger.info("Migrating database %s", target)
            for bind in target.binds:
                configure(bind, target, connection)
                transactions.enter_context(context.begin_transaction())
                if not run_migrations(bind, target):
                    break
        check()


def run_offline(targets, names):
    for target in targets:
        offline = {"url": target.engine.url, "literal_binds": True, "dialect_opts": {"paramstyle": "named"}}
        context.configure(**offline, **adopt("autogenerate.options").options(target.binds[0], target, names, target.engine.dialect))
        if len(targets) > 1:
            context.static_output("-- Database {}".format(target))
        with context.begin_transaction():
            run_migrations(target.binds[0], target)


def run_migrations(bind, target):
    """Run the revisions, for all binds of a database at once; True where instead the models of only one were compared."""
    is_comparison = adopt("project.revisions").limit(context.get_context(), target.binds)
    if is_comparison:
        adopt("autogenerate.options").prepare(bind)
    context.run_migrations()
    return is_comparison


with adopt("upgrade.refusals").in_words(), adopt("project.application").context():
    main()
