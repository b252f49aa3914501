"""The arguments of Alembic's `context.configure`, the same online, offline and for every database.

Every option that the project gives `Migrate(app, db, **options)` wins; its `include_object` and `include_name` leave out more.
What only a comparison needs is imported when the first comparison asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import alembic
from alembic import context as alembic_context
from flask import current_app

from ..base.log import log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from alembic.autogenerate.api import AutogenContext
    from alembic.operations.ops import MigrationScript

    from ..base.types import ConnectedContext
    from ..project.targets import Bind, Target
    from .include import Include
    from .models_schema import ModelsSchema


def options(bind: Bind, target: Target, names: Sequence[str], dialect: Any) -> dict[str, Any]:
    """For one bind of a database; `names` are those of all binds, [""] where revisions know one database only."""
    given = {name: value for name, value in current_app.extensions["migrate"].configure_args.items() if value is not None}
    hooks = Hooks(bind, target, given, len(names))
    result = {
        "compare_type": True,
        "include_schemas": bool(target.schemas()),
        "render_as_batch": True,
        "render_item": hooks.render_item,
        "transactional_ddl": dialect.name == "sqlite" or None,  # Alembic would commit each statement; None: what the server can
    }
    # Only these two compare CHECK constraints by name unasked, and they see changes where there is none.
    if alembic.__version__ in ("1.19.0", "1.19.1"):
        result["autogenerate_plugins"] = ["alembic.autogenerate.*", "~alembic.autogenerate.checkconstraint_byname"]
    result.update(given)
    if result["compare_type"] is True:  # what Flask-Migrate 4 gives where the project says nothing
        result["compare_type"] = hooks.compare_type
    if names != [""]:
        result.update(upgrade_token=bind.name + "_upgrades", downgrade_token=bind.name + "_downgrades")
    result.update(
        target_metadata=bind.metadata,
        include_name=hooks.include_name,
        include_object=hooks.include_object,
        process_revision_directives=hooks.process_revision_directives,
    )
    return result


def is_revision_asked(context: ConnectedContext) -> Any:
    """Whether a revision is to be written from what is compared: `flask db migrate`, not `flask db check`."""
    return getattr(context.config.cmd_opts, "autogenerate", False)


def prepare(bind: Bind, dialect: Any) -> None:
    """Before the models of a bind are compared: let SQLAlchemy read what is there, and say what they say in its own words."""
    from ..project import project
    from ..schema import mysql_columns, snapshot_reflected
    from . import exclusions, old_sqlalchemy, rendering

    project.complete_models()
    old_sqlalchemy.mend()
    exclusions.mend()
    mysql_columns.mend(dialect)
    snapshot_reflected.know_types(dialect)
    for metadata in bind.metadatas():
        rendering.plain_values(metadata)


class Hooks:
    """What Alembic calls back while it compares one bind with its database: ours, then those that the project gave."""

    def __init__(self, bind: Bind, target: Target, given: Mapping[str, Any], total: int) -> None:
        self._bind, self._target, self._given, self._total = bind, target, given, total
        self._include: Include | None
        self._models: Callable[[], ModelsSchema] | None
        self._include = self._models = None

    def include_name(self, name: Any, type_: Any, parent_names: Any) -> Any:
        theirs = self._given.get("include_name")
        return self._ours().name(name, type_, parent_names) and (theirs is None or theirs(name, type_, parent_names))

    def include_object(self, object_: Any, name: Any, type_: Any, reflected: bool, compare_to: Any) -> Any:
        theirs = self._given.get("include_object")
        args = (object_, name, type_, reflected, compare_to)
        # it is connected: something is compared
        return self._ours().object(*args, alembic_context.get_context()) and (theirs is None or theirs(*args))  # type: ignore[arg-type]

    def render_item(self, type_: Any, obj: Any, autogen_context: AutogenContext) -> Any:
        from . import rendering

        return rendering.render_item(type_, obj, autogen_context)

    def compare_type(self, *args: Any) -> Any:
        from ..schema import comparing

        return comparing.compare_type(*args)

    def process_revision_directives(self, context: ConnectedContext, revision: Any, directives: list[Any]) -> None:
        if directives:
            self._complete(context, directives[0])
        theirs = self._given.get("process_revision_directives")
        (theirs or self.drop_empty_revision)(context, revision, directives)

    def _complete(self, context: ConnectedContext, directive: MigrationScript) -> None:
        """What Alembic does not think of, for the bind that was compared last."""
        from . import constraint_names, enums, key_order, renamed, rendering, schemas

        upgrade_ops, downgrade_ops = directive.upgrade_ops_list[-1], directive.downgrade_ops_list[-1]
        if is_revision_asked(context):
            if not renamed.write(context, upgrade_ops, downgrade_ops, len(directive.upgrade_ops_list) == self._total):
                self._add_what_servers_see(context, upgrade_ops, downgrade_ops)
        constraint_names.complete(context, upgrade_ops, downgrade_ops)
        key_order.order(context, upgrade_ops, downgrade_ops)
        renamed.order(upgrade_ops, downgrade_ops)
        if is_revision_asked(context):
            from ..project import targets
            from . import at_stake, commit_points, formatting, unloaded

            loaded = sum(len(bind.tables()) for bind in targets.all_binds())
            unloaded.require_loaded(context, upgrade_ops, self._bind.tables(), loaded)
            at_stake.remark(context, upgrade_ops)
            formatting.ask(alembic_context.script)
            for side in (upgrade_ops, downgrade_ops):
                commit_points.put(side.ops, context.dialect)
        enums.care(context, upgrade_ops, downgrade_ops, [table for bind in self._target.binds for table in bind.tables()])
        schemas.create_new(context, directive)
        rendering.keep_characters(context)

    def _add_what_servers_see(self, context: ConnectedContext, upgrade_ops: Any, downgrade_ops: Any) -> None:
        """Add what Alembic does not compare; without a scratch database only say so."""
        from ..schema import objects, unbuilt
        from . import completion, models_schema

        try:
            models = (self._models or models_schema.begun(context, [self._bind]))()
        except models_schema.NOT_THERE as error:
            log.warning("Only what Alembic compares was compared, without CHECK constraints and the like: %s", error.reason)
            completion.Completion(context, [self._bind], None, upgrade_ops).set_keys_apart()
            upgrade_ops.reverse_into(downgrade_ops)
            return
        left = completion.complete(context, [self._bind], models, upgrade_ops)
        upgrade_ops.reverse_into(downgrade_ops)
        there = objects.take(context.connection, models_schema.schemas_of([self._bind])) if models.objects else ()
        found = unbuilt.unbuilt(models.objects, there, models.snapshot["tables"])
        for line in [*left, *(line for one in found for line in unbuilt.lines([one]))]:
            log.warning("Not in the revision, add it by hand: %s", line)

    def drop_empty_revision(self, context: ConnectedContext, revision: Any, directives: list[Any]) -> None:
        """Write no revision where, when the last bind has been compared, none has a change."""
        found = directives[0].upgrade_ops_list
        if is_revision_asked(context) and len(found) == self._total and all(operations.is_empty() for operations in found):
            directives[:] = []
            log.info("No changes in schema detected.")

    def _ours(self) -> Include:
        """What decides which names and objects are compared; asked for when Alembic begins to compare, so the models are built from
        then on."""
        if self._include is None:
            from . import include

            context: Any
            self._include, context = include.Include(self._target, self._bind), alembic_context.get_context()
            if is_revision_asked(context) and context.dialect.name != "sqlite":  # where all of the work is this process's
                from . import models_schema

                self._models = models_schema.begun(context, [self._bind])
        return self._include
