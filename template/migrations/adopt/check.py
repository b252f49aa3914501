"""Is this database what the models say, and at the newest revision? Unlike `flask db check` it writes nothing, not even an empty
`alembic_version`, and works with every Flask-Migrate.
"""

from alembic import autogenerate
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from .replay import alembic_config


def run_env(config, look):
    """Run env.py with `look(context)` in the place of the migrations, so that nothing is written.

    Returns the directory of the revisions. Alembic's own way, the option `dont_mutate`, is not in 1.4.0.
    """
    script = ScriptDirectory.from_config(config)
    environment = EnvironmentContext(config, script)
    environment.run_migrations = lambda **options: look(environment.get_context())
    with environment:
        script.run_env()
    return script


def check(connection, bind_keys=(None,)):
    """(revisions the database is at, revisions it should be at, the code that `flask db migrate` would write or "")."""
    config = alembic_config()
    config.attributes.update(connection=connection, bind_keys=bind_keys)
    found = []

    def look(context):
        changes = autogenerate.produce_migrations(context, context.opts["target_metadata"]).upgrade_ops
        rendering = autogenerate.api.AutogenContext(context, opts=context.opts)
        code = "\n".join(autogenerate.render_op_text(rendering, operation) for operation in changes.ops)
        found.extend((context.get_current_heads(), code))

    script = run_env(config, look)
    return found[0], tuple(script.get_heads()), "\n".join(filter(None, found[1::2]))
