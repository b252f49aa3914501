"""What every benchmark gives: one ratio of two things timed in turns, its budget, and the row in which it is printed."""

from __future__ import annotations

import argparse
import resource
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.servers import why_unreachable

HEAD = f"{'what':<42}  {'ours':>9}  {'against':>9}  {'ratio':>6}  {'budget':>6}  {'processor':>9}  every round"


class NotDone(Exception):
    """A timed process did not do its work, so there is no number; carries what it said."""


@dataclass(frozen=True)
class Times:
    """Seconds that one side of one round took, and those of the processor, the processes that it started included."""

    passed: float
    processor: float

    def __mul__(self, number: int) -> Times:
        """As if it had been done so often."""
        return Times(self.passed * number, self.processor * number)


@dataclass(frozen=True)
class Result:
    """`ratio` is that of the median times, `processor` that of the least times of the processor, which other work disturbs least.

    `budget` is None where there is none. `problem` says why there is no number; `is_missing` where a server does not answer.
    """

    what: str
    ours: float = 0
    against: float = 0
    ratio: float = 0
    processor: float = 0
    budget: float | None = None
    rounds: str = ""
    problem: str = ""
    is_missing: bool = False

    @property
    def is_held(self) -> bool:
        """Whether there is a number, and not above the budget."""
        return not self.problem and (self.budget is None or self.ratio <= self.budget)

    def row(self) -> str:
        """One line of the table."""
        if self.problem:
            return f"{self.what:<42}  not measured: {self.problem}"
        budget = "-" if self.budget is None else f"{self.budget:.2f}"
        numbers = f"{self.ours:>7.2f} s  {self.against:>7.2f} s  {self.ratio:>6.3f}  {budget:>6}  {self.processor:>9.3f}"
        return f"{self.what:<42}  {numbers}  {self.rounds}"


def compared(what: str, pairs: Sequence[tuple[Times, Times]], budget: float | None) -> Result:
    """The result of rounds of (ours, what it is compared with)."""
    ours, against = (statistics.median(one.passed for one in side) for side in zip(*pairs, strict=True))
    least = [min(one.processor for one in side) for side in zip(*pairs, strict=True)]
    spread = " ".join(f"{a.passed:.2f}/{b.passed:.2f}" for a, b in pairs)
    return Result(what, ours, against, ours / against, least[0] / least[1], budget, spread)


def each_database(what: str, dialects: Iterable[str], measure: Callable[[str], Result]) -> Iterator[Result]:
    """The result on each kind of database; a server that does not answer is named, and so is what has not done its work."""
    for dialect in dialects:
        reason = why_unreachable(dialect) if dialect != "sqlite" else None
        if reason:
            yield Result(f"{what}, {dialect}", problem=reason, is_missing=True)
            continue
        try:
            yield measure(dialect)
        except NotDone as error:
            yield Result(f"{what}, {dialect}", problem=str(error))


def told(results: Iterable[Result], *, check: bool) -> int:
    """Print the table as it comes; the exit status is 1 where something was not measured or, with `check`, a budget is not held.

    That a server does not answer fails only a check.
    """
    print(HEAD, flush=True)
    status = 0
    for result in results:
        print(result.row(), flush=True)
        if (result.problem and not result.is_missing) or (check and not result.is_held):
            status = 1
    return status


def processor_s() -> float:
    """What this process and those that have ended took of the processor so far, in seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def add_check(parser: argparse.ArgumentParser) -> None:
    """The option that every benchmark has."""
    parser.add_argument("--check", action="store_true", help="exit with 1 where a ratio is above its budget")
