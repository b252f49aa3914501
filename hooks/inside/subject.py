"""One database that is retrofitted, and what has been found and shown of it so far."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .base.stop import Stop
from .baseline import baseline, partitioned
from .load.databases import require_once, sequences_of
from .load.existing import PRESENT, UNREACHABLE
from .reconcile import check_steps, drift, key_steps
from .reconcile.as_is import as_it_is

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection, Dialect, Engine

    from adopt.base.types import Difference, Snapshot
    from adopt.project.targets import Bind

    from .base.types import Facts
    from .baseline.baseline import Part
    from .baseline.types import Session
    from .load.databases import LoadedDatabase
    from .load.existing import Existing
    from .load.types import Sequences
    from .reconcile.types import CheckNames, KeyNames


class Subject:
    """`existing` is what was seen of it, `engine` the one of its scratch database, None where none could be made.

    `tables` are those of the models, `views` what else they read, `built` is the snapshot of what the baseline makes of the tables,
    `differences` are what distinguishes the existing database from that, `unmanaged` its tables without a model. `built_objects`
    are what the baseline makes beside tables, None where it was not run; `built_checks` and `built_keys` are the names of its
    CHECK constraints and primary keys, known where they differ. `unverified` says what was not shown, and why; `reconciled` are
    the facts of how it gets from what it is to the models.
    """

    def __init__(self, session: Session, database: LoadedDatabase) -> None:
        self.database = database
        self.label = session.adopt("urls").redact(database.url)
        self._session = session
        self._scratch, self._scratch_engine = session.scratch(database), None
        # these are known later, in this order
        self.existing: Existing
        self.engine: Engine
        self.built: Snapshot
        self.built_objects: Sequence[Facts] | None
        self._dialect: Dialect | None
        self.existing = self.engine = self.built = self.built_objects = self._dialect = None  # type: ignore[assignment]
        self.tables: list[Table]
        self.views: list[str]
        self.differences: list[Difference]
        self.unmanaged: list[str]
        self.unverified: list[str]
        self.tables, self.views, self.differences, self.unmanaged, self.unverified = [], [], [], [], []
        self._of_binds: dict[Bind, list[Table]] = {}  # the tables of each
        self.built_checks: CheckNames = {}
        self.built_keys: KeyNames = {}
        self.reconciled: Facts = {}

    @property
    def is_present(self) -> bool:
        """Whether there is a database to compare with, and to stamp."""
        return self.existing.state == PRESENT

    @property
    def schemas(self) -> list[str]:
        """The schemas that its tables are in, sorted; the default one is not among them."""
        return sorted({table.schema for table in self.tables if table.schema})

    def settle(self) -> None:
        """Note what the models say, once all of them are loaded.

        Raises:
            Stop: models name a schema that is another database.
        """
        require_once(self.database)
        views = set(self.existing.snapshot["views"]) if self.existing.snapshot is not None else set()
        self.views = sorted(table.fullname for table in self.database.tables if table.fullname in views)
        for bind in self.database.binds:
            for metadata in bind.metadatas():
                self._session.adopt("rendering").plain_values(metadata)
                self._session.adopt("exclusions").mend()
            tables = [table for table in bind.tables() if not table.info.get("is_view") and table.fullname not in views]
            self._of_binds[bind] = tables
        self.tables = [table for tables in self._of_binds.values() for table in tables]
        require_own_database(self.tables, self.database)
        if self.existing.state == UNREACHABLE:
            self.unverified.append("the existing database was not compared, since it cannot be read: %s" % self.existing.reason)
        if self.existing.snapshot is not None:
            for table in self.tables:
                partitioned.as_there(table, self.existing.snapshot["tables"].get(table.fullname))
            names = {"tables": [table.fullname for table in self.tables]}
            self.unmanaged = self._session.adopt("differences").unmanaged(names, self.existing.snapshot)

    def parts(self) -> list[Part]:
        """Its parts of the baseline, one for each bind."""
        found = []
        for bind, tables in self._of_binds.items():
            sequences: Sequences = {}
            for metadata in bind.metadatas():
                sequences.update(sequences_of(metadata))
            found.append(self._part(bind, tables, sequences, baseline.THE_MODELS))
        return found

    def parts_as_they_are(self, connection: Connection) -> list[Part]:
        """The same, of the tables as the existing database has them; `connection` only reads it.

        Raises:
            NotExpressible: something there cannot be written as a revision.
        """
        found, words = [], self._session.adopt("alter_words")
        for bind, tables in self._of_binds.items():
            convention = tables[0].metadata.naming_convention if tables else None
            as_is = as_it_is(tables, convention, self.differences, self.existing.snapshot, connection, words)  # type: ignore[arg-type]  # it is there
            found.append(self._part(bind, list(as_is.tables.values()), sequences_of(as_is), baseline.THE_DATABASE))
        return found

    def _part(self, bind: Bind, tables: Sequence[Table], sequences: Sequences, of: str) -> Part:
        render_item = self._session.adopt("rendering").render_item
        return baseline.Part(bind.name, tables, sequences, self.dialect(), render_item, self.existing.extensions, of)

    def dialect(self) -> Dialect:
        """One that knows the version of its server, where a server answers."""
        if self._dialect is None:
            self._dialect = self._dialect_there() or self._dialect_of_scratch() or self.database.dialect
        return self._dialect

    def _dialect_there(self) -> Dialect | None:
        if self.existing.server is None:
            return None
        return self.existing.server.teach(
            self._session.adopt("engines").engine(self.database.url, self.database.connect_args).dialect
        )

    def _dialect_of_scratch(self) -> Dialect | None:
        engine = self._made([])
        if engine is None:
            return None
        with self._session.policy.permitted(), engine.connect() as connection:
            return connection.dialect

    def open_scratch(self) -> None:
        """Wait for the scratch database.

        Raises:
            Stop: it is not what a scratch database must be.
        """
        self.engine = self._made(self.unverified)  # type: ignore[assignment]  # None where none was made

    def _made(self, unverified: list[str]) -> Engine | None:
        if self._scratch_engine is not None:
            return self._scratch_engine
        made = self._scratch()
        if "refused" in made:
            raise Stop("scratch-refused", message=made["refused"], keys=self.database.keys, name=self.database.name)
        if "reason" in made:
            unverified.append("the baseline was not run, since no scratch database could be made: %s" % made["reason"])
            return None
        self._scratch_engine = self._session.adopt("scratch").hastened(made["url"], self.database.connect_args)
        return self._scratch_engine

    def take(self, schemas: Sequence[str]) -> Snapshot:
        """The snapshot of what the scratch database holds now."""
        with self._session.policy.permitted(), self.engine.connect() as connection:
            return self._session.adopt("snapshot").take(connection, schemas=schemas)  # type: ignore[no-any-return]  # of adopt/

    def note_names(self) -> None:
        """Note what the CHECK constraints and primary keys are called that the scratch database holds now."""
        with self._session.policy.permitted(), self.engine.connect() as connection:
            self.built_checks = check_steps.names_of(connection, self.built["tables"], self._session.adopt)
            self.built_keys = key_steps.names_of(connection, self.built["tables"])

    def take_objects(self) -> None:
        """Note what the scratch database holds beside tables now."""
        with self._session.policy.permitted(), self.engine.connect() as connection:
            self.built_objects = self._session.adopt("objects").take(connection, self.schemas)

    def unbuilt(self, baseline_text: str) -> list[dict[str, str | None]]:
        """What the existing database has beside tables and the baseline does not make, but for the views that models read.

        Where the baseline was not run, what it names counts as made by it.
        """
        built = self.built_objects
        if built is None:
            named = set(re.findall(r"\w+", baseline_text))
            built = [one for one in self.existing.objects if one["name"] and one["name"].rpartition(".")[2].strip('"') in named]
        tables = {table.fullname for table in self.tables} | set(self.views)
        found = self._session.adopt("unbuilt").unbuilt(self.existing.objects, built, tables)
        return [one for one in found if "view" not in one["kind"] or str(one["name"]).replace('"', "") not in self.views]

    def facts(self, baseline_text: str, second: str | None = None) -> Facts:
        """All of it as data; `second` is the name of the second revision."""
        differences, unmanaged = drift.triaged(self._session, self), drift.unmanaged(self._session, self)
        unbuilt, words = self.unbuilt(baseline_text), self._session.adopt("unbuilt")
        return {
            "name": self.database.name,
            "keys": self.database.keys,
            "database": self.label,
            "dialect": baseline.server_name(self.dialect()),
            "tables": len(self.tables),
            "existing": self.existing.state,
            "existing_reason": self.existing.reason,
            "offline": self.engine is None,
            "differences": differences,
            "drift": drift.lines(self._session, differences, second),
            "views": self.views,
            "unmanaged": unmanaged,
            "unmanaged_lines": self._session.adopt("unmanaged").lines(unmanaged),
            "unbuilt": unbuilt,
            "unbuilt_lines": words.lines(unbuilt),
            "unbuilt_advice": words.advice(unbuilt),
            "unverified": self.unverified,
            **self.reconciled,
        }


def require_own_database(tables: Sequence[Table], database: LoadedDatabase) -> None:
    """A schema of MySQL or SQLite is another database, which a scratch database does not protect.

    Raises:
        Stop: models live in such a schema.
    """
    elsewhere = sorted(table.fullname for table in tables if table.schema)
    if elsewhere and database.dialect.name != "postgresql":
        raise Stop("schemas-unsupported", tables=elsewhere, dialect=database.dialect.name, keys=database.keys)
