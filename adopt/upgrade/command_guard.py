"""What surrounds a command that changes databases. Where there is nothing to do none of it is entered: that waits for nobody.

look       which databases have something to do
lock       each of them, in an order that is the same for everybody (locking.py)
adopt      one that has the tables and no revision (before_upgrade.py)
refuse     what would lose values or fail on rows (rows/risks.py), before the first statement of the first database; what reading
           the revisions has not shown, before its own (unread.py)
explain    a statement that the database refuses (failures.py)
limit      how long a statement waits for a table (lock_timeout.py)
keep       SQLite's tables that are built anew, with their rows (sqlite_keys.py, sqlite_rebuild.py, sqlite_rows.py)
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from alembic import context as alembic_context

from ..base import errors, urls
from ..base.log import log
from ..server import locking
from ..server.reading import looking
from . import refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import ExitStack

    from sqlalchemy.engine import URL, Connection

    from ..project.targets import Target


COMMANDS = ("upgrade", "downgrade", "do_stamp")  # the functions that Alembic's commands run


@contextlib.contextmanager
def guarded(
    connections: Sequence[tuple[Target, Connection]],
    configure: Callable[..., None],
    before_upgrade: Any,
    are_own: bool,
    counts_rows: bool,
) -> Iterator[Callable[[], object]]:
    """`connections` are (Target, connection); `configure(bind, target, connection)` makes Alembic's context for one of them.
    `before_upgrade` is the module of that name, which is above this one; `counts_rows` says that they may hold rows.

    The block gets a function to call before it commits.

    Raises:
        CommandError: it is not done, for a reason that is given in words.
    """
    with refusals.in_words():
        command = getattr(alembic_context._proxy.context_opts.get("fn"), "__name__", "")  # type: ignore[attr-defined]  # no stub knows it
        changes = [Change(*one, configure) for one in connections] if command in COMMANDS else []
        pending = [change for change in changes if change.is_pending]
        if not pending:
            for change in changes:
                change.remember_heads()
                if are_own and change.heads and before_upgrade.has_tables_of_models(change.target, change.connection) is False:
                    log.warning(
                        "Database %s is stamped and has none of its tables; see  python -m migrations.adopt status",
                        change.target,
                    )
            yield lambda: None
            return
        with contextlib.ExitStack() as stack:
            stack.enter_context(locked(pending, before_upgrade if command == "upgrade" and are_own else None))
            for change in pending:
                if command != "do_stamp" and counts_rows:
                    change.require_no_risks(command)
            checks = [check for change in pending for check in change.protect(stack, are_own)]
            yield lambda: [check() for check in checks]


@contextlib.contextmanager
def locked(changes: Any, before_upgrade: Any) -> Iterator[None]:
    """Hold the locks; whatever is found unstamped under them is adopted, which takes the lock for itself, and looked at again;
    nothing is where `before_upgrade` is None."""
    nothing_to_adopt = set()
    while True:
        with contextlib.ExitStack() as stack:
            held: list[URL] = []
            for change in sorted(changes, key=Change.place):
                # Two schemas of one database of the server, each with a bind of its own, have one lock: it is taken once.
                if not any(urls.same_database(change.connection.engine.url, other) for other in held):
                    stack.enter_context(locking.held(change.connection))
                    held.append(change.connection.engine.url)
            unstamped = []
            if before_upgrade is not None:
                unstamped = [change for change in changes if change not in nothing_to_adopt and change.is_unstamped(before_upgrade)]
            if not unstamped:
                yield
                return
        for change in unstamped:
            if not before_upgrade.adopt(change.target):
                nothing_to_adopt.add(change)


class Change:
    """What a command has to do on one database; no transaction has begun there, except that of a caller."""

    def __init__(self, target: Target, connection: Connection, configure: Callable[..., None]) -> None:
        self.target, self.connection = target, connection
        self._read: dict[str, Any] = {}  # what risks.require_none has read
        configure(target.binds[0], target, connection)
        self._context: Any = alembic_context.get_context()
        self._look()
        self.is_pending = bool(self.steps) or bool(self._context.purge)

    def _look(self) -> None:
        with looking(self.connection):
            self.heads = self._context.get_current_heads()
            self.has_version_table = bool(self.heads) or self._context._has_version_table()
        self.steps = list(self._context._migrations_fn(self.heads, self._context))

    def remember_heads(self) -> None:
        """Let Alembic, which asks next, have the answer without another question to the server: nothing is done after it."""
        self._context.get_current_heads = lambda: self.heads

    def is_unstamped(self, before_upgrade: Any) -> bool:
        """Whether it has the tables of models and says of no revision that it has run."""
        if self.heads:
            return False
        self._look()  # again, now that nobody else changes it
        return not self.heads and before_upgrade.has_tables_of_models(self.target, self.connection)

    def place(self) -> list[str]:
        """Where the database is, without who connects to it."""
        url = self.connection.engine.url
        return [str(part) for part in (urls.backend(url), url.host, url.port, url.database)]

    def require_no_risks(self, command: str) -> None:
        from ..rows import risks

        self._look()
        if self.heads:  # or there is nothing yet
            with looking(self.connection):
                of_target = self.target.functions(command)
                self._read = risks.require_none(self.connection, self.steps, of_target, command == "upgrade")

    def protect(self, stack: ExitStack, is_own: bool) -> list[Callable[..., Any]]:
        """Enter what guards the statements; returns what is to be called before the commit."""
        from . import committed_statements, failures, lock_timeout

        stack.enter_context(self._tidied(is_own))
        if self.connection.dialect.name == "sqlite":  # first, for the others to hear what is sent
            from ..schema import sqlite_rebuild

            stack.enter_context(sqlite_rebuild.kept(self.connection, lambda: self._context))
        statements: Any
        if self._read:  # before the next one hears of a statement, which is not sent then
            from . import unread

            is_upgrade = any(step.is_upgrade for step in self.steps)
            stack.enter_context(unread.refused(self.connection, self._read, is_upgrade, lambda: statements.committed))
        statements = stack.enter_context(committed_statements.watched(self.connection, self._context.version_table))
        if is_own:
            stack.enter_context(failures.explained(self.connection, self._context, statements))
        stack.enter_context(lock_timeout.limited(self.connection, statements))
        if self.connection.dialect.name != "sqlite":
            return []
        from . import sqlite_keys, sqlite_rows

        stack.enter_context(sqlite_rows.counted(self.connection))
        return [stack.enter_context(sqlite_keys.unenforced(self.connection))]

    @contextlib.contextmanager
    def _tidied(self, is_own: bool) -> Iterator[None]:
        """MySQL takes nothing back when a revision fails: say so, and leave no empty `alembic_version` that was not there.

        A connection of a caller's is a scratch database, or he says himself what he finds.
        """
        try:
            yield
        except Exception as error:
            if self.connection.dialect.name in ("mysql", "mariadb"):
                if is_own and not isinstance(error, errors.AdoptError):  # that one says so itself
                    log.error("%s", refusals.COMMITS_EACH)
                if not self.has_version_table:
                    self._drop_empty_version_table()
            raise

    def _drop_empty_version_table(self) -> None:
        with self.connection.begin():
            is_there = self._context._has_version_table()  # another database may have failed before this one's was made
            if is_there and not self.connection.execute(self._context._version.select()).fetchall():
                self._context._version.drop(self.connection)
