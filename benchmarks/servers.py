"""What every benchmark does with the kinds of databases: make an empty one, and measure one kind after the other."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa

from benchmarks.whole_run import NotDone
from tests.servers import new_database, why_unreachable


def empty_database(dialect: str, folder: Path, stack: ExitStack) -> str:
    """The URL of an empty database, with the driver that the application uses; dropped when the stack is closed."""
    url = sa.make_url(stack.enter_context(new_database(dialect, folder)))
    driver = "postgresql+psycopg2" if dialect == "postgresql" else url.drivername
    return url.set(drivername=driver).render_as_string(hide_password=False)


def measure_each(
    options: argparse.Namespace, measure: Callable[[str], float], budget: float, *, may_be_absent: bool = False
) -> int:
    """The exit status after `measure`, which prints a row and returns its ratio, of each of `options.databases`.

    1 where a measurement was not done or, with `options.check`, a ratio is above the budget. A server that does not answer is
    named; that is a failure, too, unless it `may_be_absent`.
    """
    failed, ratios = False, [0.0]
    for dialect in options.databases:
        reason = why_unreachable(dialect) if dialect != "sqlite" else None
        if reason:
            print(f"{dialect:<10}  not measured: {reason}")
            failed = failed or not may_be_absent
            continue
        try:
            ratios.append(measure(dialect))
        except NotDone as error:
            print(f"{dialect:<10}  not measured: {error}")
            failed = True
    return 1 if failed or (options.check and max(ratios) > budget) else 0
