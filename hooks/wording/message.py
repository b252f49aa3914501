"""What a message is made of, and the one place that says how a run leaves files and databases, after looking at them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hooks.base.facts import Ending
from hooks.base.location import Location

NOTHING = "Nothing was changed."  # what `message` has until the end of the run was looked at; no other words say this
NO_FILE = "No file was changed, and nothing was stamped."
DONE = "Every file of this run is written, and every database that it was to stamp is stamped."


class Message(str):
    """A complete message, which remembers the parts before and after the line that says what was changed."""

    before: tuple[str, ...] = ()
    changed: str = NOTHING
    after: tuple[str, ...] = ()

    def saying(self, changed: Sequence[str]) -> str:
        """The message with these lines in the place of what it says was changed."""
        return "\n".join([*self.before, *(f"  {line}" for line in changed), *self.after])


def message(reference: str, what: str, evidence: Iterable[str] = (), changed: str = NOTHING, todo: Iterable[str] = ()) -> Message:
    """Put the parts together in their order."""
    before = [f"error: {reference}", *(f"  {line}" for line in what.splitlines()), *(f"    {line}" for line in evidence)]
    after = [f"  {line}" for line in todo]
    made = Message("\n".join([*before, f"  {changed}", *after]))
    made.before, made.changed, made.after = tuple(before), changed, tuple(after)
    return made


def places(locations: Iterable[Location]) -> list[str]:
    """ "path:line   text", aligned."""
    rows = [(f"{place.path}:{place.line}", place.text) for place in locations]
    width = max((len(where) for where, _ in rows), default=0)
    return [f"{where:<{width}}   {text}".rstrip() for where, text in rows]


def left(ending: Ending, said: str = NOTHING) -> list[str]:
    """How the run leaves files and databases: `said` where they were looked at, and are as they were."""
    if ending.is_done:
        return [DONE]
    of_databases = [f"{database}: {line}" for database, line in ending.changed]
    rows = shortened([*(f"{change.what:<8} {change.path}" for change in ending.changes), *of_databases])
    if rows and (ending.changes or said != NO_FILE):  # else the message has named the databases
        return ["Not everything is as it was when the run began:", *(f"  {row}" for row in rows)]
    if said == NO_FILE or (ending.is_known and not ending.unclear):
        return [said]
    return [NO_FILE, *(f"Not clear of {database}: {perhaps(lines)}." for database, lines in grouped(ending.unclear).items())]


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The second ones by the first."""
    found: dict[str, list[str]] = {}
    for first, second in pairs:
        found.setdefault(first, []).append(second)
    return found


def perhaps(lines: Sequence[str], most: int = 3) -> str:
    """What others may have changed in a database, as one row."""
    more = [f"and {len(lines) - most} more"] * (len(lines) > most)
    return "; ".join([*lines[:most], *more]) + ("" if all("could not be" in line for line in lines) else ", perhaps by others")


def interrupted(ending: Ending, *, may_be_stamped: bool) -> str:
    """The message for a run that was asked to end."""
    lines, changes = left(ending), ending.changes
    if may_be_stamped:
        lines = ["Every file is as it was."] if not changes else lines
        lines += ["Whether the database was stamped is not known. Run the command again: it uses the same revision id."]
    return "\n".join(["Interrupted. " + lines[0], *lines[1:]])


def shortened(rows: Sequence[str], most: int = 12) -> list[str]:
    """The first rows, and how many more there are."""
    if len(rows) <= most:
        return list(rows)
    return [*rows[:most], f"... and {len(rows) - most} more"]
