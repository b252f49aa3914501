"""A verdict with what people want to know of it: what each difference means for the rows, and whose the tables without a model are.

The rows are counted in the database, read-only and for a limited time; nothing that was decided changes.
"""

from dataclasses import replace

from sqlalchemy import exc

from . import counting, readonly, triage, unmanaged, verdict
from .errors import AdoptError


def explained(found, seen, chain, database):
    """The Verdict `found` on what was `seen` of a Database, with its differences sorted and its other tables counted."""
    if seen.snapshot is None or not (found.differences or found.unmanaged):
        return found
    try:
        with readonly.connect(database.url, database.connect_args) as connection:
            return told(found, seen, chain, database, counting.Rows(connection))
    except (AdoptError, exc.DBAPIError):  # it went away meanwhile
        return told(found, seen, chain, database, counting.Uncounted())


def told(found, seen, chain, database, rows):
    position = compared_with(found, chain)
    differences = found.differences
    if differences and position is not None:
        differences = tuple(triage.triage(differences, position.snapshot, seen.snapshot, rows, database.places.of))
    names = [one["table"] for one in found.unmanaged]
    return replace(found, differences=differences, unmanaged=tuple(unmanaged.listed(names, seen.snapshot, rows)))


def compared_with(found, chain):
    """The position of the chain that the differences are from."""
    if found.state == verdict.MISMATCHED:
        return chain.position(chain.graph.applied(found.stamped))
    return next((position for position in chain.positions if verdict.named(position) == found.nearest), None)
