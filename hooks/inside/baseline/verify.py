"""Show that the baseline is right: in each scratch database it runs, builds what the models say, and goes away again.

What it builds is compared with the existing database as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from ..base.stop import Stop
from ..load.causes import described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Engine

    from adopt.base.types import Difference, Snapshot

    from ..base.pipe import Events
    from ..load.types import Session
    from .prove import Workshop
    from .types import Subject


def verify(session: Session, workshop: Workshop, subjects: Sequence[Subject]) -> None:
    """Do all that for the subjects that have a scratch database; their `built` and `differences` are known then.

    Raises:
        Stop: it does not run, or does not build what the models say, or does not go away again.
    """
    pipe = session.pipe
    with pipe.step("upgrade") as detail:
        progress = Progress(pipe, sum(len(subject.tables) for subject in subjects))
        for subject in subjects:
            try:
                workshop.upgrade(subject, progress)
            except (SQLAlchemyError, NameError, TypeError, AttributeError) as error:  # also what the project's own types raise
                raise Stop("baseline-does-not-run", exception=described(error), keys=subject.database.keys) from error
        detail["tables"] = progress.total
    with pipe.step("models"):
        for subject in subjects:
            lines = workshop.compare(subject, subject.engine)
            if lines:
                raise Stop("baseline-differs-from-models", differences=lines, keys=subject.database.keys)
    present = [subject for subject in subjects if subject.is_present]
    if present:
        with pipe.step("compare") as detail:
            for subject in present:
                compare(session, workshop, subject)
            detail["differences"] = sum(len(subject.differences) for subject in present)
    with pipe.step("downgrade"):
        for subject in subjects:
            workshop.downgrade(subject)
            left = [name for name in left_over(session, subject.engine) if name != "alembic_version"]
            if left:
                raise Stop("baseline-does-not-downgrade", tables=left, keys=subject.database.keys)


class Progress:
    """How many tables have been made, of all; told to a person where there are many."""

    def __init__(self, pipe: Events, total: int) -> None:
        self._pipe, self.total, self._done = pipe, total, 0

    def __call__(self) -> None:
        """One more."""
        self._done += 1
        if self.total > 20 and self._done % max(1, self.total // 50) == 0:
            self._pipe.progress("upgrade", min(self._done, self.total), self.total)


def compare(session: Session, workshop: Workshop, subject: Subject) -> None:
    """Find what distinguishes the existing database from what the baseline has just built."""
    subject.built = subject.take(subject.schemas)
    subject.take_objects()
    subject.differences = session.adopt("differences").compare(subject.built, subject.existing.snapshot)
    if any(item["what"] in ("check", "primary key") for item in subject.differences):
        subject.note_names()
    if not subject.differences and not is_identical(subject.built, subject.existing.snapshot):  # type: ignore[arg-type]  # it is present
        subject.differences = checked(session, workshop, subject)


def is_identical(built: Snapshot, existing: Snapshot) -> bool:
    """Whether the tables are the same to the letter, names included: then `flask db check` finds in both what it found in one."""
    return all(existing["tables"].get(name) == table for name, table in built["tables"].items()) and all(
        existing["enums"].get(name) == labels for name, labels in built["enums"].items()
    )


def checked(session: Session, workshop: Workshop, subject: Subject) -> list[Difference]:
    """What `flask db check` would still find in the existing database, as differences; read-only."""
    engine = session.adopt("readonly").read_only_engine(subject.database.url, subject.database.connect_args)
    lines = workshop.compare(subject, engine)
    return [{"table": line, "what": "flask db check", "name": "", "kind": "extra", "expected": "", "actual": ""} for line in lines]


def left_over(session: Session, engine: Engine) -> list[str]:
    """The tables of the scratch database."""
    from sqlalchemy import inspect

    is_servers_own = session.adopt("comparing").is_servers_own
    with session.policy.permitted(), engine.connect() as connection:
        return [name for name in inspect(connection).get_table_names() if not is_servers_own(name, engine.dialect.name)]
