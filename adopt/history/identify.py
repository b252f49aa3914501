"""Which position of the chain is this schema? Pure, and never a position whose schema differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..schema import differences

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..base.types import Snapshot
    from .chain import Chain, Position


@dataclass(frozen=True)
class Identified:
    """`position` is the one whose schema this is, or None; `nearest` the one with the fewest `differences` from it."""

    position: Position | None
    nearest: Position | None
    differences: tuple[Any, ...] = ()


def identify(chain: Chain, snapshot: Snapshot, register: Collection[str] = ()) -> Identified:
    """The position whose schema `snapshot` is; of several with one schema the oldest.

    Two revisions build the same schema where the second changes rows only. Those changes may not have been made in this database,
    so it counts as being before them.
    """
    known, nearest, fewest = chain.known(snapshot, register), None, None
    for position in chain.positions:
        found = differences.compare(position.snapshot, snapshot, known=known)
        if not found:
            return Identified(position, position)
        if position.stamp and (fewest is None or len(found) <= len(fewest)):
            nearest, fewest = position, found
    return Identified(None, nearest, tuple(fewest or ()))


def unmanaged(chain: Chain, snapshot: Snapshot, register: Collection[str] = ()) -> list[str]:
    """The tables that no revision builds and the register does not name, sorted."""
    return differences.unmanaged({"tables": chain.known(snapshot)["tables"] | set(register)}, snapshot)
