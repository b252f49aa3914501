"""What the revisions build: the schema after each of them, so that a database can be told which one it is at.

    Graph      the revisions and what each follows, as the files in versions/ say
    Position   a state that a database can be in: the revisions that have run there, and the schema that they build
    Chain      the graph and its positions, made by replay.py on a scratch database; the same for all databases of one server

Revisions may branch: a database is then at several at once, one row of `alembic_version` for each. All of this is plain data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ..base.types import Snapshot


@dataclass(frozen=True)
class Graph:
    """`revisions` are all ids in the order in which an upgrade from nothing runs them.

    `parents` are those that must have run before each one (`down_revision` and `depends_on`), `files` their paths from the
    project's root.
    """

    revisions: tuple[str, ...] = ()
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def heads(self) -> tuple[str, ...]:
        """The revisions that no other one follows; one, unless branches were not merged."""
        followed = {parent for parents in self.parents.values() for parent in parents}
        return tuple(revision for revision in self.revisions if revision not in followed)

    def unknown(self, revisions: Iterable[str]) -> tuple[str, ...]:
        """Those of `revisions` that are in no file."""
        return tuple(revision for revision in revisions if revision not in self.parents)

    def applied(self, revisions: Iterable[str]) -> frozenset[str]:
        """The revisions that have run in a database whose `alembic_version` holds `revisions`, all known ones."""
        result, waiting = set(), list(revisions)
        while waiting:
            revision = waiting.pop()
            if revision not in result:
                result.add(revision)
                waiting.extend(self.parents[revision])
        return frozenset(result)

    def overlap(self, revisions: Collection[str]) -> bool:
        """Whether one of these rows of `alembic_version` includes another; Alembic refuses to upgrade from such rows."""
        return any(self.applied(self.parents[one]).intersection(revisions) for one in revisions)

    def pending(self, applied: Collection[str]) -> tuple[str, ...]:
        """The revisions that an upgrade to the newest ones would still run, in its order."""
        return tuple(revision for revision in self.revisions if revision not in applied)


@dataclass(frozen=True)
class Position:
    """`stamp` are the rows of `alembic_version`, sorted; `applied` the revisions that have run; `snapshot` what they build."""

    stamp: tuple[str, ...]
    applied: frozenset[str]
    snapshot: Any


@dataclass(frozen=True)
class Failure:
    """A revision that cannot run on an empty database. `place` is "file:line" in it, `reason` the first line of what it raised."""

    revision: str
    place: str
    reason: str


@dataclass(frozen=True)
class Chain:
    """`positions` from the oldest to the newest, the first one being a database before any revision; none when not replayed.

    `beyond` are all words in the files of revisions that a failure kept from running; the names of their tables are among them.
    `objects` are what all revisions together make beside tables, in the form of objects.py; None where they did not all run.
    """

    graph: Graph
    positions: tuple[Position, ...] = ()
    failures: tuple[Failure, ...] = ()
    beyond: frozenset[str] = frozenset()
    objects: tuple[Any, ...] | None = None

    def position(self, applied: Collection[str]) -> Position | None:
        """The position at which exactly these revisions have run, or None where it was not replayed."""
        return next((position for position in self.positions if position.applied == applied), None)

    def failure(self, applied: Collection[str]) -> Failure | None:
        """What keeps the position of `applied` from being built, or None."""
        return next((failure for failure in self.failures if failure.revision in applied), None)

    def known(self, snapshot: Snapshot, register: Collection[str] = ()) -> dict[str, set[str]]:
        """{"tables": names, "enums": names, "views": names} in `snapshot` of what the revisions manage: that any of them builds.

        `register` are the tables that project.ini says are left alone.
        """
        return {
            kind: {name for name in snapshot[kind] if self._builds(kind, name) and not (kind == "tables" and name in register)}
            for kind in ("tables", "enums", "views")
        }

    def _builds(self, kind: str, name: str) -> bool:
        is_beyond = name.rpartition(".")[2] in self.beyond
        return is_beyond or any(name in position.snapshot[kind] for position in self.positions)

    @property
    def builds_tables(self) -> bool:
        """Whether any revision builds a table; where none does, there is nothing to compare a database with."""
        return any(position.snapshot["tables"] for position in self.positions)
