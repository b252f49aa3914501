"""What distinguishes two snapshots, one fact at a time.

    {"table": "users", "what": "column", "name": "email", "kind": "changed", "expected": "VARCHAR(255)", "actual": "VARCHAR(120)"}

`kind` is "missing" (only expected), "extra" (only there) or "changed". `what` is "table", "column", "primary key", "foreign key",
"unique", "index", "check", "options", "partitioning", "comment", "constraint comment", "enum", "domain", "sequence"
or "view". As lines:

    users.email       models VARCHAR(255)   database VARCHAR(120)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..base.types import Difference, Snapshot, TableFacts


# SQLAlchemy before 1.4 gave every Boolean such a CHECK; without it the column takes the same values from SQLAlchemy.
BOOLEAN_CHECK, BOOLEANS = re.compile(r"^\S+ in \(0, ?1\)$", re.I), ("BOOLEAN", "TINYINT(1)")


def compare(expected: Snapshot, actual: Snapshot, *, known: Mapping[str, set[str]] | None = None) -> list[Difference]:
    """The differences from the snapshot `expected` to the snapshot `actual`, in a stable order; [] when there is none.

    A table (or enum, or view) that is only in `actual` is no difference, see `unmanaged`; unless it is among `known`, sets of names
    by "tables", "enums" and "views": those of the whole history, so that a table which a later revision makes or drops counts.
    """
    result = []
    for name in _named("tables", expected, actual, known):
        if name not in actual["tables"]:
            result.append(_difference(name, "table", "", "missing", "the table", ""))
        elif name not in expected["tables"]:
            result.append(_difference(name, "table", "", "extra", "", "the table"))
        elif expected["tables"][name] != actual["tables"][name]:
            there = actual["tables"][name]
            if expected.get("dialect") == "mysql":
                there = dict(there, indexes=_by_given_names(expected["tables"][name]["indexes"], there["indexes"]))
            result += _compare_tables(name, expected["tables"][name], there)
    for name in _named("enums", expected, actual, known):
        result += _compare_one("", "enum", name, _joined(expected["enums"].get(name, ())), _joined(actual["enums"].get(name, ())))
    for what in ("domain", "sequence"):
        sides = [side.get(what + "s", {}) for side in (expected, actual)]
        for name in sorted(sides[0]):  # one that only the database has concerns no model
            result += _compare_one("", what, name, sides[0][name], sides[1].get(name, ""))
    for name in _named("views", expected, actual, known):
        words = ["the view" if name in side["views"] else "" for side in (expected, actual)]
        result += _compare_one("", "view", name, words[0], words[1])
    return result


def _named(kind: str, expected: Snapshot, actual: Snapshot, known: Mapping[str, set[str]] | None) -> list[str]:
    return sorted(set(expected[kind]) | (set(actual[kind]) & known[kind] if known else set()))


def unmanaged(expected: Snapshot, actual: Snapshot) -> list[str]:
    """The tables that only `actual` has, those of its extensions (PostGIS) included."""
    return sorted((set(actual["tables"]) | set(actual.get("extension_tables", ()))) - set(expected["tables"]))


def lines(differences: Iterable[Difference], *, expected: str = "models", actual: str = "database") -> list[str]:
    """The differences as aligned lines for people; `expected` and `actual` say what the two sides are."""
    rows = []
    for item in differences:
        place = ".".join(filter(None, (item["table"], item["name"]))) if item["what"] == "column" else item["table"]
        if item["what"] not in ("column", "table"):
            place = " ".join(filter(None, (place, item["what"], item["name"])))
        if item["kind"] == "changed":
            rows.append((place, expected + " " + item["expected"], actual + " " + item["actual"]))
        else:
            only = expected if item["kind"] == "missing" else actual
            rows.append((place, "only in the " + only + ("  " + _shown(item) if item["what"] not in ("table", "view") else ""), ""))
    widths = [max((len(row[column]) for row in rows if column == 0 or row[2]), default=0) for column in (0, 1)]
    return ["   ".join((row[0].ljust(widths[0]), row[1].ljust(widths[1] if row[2] else 0), row[2])).rstrip() for row in rows]


def _shown(item: Difference) -> Any:
    return item["expected"] if item["kind"] == "missing" else item["actual"]


def _difference(table: str, what: str, name: str, kind: str, expected: str, actual: str) -> Difference:
    return {"table": table, "what": what, "name": name, "kind": kind, "expected": expected, "actual": actual}


def _compare_one(table: str, what: str, name: str, expected: str, actual: str) -> list[Difference]:
    """One thing as text on both sides, "" where it is absent."""
    if expected == actual:
        return []
    kind = "missing" if not actual else "extra" if not expected else "changed"
    return [_difference(table, what, name, kind, expected, actual)]


def _compare_tables(table: str, expected: TableFacts, actual: TableFacts) -> list[Difference]:
    result = []
    for name in sorted(set(expected["columns"]) | set(actual["columns"])):
        result += _compare_columns(table, name, expected["columns"].get(name), actual["columns"].get(name))
    result += _compare_one(table, "primary key", "", _primary_key(expected), _primary_key(actual))
    result += _compare_sets(table, "foreign key", _foreign_keys(expected), _foreign_keys(actual))
    result += _compare_unique(table, expected["unique"], actual["unique"])
    for name in sorted(set(expected["indexes"]) | set(actual["indexes"])):
        result += _compare_one(table, "index", name, _index(expected["indexes"].get(name)), _index(actual["indexes"].get(name)))
    types = {name: column["type"] for name, column in expected["columns"].items()}
    left = {item for item in actual["checks"] if BOOLEAN_CHECK.match(item) and types.get(item.partition(" ")[0]) in BOOLEANS}
    checks = [item for item in actual["checks"] if item in expected["checks"] or item not in left]
    result += _compare_sets(table, "check", expected["checks"], checks)
    comments = [side.get("constraint_comments", {}) for side in (expected, actual)]
    for name in sorted(set().union(*comments)):
        result += _compare_one(table, "constraint comment", name, comments[0].get(name, ""), comments[1].get(name, ""))
    result += _compare_one(table, "options", "", expected.get("options", ""), actual.get("options", ""))
    result += _compare_one(table, "partitioning", "", expected.get("partition_by", ""), actual.get("partition_by", ""))
    return result + _compare_one(table, "comment", "", expected.get("comment", ""), actual.get("comment", ""))


def _compare_columns(
    table: str, name: str, expected: Mapping[str, Any] | None, actual: Mapping[str, Any] | None
) -> list[Difference]:
    if expected is None or actual is None:
        return _compare_one(table, "column", name, _shown_column(expected), _shown_column(actual))
    one, other = _column(expected), _column(actual)
    changed = [fact for fact in one if one[fact] != other[fact]]
    return _compare_one(
        table, "column", name, _joined((one[it] for it in changed), " "), _joined((other[it] for it in changed), " ")
    )


def _column(column: Mapping[str, Any]) -> dict[str, str]:
    """{fact: words}, also for what the column has not, so that two columns can be laid side by side."""
    words = {"type": column["type"], "nullable": "NULL" if column["nullable"] else "NOT NULL"}
    words["default"] = "DEFAULT " + column["default"] if column["default"] is not None else "no default"
    for name in ("computed", "identity", "numbering", "autoincrement", "collation", "conflict", "check", "comment"):
        value = column.get(name)
        words[name] = "no " + name if not value else name if value is True else name + " " + value
    return words


def _shown_column(column: Mapping[str, Any] | None) -> str:
    return (
        "" if column is None else _joined((it for it in _column(column).values() if it != "NULL" and not it.startswith("no ")), " ")
    )


def _primary_key(table: TableFacts) -> str:
    return _joined((_joined(table["primary_key"]), table.get("primary_key_options")), " ")


def _foreign_keys(table: TableFacts) -> list[str]:
    return [foreign_key_text(key) for key in table["foreign_keys"]]


def foreign_key_text(key: Mapping[str, Any]) -> str:
    """ "customer_id to customer(id) ON DELETE CASCADE"."""
    return _joined((_joined(key["columns"]), "to", key["refers_to"], key["options"]), " ")


def _by_given_names(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> dict[str, Any]:
    """The indexes `actual`, where a unique one that MySQL has named in `expected` has that name: nobody gave it."""
    result = dict(actual)
    for name, index in expected.items():
        first = index["definition"][1:-1].partition(", ")[0]
        if index["unique"] and name not in result and re.match(re.escape(first[:60]) + r"(_\d+)?$", name):
            same = [other for other, found in result.items() if found == index and other not in expected]
            if same:
                result[name] = result.pop(same[0])
    return result


def _index(index: Mapping[str, Any] | None) -> str:
    return "" if index is None else ("UNIQUE " if index["unique"] else "") + index["definition"]


def _joined(words: Iterable[str | None], separator: str = ", ") -> str:
    return separator.join(filter(None, words))


def _compare_sets(table: str, what: str, expected: Sequence[str], actual: Sequence[str]) -> list[Difference]:
    result = [_difference(table, what, "", "missing", item, "") for item in _without(expected, actual)]
    return result + [_difference(table, what, "", "extra", "", item) for item in _without(actual, expected)]


def _without(items: Sequence[str], others: Sequence[str]) -> list[str]:
    """Those that the others do not have, or not as often."""
    left = list(others)
    return [item for item in items if item not in left or left.remove(item)]  # type: ignore[func-returns-value]  # None, as is meant


def _compare_unique(table: str, expected: Sequence[Mapping[str, Any]], actual: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """By their columns; the name counts only where the expected one was given by a person, for migrations will use it."""
    left, result = [dict(item) for item in actual], []
    for item in expected:
        same = [other for other in left if _is_same_unique(item, other) and item["name"] in (None, other["name"])]
        if same:
            left.remove(same[0])
            continue
        alike = [other for other in left if sorted(other["columns"]) == sorted(item["columns"])]
        alike = [other for other in alike if _is_same_unique(item, other)] or alike
        alike = alike or [other for other in left if item["name"] and other["name"] == item["name"]]
        if not alike:
            result.append(_difference(table, "unique", item["name"] or "", "missing", unique_text(item), ""))
            continue
        left.remove(alike[0])
        words = [unique_text(one) for one in (item, alike[0])]
        if _is_same_unique(item, alike[0]):
            words = ["{} {}".format(unique_text(one), one["name"] or "unnamed") for one in (item, alike[0])]
        result.append(_difference(table, "unique", item["name"] or "", "changed", words[0], words[1]))
    return result + [_difference(table, "unique", item["name"] or "", "extra", "", unique_text(item)) for item in left]


def _is_same_unique(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one["columns"], one.get("options")) == (other["columns"], other.get("options"))


def unique_text(item: Mapping[str, Any]) -> str:
    """ "(slug, position) NULLS NOT DISTINCT"."""
    return _joined(("({})".format(_joined(item["columns"])), item.get("options")), " ")
