"""What Alembic runs for `flask db`. The template's: `copier update` renews it.

What is particular to this project goes elsewhere. `Migrate(app, db, **options)`
takes each option of Alembic's `context.configure`, and wins over what is
configured here; `migrations/project.ini` names models that the application does
not import, and tables that have no model. How databases are found and guarded
is in adopt.py, commands.environment; a task of the template makes that file
(where `--skip-tasks` was given: copier recopy).
"""

# isort: skip_file

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from alembic import context
from alembic.util import load_python_file


def run_migrations_offline(environment: Any) -> None:
    """Write the SQL for each database to the standard output (`--sql`)."""
    for target in environment.targets():
        environment.configure_offline(target)
        with context.begin_transaction():
            environment.prepare(target.binds[0], target)
            context.run_migrations()


def run_migrations_online(environment: Any) -> None:
    """Run the command on every database.

    Nothing is committed before all are done, where DDL is transactional.
    """
    with ExitStack() as stack:
        connections = stack.enter_context(environment.connections())
        check = stack.enter_context(environment.guarded(connections))
        with ExitStack() as transactions:
            for bind, target, connection in environment.steps(connections):
                environment.configure(bind, target, connection)
                transactions.enter_context(context.begin_transaction())
                environment.prepare(bind, target)
                context.run_migrations()
            check()


if __name__ == "env_py":  # which it is for Alembic alone
    adopt = load_python_file(str(Path(__file__).parent), "adopt.py")
    with adopt.module("commands.environment").entered() as entered:
        if context.is_offline_mode():
            run_migrations_offline(entered)
        else:
            run_migrations_online(entered)
