"""What a difference comes to: its class, what to do about it, and how many rows are at stake.

cosmetic         no row and no line of code depends on it
models-ahead     the models say more, and no row is in the way
database-ahead   only the database has it, and nothing would be lost with it but itself
dangerous        carrying it over to the database would lose values, or fail on rows that are there
"""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

from .counting import shown, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..base.types import Difference, Snapshot, TableFacts
    from .counting import Rows, Uncounted
    from .renames import Renames


COSMETIC, MODELS, DATABASE, DANGEROUS = "cosmetic", "models-ahead", "database-ahead", "dangerous"
CLASSES = (DANGEROUS, DATABASE, MODELS, COSMETIC)

Judged = collections.namedtuple("Judged", "kind advice rows")


def cosmetic(advice: str) -> Judged:
    return Judged(COSMETIC, advice, None)


def models(advice: str) -> Judged:
    return Judged(MODELS, advice, None)


def database(advice: str) -> Judged:
    return Judged(DATABASE, advice, None)


def dangerous(advice: str, rows: int | None) -> Judged:
    """`rows` are those at stake, None where they could not be counted."""
    return Judged(DANGEROUS, advice, rows)


def counted(rows: int | None, harmless: Judged, words: str, *forms: str, noun: str = "row") -> Judged:
    """What it comes to by the rows against it: `harmless` where there is none, else `words` with their number and the forms."""
    if rows == 0:
        return harmless
    return dangerous(words.format(shown(rows, noun), *verb(rows, *forms)), rows)


def worst(several: Sequence[Judged]) -> Judged:
    """One out of what was said of the parts of a difference: the gravest class, with all that was advised for it."""
    kind = min((one.kind for one in several), key=CLASSES.index)
    same = [one for one in several if one.kind == kind]
    counted = [one.rows for one in same if one.rows is not None]
    return Judged(kind, " ".join(one.advice for one in same), max(counted) if counted else None)


class Side:
    """What the judges need: both snapshots, the counts of the database, and what looks renamed."""

    def __init__(self, expected: Snapshot, actual: Snapshot, rows: Rows | Uncounted, renames: Renames) -> None:
        self.expected, self.actual, self.rows, self.renames = expected, actual, rows, renames
        self.dialect = actual["dialect"]

    def with_value(self, item: Difference) -> Any:
        """How many rows have a value in the column that it is about."""
        return self.rows.with_value(item["table"], item["name"])

    def wanted(self, table: str) -> TableFacts:
        """The table as the models have it; one without anything where they have none."""
        return self.expected["tables"].get(table) or NOTHING

    def there(self, table: str) -> TableFacts:
        """The table as the database has it."""
        return self.actual["tables"].get(table) or NOTHING


NOTHING: TableFacts = {"columns": {}, "primary_key": [], "foreign_keys": [], "unique": [], "indexes": {}, "checks": []}
