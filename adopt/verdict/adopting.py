"""Adopt one database: look, decide, act. Whatever it is found in, a second run finds nothing left to do.

    absent, empty            upgrade from nothing, after that was tried on a scratch database
    unstamped                stamp it with the revision whose schema it has
    behind                   with `upgrade`, run what is pending
    mismatched, unknown      with `restamp`, replace a wrong stamp, where the schema is that of another revision
    everything else          say what it is

The writes are two: stamp.stamp, and an upgrade through env.py. With `write=False` there is none.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..base.errors import (
    AdoptError,
    AlreadyStamped,
    ChangedSinceVerified,
    DatabaseChanged,
    LockNotTaken,
    MustWrite,
    NotPermitted,
    RevisionFailed,
    RiskyRevision,
    StampNotRead,
)
from ..base.urls import backend
from ..history import git_history, replay
from ..history.chain import Chain
from ..history.upgrading import upgrade as run_upgrade
from ..server import locking, readonly
from ..server.server_of import server_of
from . import stamp, verdict
from .chains import Chains
from .explained import explained
from .look import look

if TYPE_CHECKING:
    from ..history.chain import Graph
    from ..history.loading import Database
    from .look import Seen
    from .verdict import Verdict


ATTEMPTS = 3


def adopt(
    database: Database,
    chains: Chains | None = None,
    *,
    upgrade: bool = False,
    restamp: bool = False,
    write: bool = True,
    with_objects: bool = False,
    keeper: Any = None,
) -> Verdict:
    """The Verdict on one Database after what could be done about it; give the same `chains` for all databases of one run.

    `with_objects` asks the database for what it has beside tables, too: some more queries. The `keeper` stamps, see keeper.py;
    without one it is done here.

    Raises:
        MustWrite: revisions are to be run, and the keeper is for reading; nothing was written.
        DatabaseChanged: the application has changed a database, so it is not stamped.
        RiskyRevision: an upgrade would lose values of rows, or fail on them; that database is as it was.
        HistoryUnreadable: migrations/versions/ cannot be read.
    """
    chains = chains or Chains()
    chain = Chain(chains.graph)
    has_waited = False
    for attempt in range(ATTEMPTS):
        seen = look(database)
        try:
            chain = chains.enough(database, seen)
            found = verdict.decide(seen, chain)
            if found.state in (verdict.MISMATCHED, verdict.DRIFTED) and backend(database.url) == "mysql" and not has_waited:
                has_waited = True
                wait_for_upgrade(database)
                continue
            found = with_history(found, chain.graph)
            adoption = Adoption(database, chains, chain, upgrade, restamp, keeper, attempt == 0)
            found = adoption.act(seen, found) if write else found
            return explained(found, adoption.seen or seen, adoption.chain, database, with_objects=with_objects)
        except (AlreadyStamped, ChangedSinceVerified, StampNotRead):
            continue  # somebody else was faster, or went on from there at once: look again
        except (DatabaseChanged, RiskyRevision):
            raise
        except AdoptError as error:
            return verdict.unchecked(seen, chain, error)
    return verdict.unchecked(seen, chain, AdoptError(f"it changed while it was looked at, {ATTEMPTS} times"))


def wait_for_upgrade(database: Database) -> None:
    """Let an upgrade that is running end, as far as MIGRATIONS_LOCK_WAIT_S goes: MySQL shows others what half of it has done."""
    with contextlib.suppress(LockNotTaken), readonly.of(database) as connection:
        with locking.held(connection):
            return


def with_history(found: Verdict, graph: Graph) -> Verdict:
    """The same with what git knows of revisions that are in no file."""
    if found.state != verdict.UNKNOWN_REVISION:
        return found
    lost = tuple(git_history.find(revision, replay.VERSIONS) for revision in graph.unknown(found.stamped))
    return replace(found, lost=lost)


class Adoption:
    """What is done about one database; with `trusts_mark` a stamp looks at no more than that the mark is the same."""

    def __init__(
        self,
        database: Database,
        chains: Chains,
        chain: Chain,
        upgrade: bool,
        restamp: bool,
        keeper: Any,
        trusts_mark: bool,
    ) -> None:
        self._database, self._chains, self.chain = database, chains, chain
        self._upgrade, self._restamp, self._keeper, self._trusts_mark = upgrade, restamp, keeper, trusts_mark
        self.seen: Seen | None = None  # what there is after an upgrade

    def act(self, seen: Seen, found: Verdict) -> Verdict:
        """The Verdict after it."""
        if found.state in (verdict.ABSENT, verdict.EMPTY):
            return self._build(seen, found)
        if found.state == verdict.UNSTAMPED:
            return self._stamp(seen, found, "stamped")
        if found.state in (verdict.MISMATCHED, verdict.UNKNOWN_REVISION) and found.revision and self._restamp:
            return self._stamp(seen, found, "restamped")
        return self._bring_up(found, ())

    def _stamp(self, seen: Seen, found: Verdict, word: str) -> Verdict:
        position = next(one for one in self.chain.positions if verdict.named(one) == found.revision)
        if self._upgrade and self.chain.graph.pending(position.applied):
            self._require_writable()
        write = stamp.stamp if self._keeper is None else self._keeper.stamp
        write(
            self._database.url,
            position.stamp,
            expected_snapshot=None if seen.mark and self._trusts_mark else seen.snapshot,
            expected_mark=seen.mark,
            replaces=seen.stamped,
            version_table=self._database.version_table,
            version_table_schema=self._database.version_table_schema,
            schemas=self._database.schemas,
            connect_args=self._database.connect_args,
        )
        done = f"{word} {verdict.named(position)}"
        found = verdict.decide(replace(seen, stamped=position.stamp, empty_version_table=False), self.chain)
        return self._bring_up(found, (done,))

    def _bring_up(self, found: Verdict, actions: tuple[str, ...]) -> Verdict:
        if not (self._upgrade and found.state == verdict.BEHIND):
            return verdict.after(found, actions)
        failure = self.chain.failure(frozenset(found.pending))
        if failure is not None:
            return verdict.after(replace(found, failure=verdict.as_dict(failure)), actions)
        self._require_writable()
        return self._run(actions, "upgraded to")

    def _require_writable(self) -> None:
        if self._keeper is not None and self._keeper.is_for_reading:
            raise MustWrite

    def _build(self, seen: Seen, found: Verdict) -> Verdict:
        if found.unmanaged and not self._upgrade:
            return verdict.after(found, ())  # other tables are there: is it the right database?
        self._require_writable()
        try:
            self.chain = self._chains.replayed(self._database, seen)
        except NotPermitted:
            pass  # unproven, but an empty database has nothing to lose
        if self.chain.failures:
            return verdict.after(replace(found, failure=verdict.as_dict(self.chain.failures[0])), (), verdict.UNCHECKED)
        actions: tuple[str, ...] = ()
        if found.state == verdict.ABSENT:
            server_of(self._database.url, self._database.connect_args).create_missing()
            actions = ("created",)
        return self._run(actions, "built up to")

    def _run(self, actions: tuple[str, ...], word: str) -> Verdict:
        """Upgrade to the newest revisions, and look again: what an upgrade made is verified like everything else."""
        try:
            run_upgrade(self._database)
        except RevisionFailed as error:
            seen = look(self._database)
            return verdict.unchecked(seen, self.chain, error, actions)
        seen = self.seen = look(self._database)
        self.chain = self._chains.enough(self._database, seen)
        found = verdict.decide(seen, self.chain)
        return verdict.after(found, actions + ("{} {}".format(word, ", ".join(found.stamped)),))
