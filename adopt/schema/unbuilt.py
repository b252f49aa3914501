"""What a database has and no revision makes: a new one that `flask db upgrade` builds goes without it.

It is said, and that is all: no database counts as different because of it.

    2 functions: audit(integer), touch()   SELECT pg_get_functiondef('audit(integer)'::regprocedure)
    1 trigger: touch on users              SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE ...
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


ADVICE = (
    "no revision makes {those}, so that a new database goes without; to bring {them} in, write what {statement} shows into a"
    ' revision, as op.execute("..."), with DROP ... IF EXISTS before it for databases that have {them}:  flask db revision'
    ' -m "{what}"'
)
FEW = 5
PLURAL = {"policy": "policies", "row level security": "tables with row level security"}
SINGULAR = {"row level security": "table with row level security"}
WIDEST = 60
FIRST_OF_SEVERAL = {"owned sequence": "sequence"}  # SERIAL makes one where the database has one of its own


def unbuilt(there: Sequence[dict[str, str | None]], built: Sequence[dict[str, str | None]], tables: Collection[str]) -> list[Any]:
    """The objects of `there` that are not among those of `built`, both from objects.take.

    A trigger and the like count where they are on one of `tables`; on another, they came with it from whoever made that.
    """
    made = {identity(one) for one in built}
    return [
        one
        for one in there
        if one["kind"] not in FIRST_OF_SEVERAL and identity(one) not in made and (one["table"] is None or one["table"] in tables)
    ]


def identity(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return (FIRST_OF_SEVERAL.get(one["kind"], one["kind"]), one["name"], one["table"])


def lines(found: Sequence[Any]) -> list[str]:
    """A line for each kind: how many, the first names, and the statement that shows the definition of the first."""
    of_kind: Any
    rows = []
    for kind, of_kind in itertools.groupby(sorted(found, key=lambda one: one["kind"]), key=lambda one: one["kind"]):
        of_kind = list(of_kind)
        names = [shown(one) for one in of_kind if one["name"] is not None]
        if names:
            more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
            rows.append((counted(len(names), kind) + ": " + ", ".join(names[:FEW]) + more, of_kind[0]["definition"]))
        if len(names) < len(of_kind):
            rows.append((f"{plural(kind)}: not known, for the role may not read them", ""))
    width = max((len(row[0]) for row in rows if len(row[0]) <= WIDEST), default=0)
    return ["   ".join((row[0].ljust(width), row[1])).rstrip() for row in rows]


def advice(found: Sequence[Any]) -> str:
    """What it means, and what to do, in a sentence without its end; "" where there is nothing to say."""
    known = [one for one in found if one["name"] is not None]
    if not known:
        return ""
    those, them, statement = ("that", "it", "the statement") if len(known) == 1 else ("those", "them", "such a statement")
    return ADVICE.format(those=those, them=them, statement=statement, what=plural(known[0]["kind"]))


def shown(one: Mapping[str, Any]) -> str:
    return one["name"] if one["table"] is None or one["kind"] in SINGULAR else "{} on {}".format(one["name"], one["table"])


def counted(number: int, kind: str) -> str:
    return f"{number} {SINGULAR.get(kind, kind) if number == 1 else plural(kind)}"


def plural(kind: str) -> str:
    return PLURAL.get(kind, kind + "s")
