"""A verdict with what people want to know of it: what each difference means for the rows, whose the tables without a model are, and
what else there is that no revision makes.

The rows are counted in the database, read-only and for a limited time; nothing that was decided changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from ..base.errors import AdoptError
from ..rows import counting, triage, unmanaged
from ..schema import objects, unbuilt
from ..server import readonly
from . import verdict

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from ..history.chain import Chain
    from ..history.loading import Database
    from .look import Seen
    from .verdict import Verdict


def explained(found: Verdict, seen: Seen, chain: Chain, database: Database, *, with_objects: bool = False) -> Verdict:
    """The Verdict `found` on what was `seen` of a Database, with its differences sorted and its other tables counted.

    With `with_objects` it also has what no revision makes beside tables, unless the revisions could not all be run.
    """
    with_objects = with_objects and chain.objects is not None
    if seen.snapshot is None or not (found.differences or found.unmanaged or with_objects):
        return found
    try:
        with readonly.of(database) as connection:
            if with_objects:
                found = replace(found, unbuilt=unbuilt_of(connection, seen, chain, database))
            return told(found, seen, chain, database, counting.Rows(connection))
    except (AdoptError, exc.DBAPIError):  # it went away meanwhile
        return told(found, seen, chain, database, counting.Uncounted())


def unbuilt_of(connection: Connection, seen: Seen, chain: Any, database: Database) -> Any:
    known = chain.known(seen.snapshot, seen.register)
    there = objects.take(connection, database.schemas)
    return tuple(unbuilt.unbuilt(there, chain.objects, known["tables"] | set(seen.snapshot["views"])))


def told(found: Verdict, seen: Seen, chain: Chain, database: Database, rows: Any) -> Verdict:
    position = compared_with(found, chain)
    differences = found.differences
    if differences and position is not None:
        differences = tuple(triage.triage(differences, position.snapshot, seen.snapshot, rows, database.places.of))
    names = [one["table"] for one in found.unmanaged]
    return replace(found, differences=differences, unmanaged=tuple(unmanaged.listed(names, seen.snapshot, rows)))


def compared_with(found: Verdict, chain: Chain) -> Any:
    """The position of the chain that the differences are from."""
    if found.state == verdict.MISMATCHED:
        return chain.position(chain.graph.applied(found.stamped))
    return next((position for position in chain.positions if verdict.named(position) == found.nearest), None)
