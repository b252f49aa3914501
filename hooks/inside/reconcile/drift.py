"""What is told of a database that differs: each difference with its class, its place in the models, and what to do about it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adopt.rows.counting import Rows

    from ..base.types import Facts
    from ..load.databases import LoadedDatabase
    from ..load.types import Session
    from .types import Subject


STATUS = "python -m migrations.adopt status --json"


def triaged(session: Session, subject: Subject) -> list[Facts]:
    """The differences of a subject, sorted by migrations/adopt/triage.py; the rows at stake are counted in its database."""
    if not subject.differences:
        return []
    places = session.adopt("model_places").Places(subject.database.db.Model, subject.tables, session.root)
    with rows_of(session, subject.database) as rows:
        triage = session.adopt("triage").triage
        return triage(subject.differences, subject.built, subject.existing.snapshot, rows, places.of)  # type: ignore[no-any-return]  # of adopt/


def lines(session: Session, found: Sequence[Facts], second: str | None) -> list[str]:
    """The lines for them; `second` is the name of the revision that carries them over, None where there is none."""
    see_all = "read migrations/versions/" + second if second else STATUS
    return session.adopt("listing").lines(found, see_all=see_all)  # type: ignore[no-any-return]  # of adopt/


def unmanaged(session: Session, subject: Subject) -> list[Facts]:
    """[{"table", "rows", "owner"}] of its tables without a model."""
    if not subject.unmanaged:
        return []
    with rows_of(session, subject.database) as rows:
        return session.adopt("unmanaged").listed(subject.unmanaged, subject.existing.snapshot, rows)  # type: ignore[no-any-return]  # of adopt/


@contextlib.contextmanager
def rows_of(session: Session, database: LoadedDatabase) -> Iterator[Rows]:
    """The counts of a database, over a connection that only reads."""
    with session.look(database) as connection:
        yield session.adopt("counting").Rows(connection)
