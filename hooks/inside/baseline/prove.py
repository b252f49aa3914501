"""Run the baseline on the scratch database through the project's own env.py, and compare what comes out."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.script import ScriptDirectory
from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic.runtime.migration import MigrationContext
    from flask import Flask
    from sqlalchemy.engine import Connection, Engine

    from ..load.types import Session
    from .types import Subject


class Workshop:
    """`migrations/` with a versions folder of its own, outside the project: what is tried here is not yet in the tree."""

    def __init__(self, app: Flask, session: Session) -> None:
        self._session = session
        self._folder = tempfile.TemporaryDirectory(prefix="retrofit-versions-")
        self.config = app.extensions["migrate"].migrate.get_config("migrations")
        self.config.set_main_option("version_locations", os.path.realpath(self._folder.name).replace("%", "%%"))
        for name in ("path_separator", "version_path_separator"):  # one name up to Alembic 1.15, the other from then on
            self.config.set_main_option(name, "os")

    def script(self) -> ScriptDirectory:
        """A ScriptDirectory that reads the folder as it is now."""
        return ScriptDirectory.from_config(self.config)

    def path_of(self, name: str) -> str:
        """The path of a revision's file."""
        return os.path.join(os.path.realpath(self._folder.name), name)

    def close(self) -> None:
        """Delete the folder."""
        self._folder.cleanup()

    @contextlib.contextmanager
    def connected(self, subject: Subject, engine: Engine) -> Iterator[Connection]:
        """Let env.py work on one connection of `engine`, as on the database of `subject`."""
        given = self.config.attributes
        with self._session.policy.permitted(), engine.connect() as connection:
            given.update(connection=connection, bind_keys=subject.database.keys)
            try:
                yield connection
            finally:
                del given["connection"], given["bind_keys"]

    def upgrade(self, subject: Subject, table_made: Callable[[], None] | None = None) -> None:
        """`flask db upgrade` on the scratch database; `table_made` is called for each table."""

        def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
            if statement.lstrip()[:12].upper() == "CREATE TABLE":
                table_made()  # type: ignore[misc]  # it is listened with one only

        if table_made is not None:
            event.listen(subject.engine, "after_cursor_execute", count)
        try:
            with self.connected(subject, subject.engine):
                command.upgrade(self.config, "head")
        finally:
            if table_made is not None:
                event.remove(subject.engine, "after_cursor_execute", count)

    def downgrade(self, subject: Subject, revision: str = "base") -> None:
        """`flask db downgrade base` on the scratch database."""
        with self.connected(subject, subject.engine):
            command.downgrade(self.config, revision)

    def compare(self, subject: Subject, engine: Engine) -> list[str]:
        """What `flask db check` would report on the database of `engine`, as lines; nothing is written there."""
        found = []

        def look(context: MigrationContext) -> None:
            found.extend(compare_metadata(context, context.opts["target_metadata"]))

        with self.connected(subject, engine):
            self._session.adopt("check").run_env(self.config, look)
        return [line for difference in found for line in described(difference)]


def described(difference: Any) -> list[str]:
    """One line for each thing that Alembic would change."""
    if isinstance(difference, list):  # changes of one column come as a list
        return [line for one in difference for line in described(one)]
    kind, subject = difference[0], difference[1:]
    if kind.startswith("modify_"):
        schema, table, column = subject[0], subject[1], subject[2]
        name = ".".join(part for part in (schema, table, column) if part)
        return ["%s %s: %s in the database, %s in the models" % (kind, name, subject[4], subject[5])]
    words = []
    for one in subject:
        table = getattr(one, "table", None)
        name = getattr(one, "name", None) or (str(one) if isinstance(one, str) else type(one).__name__)
        words.append("%s.%s" % (table.name, name) if table is not None else str(name))
    return ["%s %s" % (kind, " ".join(words))]
