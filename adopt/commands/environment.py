"""What migrations/env.py asks and does, beyond what every Alembic environment has.

One database or several (SQLALCHEMY_BINDS): project/targets.py says which, project/revisions.py what of a revision runs on which.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from alembic import context

from ..autogenerate import options
from ..base.log import log
from ..project import application, logs, project, revisions, targets
from ..server import search_path
from ..upgrade import command_guard, failures, refusals
from ..verdict import before_upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy.engine import Connection

    from ..project.targets import Bind, Target


@contextlib.contextmanager
def entered() -> Iterator[Environment]:
    """What one command of Alembic's runs in: the Environment, in the context of the application.

    Raises:
        CommandError: the command is refused, for a reason that is given in words.
    """
    logs.configure(context.config)
    with refusals.in_words(), application.context():
        project.import_models()
        yield Environment(targets.binds(context.script))


class Environment:
    """The databases of the application, as the command that is running needs them."""

    def __init__(self, binds: Any) -> None:
        self._binds, self._names = binds, [bind.name for bind in binds]
        self._configured: tuple[Bind, Connection] | None = None
        self.is_comparison = False  # whether models are compared, rather than revisions run

    def targets(self) -> list[Target]:
        """The databases; each has one or more binds."""
        return targets.group(self._binds)

    @contextlib.contextmanager
    def connections(self) -> Iterator[list[tuple[Target, Connection]]]:
        """(target, connection) for each database; for one alone, where a caller has given his connection to it.

        https://alembic.sqlalchemy.org/en/latest/cookbook.html#connection-sharing
        """
        given = context.config.attributes.get("connection")
        if given is not None:
            target = targets.of_keys(context.config.attributes.get("bind_keys") or (None,))
            with application.connected(given) as connection:
                yield [(target, connection)]
            return
        with contextlib.ExitStack() as opened:
            yield [(target, opened.enter_context(failures.connect(target))) for target in self.targets()]

    def guarded(self, connections: Sequence[tuple[Target, Connection]]) -> AbstractContextManager[Callable[[], object]]:
        """What surrounds a command that changes databases; the block gets a function to call before it commits."""
        are_own = context.config.attributes.get("connection") is None
        counts_rows = are_own or context.config.attributes.get("counts_rows", False)
        return command_guard.guarded(connections, self.configure, before_upgrade, are_own, counts_rows)

    def configure(self, bind: Bind, target: Target, connection: Connection) -> None:
        """Make Alembic's context for one bind of a database."""
        if self._configured != (bind, connection):
            given = options.options(bind, target, self._names, connection.dialect)
            search_path.keep_to_own(given, connection)
            context.configure(connection=connection, **given)
            self._configured = bind, connection

    def configure_offline(self, target: Target) -> None:
        """The same for a database that is not connected to; where there are several, the SQL says whose it is."""
        offline = {"url": target.engine.url, "literal_binds": True, "dialect_opts": {"paramstyle": "named"}}
        context.configure(**offline, **options.options(target.binds[0], target, self._names, target.engine.dialect))
        if len(self.targets()) > 1:
            context.static_output(f"-- Database {target}")

    def steps(self, connections: Sequence[tuple[Target, Connection]]) -> Iterator[tuple[Bind, Target, Connection]]:
        """(bind, target, connection) in the order in which the command runs on them.

        The revisions run for all binds of a database at once, its first one's turn; models are compared for each bind.
        """
        for target, connection in connections:
            if len(connections) > 1:
                log.info("Migrating database %s", target)
            for bind in target.binds:
                yield bind, target, connection
                if not self.is_comparison:
                    break

    def prepare(self, bind: Bind, target: Target) -> None:
        """Before `context.run_migrations()`: let it run what belongs to the binds of this database."""
        self.is_comparison = revisions.limit(context.get_context(), target.binds)
        if self.is_comparison:
            options.prepare(bind, context.get_context().dialect)
