"""How a run ends, in words: a reason to stop, a plan, a signal; each looks at files and databases before it speaks of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from hooks.base.errors import RetrofitStopped
from hooks.base.facts import Ending
from hooks.base.report import Report
from hooks.wording import message

SAID = {
    "planned": "This was a plan: every file is as it was, and nothing was written to a database.",
    "declined": "Nothing was done: every file is as it was, and nothing was written to a database.",
}


def stopped(report: Report, stop: RetrofitStopped, look: Callable[[], Ending] = Ending) -> None:
    """Show why the retrofit ended, and how it leaves files and databases, which `look` looks at; also when quiet."""
    from hooks.wording.reasons import explain

    text = explain(stop, look)
    report.error(getattr(stop, "reason", "") or stop.reference, text)


def ended_early(report: Report, result: str, ending: Ending) -> int:
    """Show how a plan, or a no, leaves files and databases, and return the exit status."""
    report.told.result = result
    for line in message.left(ending, SAID[result]):
        report.line(line)
    return 1 if ending.changes or ending.changed else 0


def interrupted(report: Report, ending: Ending, *, may_be_stamped: bool) -> None:
    """Show that the run was asked to end, and how it leaves the tree; also when quiet, and from a signal handler."""
    with suppress(RuntimeError):  # the signal came while something was printed
        report.always("\n" + message.interrupted(ending, may_be_stamped=may_be_stamped))
