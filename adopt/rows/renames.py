"""What looks like one thing under two names: a column that is missing and one of the same type that is extra, and the like.

Nobody can tell a renamed column from one dropped and one added, so this only asks; a drop and an add lose the values.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from ..schema.differences import unique_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..base.types import Difference, Snapshot, TableFacts


class Renames:
    """The pairs among `differences`; each side knows the other one by its name."""

    def __init__(self, differences: Sequence[Difference], expected: Snapshot, actual: Snapshot) -> None:
        self._columns = {}
        self._indexes = {}
        tables = {item["table"] for item in differences if item["what"] != "enum"}
        for table in sorted(tables & set(expected["tables"]) & set(actual["tables"])):
            wanted, there = expected["tables"][table], actual["tables"][table]
            alone = [
                {name: column["type"] for name, column in side["columns"].items() if name not in other["columns"]}
                for side, other in ((wanted, there), (there, wanted))
            ]
            for one, other in pairs(*alone):
                self._columns[table, one], self._columns[table, other] = other, one
            for one, other in _same_indexes(wanted, there):
                self._indexes[table, one], self._indexes[table, other] = other, one
        without_model = {name: table for name, table in actual["tables"].items() if name not in expected["tables"]}
        self._tables = {
            name: other
            for name in sorted(tables & set(expected["tables"]) - set(actual["tables"]))
            for other in _alike(expected["tables"][name], without_model)[:1]
        }

    def of_column(self, table: str, name: str) -> str:
        """The column that this one may be, "" where there is none."""
        return self._columns.get((table, name), "")

    def of_index(self, table: str, name: str) -> str:
        """The index or unique constraint of the other side that is the same one under its name, "" where there is none."""
        return self._indexes.get((table, name), "")

    def of_table(self, name: str) -> str:
        """The table without a model that has the same columns as this missing one, "" where there is none."""
        return self._tables.get(name, "")


def pairs(missing: Mapping[str, Any], extra: Mapping[str, Any]) -> list[tuple[str, str]]:
    """[(name in `missing`, name in `extra`)]: of the same type, each once, the most alike names first."""
    candidates = [(difflib.SequenceMatcher(None, one, two).ratio(), one, two) for one in missing for two in extra]
    found: list[tuple[str, str]] = []
    for _, one, two in sorted(candidates, key=lambda item: (-item[0], item[1:])):
        if missing[one] == extra[two] and not any(one == first or two == second for first, second in found):
            found.append((one, two))
    return found


def rules(table: Mapping[str, Any]) -> dict[str, tuple[bool, str]]:
    """{name: what it is}: indexes, and unique constraints as the unique indexes that they are."""
    found = {name: (index["unique"], index["definition"]) for name, index in table["indexes"].items()}
    for item in table["unique"]:
        found[item["name"] or unique_text(item)] = (True, "({})".format(", ".join(item["columns"])))
    return found


def _same_indexes(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> list[tuple[str, str]]:
    ours, theirs = rules(wanted), rules(there)
    missing = {name: rule for name, rule in ours.items() if theirs.get(name) != rule}
    extra = {name: rule for name, rule in theirs.items() if ours.get(name) != rule}
    return pairs(missing, extra)


def _alike(wanted: Mapping[str, Any], without_model: Mapping[str, TableFacts]) -> list[str]:
    """The names of the tables that have these columns, two of them at least."""
    names = set(wanted["columns"])
    return sorted(name for name, table in without_model.items() if len(names) > 1 and set(table["columns"]) == names)
