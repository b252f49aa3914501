"""Is this database what the models say, and at the newest revision? Unlike `flask db check` it writes nothing, not even an empty
`alembic_version`, and works with every Flask-Migrate.
"""

from alembic import autogenerate
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from .replay import alembic_config


def check(connection):
    """(revisions the database is at, revisions it should be at, the code that `flask db migrate` would write or "")."""
    config = alembic_config()
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    found = []

    def look(revisions, context):
        changes = autogenerate.produce_migrations(context, context.opts["target_metadata"])
        code = ""
        if not changes.upgrade_ops.is_empty():
            code = autogenerate.render_python_code(
                changes.upgrade_ops, render_item=context.opts["render_item"], migration_context=context
            )
        found.extend((context.get_current_heads(), code))
        return []

    with EnvironmentContext(config, script, fn=look, dont_mutate=True):
        script.run_env()
    return found[0], tuple(script.get_heads()), found[1]
