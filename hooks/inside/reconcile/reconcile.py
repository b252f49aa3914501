"""For a database that differs from the models: a baseline of what it is, and a second revision that carries it to the models.

What would lose or refuse something in that second revision is written out and commented out, with the rows at stake. All of it is
proven on the scratch database: the baseline builds what is there; with the second revision, as it is written, it runs up and
down; and with nothing commented out it builds what the models say.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from alembic import autogenerate
from alembic.operations import ops
from sqlalchemy.exc import SQLAlchemyError

from ..baseline import baseline
from ..baseline.prove import Workshop
from ..baseline.server_objects import enum_names
from ..load.causes import described
from . import check_steps, key_names, key_steps, lost_indexes
from .as_is import NotExpressible
from .enum_steps import EnumSteps, rendering
from .key_indexes import drop_with_keys
from .risks import Risks
from .second_revision import SecondRevision, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from alembic.operations.ops import MigrateOperation
    from flask import Flask
    from sqlalchemy.engine import Connection

    from adopt.base.types import ConnectedContext, Snapshot
    from adopt.project.targets import Bind

    from ..load.types import Session
    from .enum_steps import TextBlock
    from .types import Blocks, Differences, Subject


class NotReconciled(Exception):
    """No baseline of what the database of `subject` is could be proven; says why."""

    def __init__(self, subject: Subject, why: str) -> None:
        super().__init__(why)
        self.subject = subject


class NotProven(Exception):
    """An equality does not hold; says which."""


# ValueError is what Alembic's batch mode raises for a constraint that it cannot find.
UNPROVEN = (SQLAlchemyError, NotExpressible, NotImplementedError, NotProven, ValueError)
NOT_COMPARED = ("check", "primary key")  # by Alembic


class Reconciler:
    """Both revisions; of a subject that does not differ the first has what the models say, and the second nothing."""

    def __init__(self, session: Session, app: Flask, subjects: Sequence[Subject]) -> None:
        self._session, self._app, self._subjects = session, app, subjects
        self._differing = [subject for subject in subjects if subject.differences]
        self._compare = session.adopt("differences").compare
        self._base: dict[Subject, Snapshot] = {}  # what the baseline builds for those that differ
        self._left: dict[Subject, Differences] = {}  # what the second revision leaves of their differences

    def reconcile(self) -> tuple[tuple[str, str], tuple[str, str] | None]:
        """Two files, each (name, text), the second None where it would be empty, or could not be proven.

        What is told of each database that differs is in its `reconciled` then: `held` are the places that are commented out, each
        with the reason; `left` the lines of what is not carried over; `not_undone` of what the downgrade does not bring back;
        `not_carried` is why the second one could not be proven.

        Raises:
            NotReconciled: the baseline would not build what a database is.
        """
        workshop = Workshop(self._app, self._session)
        try:
            first = self._first(workshop)
            for subject in self._differing:
                subject.reconciled = {"is_reconciled": True, "held": [], "left": [], "not_undone": [], "not_carried": ""}
            try:
                return first, self._second(workshop)
            except UNPROVEN as error:
                for subject in self._differing:
                    left = self._lines(subject.differences, "models", "database")
                    subject.reconciled.update(held=[], left=left, not_undone=[], not_carried=described(error))
                return first, None
        finally:
            workshop.close()

    def _first(self, workshop: Workshop) -> tuple[str, str]:
        """The baseline's file, proven."""
        request = self._session.request
        parts = []
        for subject in self._subjects:
            with told_of(subject):
                if subject not in self._differing:
                    parts += subject.parts()
                    continue
                with self._look(subject) as connection:
                    parts += subject.parts_as_they_are(connection)
        date = baseline.parsed_date(request.create_date)
        file = baseline.write(workshop, parts, request.revision_id, request.message, date)
        for subject in self._differing:
            with told_of(subject):
                workshop.upgrade(subject)
                base = self._base[subject] = self._now(subject)
                found = self._compare(base, subject.existing.snapshot)
                if found:
                    raise NotProven("it builds something else: " + "; ".join(self._lines(found, "baseline", "database")[:3]))
        return file

    def _second(self, workshop: Workshop) -> tuple[str, str] | None:
        """The second file, with what Alembic does not compare where that can be proven; None where nothing is to carry over."""
        found = self._proven(workshop)
        if not any(item["what"] in NOT_COMPARED for left in self._left.values() for item in left):
            return found
        without = {subject: dict(subject.reconciled) for subject in self._differing}
        try:
            if found is not None:
                for subject in self._differing:
                    workshop.downgrade(subject, self._session.request.revision_id)
                os.remove(workshop.path_of(found[0]))
            return self._proven(workshop, is_whole=True)
        except UNPROVEN:  # as it was without them, which is told as left
            for subject in self._differing:
                subject.reconciled = without[subject]
            return found

    def _proven(self, workshop: Workshop, is_whole: bool = False) -> tuple[str, str] | None:
        """The second file, proven as it is written and with nothing commented out; None where there is nothing to carry over."""
        request = self._session.request
        steps_of = {subject: self._steps(workshop, subject, is_whole) for subject in self._subjects}
        every = [one for steps in steps_of.values() for one in steps]
        second = SecondRevision(every, baseline.parsed_date(request.create_date))
        if all(one.is_empty for one in every):
            self._note_left()
            return None
        path, text = second.write(workshop, request.revision_id)
        for subject in self._differing:
            workshop.upgrade(subject)
            workshop.downgrade(subject, request.revision_id)
            not_undone = self._lines(self._compare(self._base[subject], self._now(subject)), "before", "after the downgrade")
            subject.reconciled["not_undone"] = not_undone
        with open(path, "w", encoding="utf-8") as file:
            file.write(second.unmarked(text))
        for subject in self._differing:
            workshop.upgrade(subject)
        self._note_left()
        for subject in self._differing:
            subject.reconciled["held"] = [reason for steps in steps_of[subject] for reason in steps.reasons]
        return os.path.basename(path), text

    def _steps(self, workshop: Workshop, subject: Subject, is_whole: bool) -> list[Steps]:
        """What carries the scratch database, which is at the baseline, to the models, for each bind."""
        binds = subject.database.binds
        if subject not in self._differing:
            return [Steps.none(bind.name) for bind in binds]
        found = []

        def look(context: ConnectedContext) -> None:
            context._user_compare_server_default = True  # env.py's are Alembic's defaults, which leave these out
            changes: Any = autogenerate.produce_migrations(context, context.opts["target_metadata"]).upgrade_ops
            self._session.adopt("key_indexes").cover(context, changes, ops.DowngradeOps([]))
            self._session.adopt("constraint_names").complete(context, changes, ops.DowngradeOps([]))
            key_names.set_apart(changes, context.connection)
            drop_with_keys(changes, self._base[subject], context.connection)
            free = key_steps.freed(changes, self._base[subject])
            opts = dict(context.opts, render_item=rendering(context.opts["render_item"], context.dialect))
            found.append((autogenerate.api.AutogenContext(context, opts=opts), changes, free))

        with workshop.connected(subject, subject.engine):
            self._session.adopt("check").run_env(workshop.config, look)
        with self._look(subject) as connection:
            risks = Risks(connection, self._session.adopt)
            steps = []
            for bind, (rendering_context, changes, free) in zip(binds, found):  # noqa: B905 - one for each
                first, last = lost_indexes.blocks(changes, self._base[subject], connection.dialect)
                first += self._enum_steps(subject, bind, connection)
                if is_whole:
                    for before, after in self._not_compared(subject, bind, connection, free):
                        first, last = before + first, last + after
                steps.append(Steps(bind.name, rendering_context, changes, risks, first, last))
            return steps

    def _enum_steps(self, subject: Subject, bind: Bind, connection: Connection) -> list[TextBlock]:
        """What changes PostgreSQL's enum types, which Alembic does not compare: those of the bind's tables."""
        adopt, quote = self._session.adopt, connection.dialect.identifier_preparer.quote
        rows, columns_of_type = adopt("counting").Rows(connection), adopt("judge_enums").columns_of_type
        wanted = subject.built
        if len(subject.database.binds) > 1:
            own = enum_names(bind.tables(), connection.dialect)
            wanted = dict(wanted, enums={name: labels for name, labels in wanted["enums"].items() if name in own})
        steps = EnumSteps(self._base[subject], wanted, rows, adopt("counting"), columns_of_type, quote)
        return list(steps.blocks())

    def _not_compared(
        self, subject: Subject, bind: Bind, connection: Connection, free: Mapping[str, Sequence[MigrateOperation]]
    ) -> Iterator[Blocks]:
        """What changes the CHECK constraints of the bind's tables, then their keys: (blocks before all others, others after)."""
        adopt, left, held = self._session.adopt, self._left[subject], subject.reconciled["held"]
        tables = {table.fullname: table for table in bind.tables()}
        rows, counting = adopt("counting").Rows(connection), adopt("counting")
        there, dialect = check_steps.names_of(connection, tables, adopt), adopt("rendering").plain_dialect(connection.dialect)
        yield check_steps.CheckSteps(tables, there, subject.built_checks, held, rows, counting, dialect).blocks(left)
        facts = self._base[subject], subject.built, key_steps.names_of(connection, tables), subject.built_keys, free
        yield key_steps.KeySteps(tables, *facts, rows, counting, connection.dialect).blocks(left)

    def _look(self, subject: Subject) -> AbstractContextManager[Connection]:
        return self._session.look(subject.database)

    @staticmethod
    def _now(subject: Subject) -> Snapshot:
        return subject.take(subject.database.schemas)

    def _lines(self, found: Differences, expected: str, actual: str) -> list[str]:
        return self._session.adopt("differences").lines(found, expected=expected, actual=actual)  # type: ignore[no-any-return]  # of adopt/

    def _note_left(self) -> None:
        """Note what the scratch databases lack of what the models say; each of it was a difference from the beginning.

        Raises:
            NotProven: the revisions have made a difference of their own.
        """
        for subject in self._differing:
            left = self._compare(subject.built, self._now(subject))
            known = {(item["table"], item["what"], item["name"]) for item in subject.differences}
            new = [item for item in left if (item["table"], item["what"], item["name"]) not in known]
            lines = self._lines(new or left, "models", "database")
            if new:
                raise NotProven("both revisions together build something else: " + "; ".join(lines[:3]))
            subject.reconciled["left"], self._left[subject] = lines, left


@contextlib.contextmanager
def told_of(subject: Subject) -> Iterator[None]:
    """Say of which database it is that something could not be proven."""
    try:
        yield
    except UNPROVEN as error:
        raise NotReconciled(subject, described(error)) from error
