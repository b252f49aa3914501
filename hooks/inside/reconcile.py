"""For a database that differs from the models: a baseline of what it is, and a second revision that carries it to the models.

What would lose or refuse something in that second revision is written out and commented out, with the rows at stake. All of it is
proven on the scratch database: the baseline builds what is there; with the second revision, as it is written, it runs up and
down; and with nothing commented out it builds what the models say.
"""

from __future__ import annotations

import contextlib
import os

from alembic import autogenerate
from sqlalchemy.exc import SQLAlchemyError

from .as_is import NotExpressible, as_it_is
from .baseline import Baseline, parsed_date
from .causes import described
from .prove import Workshop
from .risks import Risks
from .second_revision import SecondRevision


class NotReconciled(Exception):
    """No baseline of what the database is could be proven; says why."""


class NotProven(Exception):
    """An equality does not hold; says which."""


UNPROVEN = (SQLAlchemyError, NotExpressible, NotImplementedError, NotProven)


class Reconciled:
    """Two revision files, each (name, text), the second None where it would be empty, or could not be proven: `why`.

    `held` are the places that are commented out, each with the reason; `left` the lines of what is not carried over,
    `not_undone` of what the downgrade does not bring back.
    """

    def __init__(self, baseline, reconcile, *, held=(), left=(), not_undone=(), why=""):
        self.baseline, self.reconcile, self.why = baseline, reconcile, why
        self.held, self.left, self.not_undone = held, left, not_undone


class Reconciler:
    """What it needs to know: `built` is the snapshot that the models make, `existing` what is there, `engine` the scratch one."""

    def __init__(self, session, app, database, existing, engine, built):
        self._session, self._app, self._database = session, app, database
        self._existing, self._engine, self._built = existing, engine, built
        self._compare = session.adopt("differences").compare

    def reconcile(self, tables, differences, dialect, render_item):
        """The baseline, proven; and the second revision, where it could be proven as well.

        Raises:
            NotReconciled: the baseline would not build what the database is.
        """
        workshop = Workshop(self._app, self._session)
        try:
            try:
                first, base = self._first(workshop, tables, differences, dialect, render_item)
            except UNPROVEN as error:
                raise NotReconciled(described(error)) from error
            try:
                return self._both(workshop, first, base, differences)
            except UNPROVEN as error:
                left = self._lines(differences, "models", "database")
                return Reconciled(first, None, left=left, why=described(error))
        finally:
            workshop.close()

    def _first(self, workshop, tables, differences, dialect, render_item):
        """(the baseline's file, the snapshot of what it builds)."""
        request = self._session.request
        with self._look() as connection:
            as_is = as_it_is(tables, self._database.metadata, differences, self._existing.snapshot, connection)
        there = list(as_is.tables.values())
        baseline = Baseline(there, as_is, dialect, render_item, self._existing.extensions, of="the existing database")
        date = parsed_date(request["revision"].get("create_date"))
        file = baseline.text(workshop.script(), request["revision"]["id"], request["message"], date)
        workshop.upgrade(self._engine, len(there))
        base = self._now()
        found = self._compare(base, self._existing.snapshot)
        if found:
            raise NotProven("it builds something else: " + "; ".join(self._lines(found, "baseline", "database")[:3]))
        return file, base

    def _both(self, workshop, first, base, differences):
        request = self._session.request
        second = self._second(workshop, parsed_date(request["revision"].get("create_date")))
        if second.is_empty:
            return Reconciled(first, None, left=self._left(differences))
        path, text = second.write(workshop.script(), request["revision"]["id"])
        workshop.upgrade(self._engine, 0)
        workshop.downgrade(self._engine, request["revision"]["id"])
        not_undone = self._lines(self._compare(base, self._now()), "before", "after the downgrade")
        with open(path, "w", encoding="utf-8") as file:
            file.write(second.unmarked(text))
        workshop.upgrade(self._engine, 0)
        done = (os.path.basename(path), text)
        return Reconciled(first, done, held=second.reasons, left=self._left(differences), not_undone=not_undone)

    @contextlib.contextmanager
    def _look(self):
        readonly = self._session.adopt("readonly")
        with self._session.policy.permitted():
            with readonly.connect(self._database.url, self._database.connect_args) as connection:
                yield connection

    def _now(self):
        with self._session.policy.permitted(), self._engine.connect() as connection:
            return self._session.adopt("snapshot").take(connection, schemas=self._database.schemas)

    def _lines(self, found, expected, actual):
        return self._session.adopt("differences").lines(found, expected=expected, actual=actual)

    def _left(self, differences):
        """What the scratch database lacks of what the models say, as lines; each of them was a difference from the beginning.

        Raises:
            NotProven: the revisions have made a difference of their own.
        """
        left = self._compare(self._built, self._now())
        known = {(item["table"], item["what"], item["name"]) for item in differences}
        new = [item for item in left if (item["table"], item["what"], item["name"]) not in known]
        lines = self._lines(new or left, "models", "database")
        if new:
            raise NotProven("both revisions together build something else: " + "; ".join(lines[:3]))
        return lines

    def _second(self, workshop, date):
        """What carries the scratch database, which is at the baseline, to the models."""
        found = []

        def look(context):
            context._user_compare_server_default = True  # env.py's are Alembic's defaults, which leave these out
            changes = autogenerate.produce_migrations(context, context.opts["target_metadata"]).upgrade_ops
            found.extend([autogenerate.api.AutogenContext(context, opts=context.opts), changes])

        with workshop.connected(self._engine):
            self._session.adopt("check").run_env(workshop.config, look)
        with self._look() as connection:
            return SecondRevision(found[0], found[1], Risks(connection), date)
