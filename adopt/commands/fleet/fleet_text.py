"""What is said of many databases: a line for each, a table at the end, or one JSON document."""

from __future__ import annotations

import collections
import json
import shlex
from typing import TYPE_CHECKING, Any, TextIO

from ...verdict import verdict
from ...verdict.verdict_text import counted, failure_words

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from ...verdict.verdict import Verdict
    from .url_list import Entry


SEE = "see what differs with --json; make it agree, and run this again"
REASON = "see the reason above, and run this again"


def line(name: str, found: Verdict) -> str:
    """One database in one line."""
    word = found.actions[-1].split(" ")[0] if found.actions and found.exit == verdict.TRUE else found.state
    said = detail(found)
    return "{:<17} {}{}".format(word, name, "   " + said if said else "").rstrip()


def repeated_line(entry: Entry, other: Entry) -> str:
    return "{:<17} {}   line {}, the same database as {}, line {}".format(
        "repeated", entry.name, entry.line, other.name, other.line
    )


def detail(found: Verdict) -> str:
    if found.failure is not None and found.exit == verdict.UNCHECKED:
        return failure_words(found.failure)
    if found.reason:
        return found.reason
    parts: list[Any] = []
    if found.state in (verdict.CURRENT, verdict.BEHIND):
        parts.append(found.revision)
    elif found.stamped:
        parts.append("stamped " + ", ".join(found.stamped))
    if found.state == verdict.UNSTAMPED or (found.revision and found.exit == verdict.DIFFERS):
        parts.append("has the schema of " + found.revision)  # type: ignore[operator]  # there is one then
    elif found.differences:
        origin = " from " + found.nearest if found.nearest else ""
        parts.append(counted(len(found.differences), "difference") + origin)
    if found.state in (verdict.UNSTAMPED, verdict.BEHIND) and found.pending:
        parts.append(f"{len(found.pending)} pending")
    if found.state == verdict.EMPTY and found.unmanaged:
        parts.append("holds {} of no revision".format(counted(len(found.unmanaged), "table")))
    return ", ".join(parts)


class Tally:
    """Counts of what became of the databases, nothing else is kept of any; `data` are those of another one."""

    def __init__(self, data: Iterable[Iterable[tuple[Any, int]]] = ((), (), (), ())) -> None:
        self.states: collections.Counter[str]
        self.codes: collections.Counter[int]
        self.actions: collections.Counter[str]
        self.restampable: collections.Counter[str]
        self.states, self.codes, self.actions, self.restampable = (collections.Counter(dict(items)) for items in data)

    def add(self, found: Verdict) -> None:
        self.states[found.state] += 1
        self.codes[found.exit] += 1
        self.actions.update(action.split(" ")[0] for action in found.actions)
        self.restampable[found.state] += found.revision is not None

    @property
    def done(self) -> int:
        return sum(self.states.values())

    def data(self) -> list[Any]:
        """What JSON carries of it."""
        return [list(counts.items()) for counts in (self.states, self.codes, self.actions, self.restampable)]

    def exit(self, was_interrupted: bool) -> int:
        return verdict.worst([code for code, count in self.codes.items() if count] + [verdict.UNCHECKED] * was_interrupted)


DO = {  # by state, in the order of the table; {} is the command
    verdict.CURRENT: "",
    verdict.BEHIND: "{} --upgrade",
    **dict.fromkeys((verdict.UNSTAMPED, verdict.EMPTY, verdict.ABSENT), "{}"),
    **dict.fromkeys((verdict.MISMATCHED, verdict.UNKNOWN_REVISION, verdict.DRIFTED), SEE),
    **dict.fromkeys((verdict.UNCHECKABLE, verdict.NOT_PERMITTED, verdict.UNREACHABLE), REASON),
}


def table(tally: Tally, options: argparse.Namespace) -> list[str]:
    """How many databases are in each state, and what to do about them."""
    rows = [(tally.states[state], state, advice(state, tally, options)) for state in DO if tally.states[state]]
    return ["", "count  state             what to do"] + ["{:>5}  {:<17} {}".format(*row).rstrip() for row in rows]


def advice(state: str, tally: Tally, options: argparse.Namespace) -> str:
    do = DO[state]
    if state == verdict.BEHIND and options.upgrade:  # the upgrade was refused
        do = REASON
    elif state in (verdict.MISMATCHED, verdict.UNKNOWN_REVISION) and tally.restampable[state] == tally.states[state]:
        do = "{} --restamp"
    return do.format(command(options))


def command(options: argparse.Namespace) -> str:
    """The command line that adopts this list."""
    words = ["python -m migrations.adopt --urls-from", "-" if options.urls_from == "-" else shlex.quote(options.urls_from)]
    words += ["--bind", shlex.quote(options.bind)] if options.bind else []
    words += ["--shard", str(options.shard)] if options.shard.count > 1 else []
    return " ".join(words)


def summary(tally: Tally, total: int, was_interrupted: bool) -> list[str]:
    """The last lines."""
    done = [f"{count} {word}" for word, count in sorted(tally.actions.items())]
    result = ["", "{} of {}: {}".format(tally.done, counted(total, "database"), ", ".join(done) or "nothing was done")]
    if was_interrupted:
        result.append("Interrupted. Run the same command again: what is done is recognised, and the rest is done.")
    return result


class Document:
    """The JSON document of a run, written as the databases end: a line for each.

    Another process may have begun it, with `done` of them; None where it has not.
    """

    def __init__(self, output: TextIO, done: int | None = None) -> None:
        self._output, self._is_first = output, not done
        output.write('{"databases": [' if done is None else "")

    def add(self, entry: Entry, found: Verdict) -> None:
        one = dict(verdict.as_dict(found), name=entry.name, line=entry.line)
        self._output.write(("\n" if self._is_first else ",\n") + json.dumps(one, sort_keys=True))
        self._output.flush()
        self._is_first = False

    def end(self, **facts: Any) -> None:
        self._output.write("\n]" + "".join(f", {json.dumps(name)}: {json.dumps(facts[name])}" for name in sorted(facts)))
        self._output.write("}\n")
        self._output.flush()
