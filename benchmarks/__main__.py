"""All budgets in one table, each with its verdict, and beside the numbers that were kept.

    python -m benchmarks [--quick] [--json FILE] [--keep] [--check]

Ratios of processor time are compared with those of benchmarks/kept.json: they change little from machine to machine, and other work
disturbs them less than the time that passes. A loss of more than 15 % is named, and the exit status is 1. `--quick` measures three
small ones, on SQLite and on files, in about a minute, and takes for lost what is so twice. `--keep` writes what was measured: the
next run is compared with that.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path

from benchmarks import adopting, daily, detection, verifying, whole_run
from benchmarks.results import HEAD, Result, add_check

KEPT = Path(__file__).with_name("kept.json")
MOST_LOST = 0.15  # of a ratio that was kept
SQLITE = ("sqlite",)


def everything() -> Iterator[Result]:
    """What benchmarks/README.md has a budget for."""
    return chain(whole_run.results(), detection.results(), verifying.results(), adopting.results(), daily.results())


def quick() -> Iterator[Result]:
    """One of each kind of work: reading source, comparing, and the whole run. The budgets are for larger ones."""
    small = chain(
        detection.results(files=2000, rounds=7, names=("git",)),
        daily.results(("migrate",), SQLITE, tables=20, rounds=7),
        whole_run.results((20,), SQLITE, rounds=4),
    )
    return (replace(one, budget=None) for one in small)


def verdict(result: Result, kept: float | None) -> str:
    """What is to be said of one result; `kept` is its ratio of processor time in the run that was kept."""
    if result.problem:
        return "not measured"
    said = "" if result.budget is None else "held" if result.is_held else "above the budget"
    if kept is None:
        return said or "new"
    change = result.processor / kept - 1
    return f"{said}{', ' * bool(said)}{'LOST ' if is_lost(result, kept) else ''}{change:+.0%}"


def is_lost(result: Result, kept: float | None) -> bool:
    """Whether it has become slower than one may overlook."""
    return kept is not None and result.processor > kept * (1 + MOST_LOST)


def told(results: Iterable[Result], kept: Mapping[str, float]) -> list[Result]:
    """Each as it comes, then all with their verdicts."""
    found = []
    print(HEAD, flush=True)
    for result in results:
        print(result.row(), flush=True)
        found.append(result)
    print(f"\n{'what':<42}  {'ratio':>6}  {'budget':>6}  {'processor':>9}  {'kept':>6}  verdict")
    for one in found:
        before = kept.get(one.what)
        numbers = (one.ratio or None, one.budget, one.processor or None, before)
        ratio, budget, processor, last = ("-" if number is None else f"{number:.3f}" for number in numbers)
        print(f"{one.what:<42}  {ratio:>6}  {budget:>6}  {processor:>9}  {last:>6}  {verdict(one, before)}", flush=True)
    return found


def main() -> int:
    """Measure, compare and keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure all budgets.")
    parser.add_argument("--quick", action="store_true", help="three small ones alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file")
    parser.add_argument("--keep", action="store_true", help="compare later runs with this one")
    add_check(parser)
    options = parser.parse_args()
    kept: dict[str, float] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    found = told(quick() if options.quick else everything(), kept)
    if options.quick and any(is_lost(one, kept.get(one.what)) for one in found):
        print("\nMeasured again, as other work may have been in the way:")
        found = [min(pair, key=lambda one: one.processor) for pair in zip(found, told(quick(), kept), strict=True)]
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        rows = [{**asdict(one), "kept": kept.get(one.what), "verdict": verdict(one, kept.get(one.what))} for one in found]
        options.json.write_text(json.dumps({"schema": 1, "results": rows}, indent=1) + "\n", encoding="utf-8")
    if options.keep:
        now = {**kept, **{one.what: round(one.processor, 3) for one in found if not one.problem}}
        KEPT.write_text(json.dumps(dict(sorted(now.items())), indent=1) + "\n", encoding="utf-8")
    is_bad = [one.problem or is_lost(one, kept.get(one.what)) or (options.check and not one.is_held) for one in found]
    return 1 if any(is_bad) else 0


if __name__ == "__main__":
    sys.exit(main())
