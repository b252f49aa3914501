"""python -m tests.attacks [--only TEXT] [--server sqlite] [--way retrofit] [--quick] [--once] [--alone] [--say] [--jobs 2]

Run every attack and print a table: attack, server, what the retrofit made of it, what `adopt status` did. --alone runs each without
any protection instead, and shows what it changes: an attack that changes nothing there is none. Exit status 1 where one is open.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from tests.attacks.attack import ALL_SERVERS, Attack, attacks
from tests.attacks.environment import has_module, make_environment
from tests.attacks.runs import WAYS, Bench, Outcome, bench, shortened
from tests.servers import why_unreachable

made: Bench  # the forked processes have it


def run_one(attack: Attack, server: str, way: str) -> Outcome:
    """In a process of the pool."""
    return made.retrofit(attack, server) if way == "retrofit" else made.command(attack, server, way)


def run_alone(attack: Attack, server: str) -> tuple[list[str], str]:
    """In a process of the pool."""
    return made.alone(attack, server)


def main() -> int:
    """Print the table."""
    global made
    os.environ["WARM"] = "0"  # all that runs is below the process that supervises it, and starts as a user starts it
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="TEXT", help="attacks with this in their kind or name")
    parser.add_argument("--server", action="append", choices=ALL_SERVERS)
    parser.add_argument("--way", action="append", choices=WAYS)
    parser.add_argument("--once", action="store_true", help="each attack on one of its servers, in turn")
    parser.add_argument("--quick", action="store_true", help="those in the test suite only")
    parser.add_argument("--alone", action="store_true", help="without any protection, to see what each changes")
    parser.add_argument("--say", action="store_true", help="what each run said, too")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--python", type=Path, help="an environment's Python, in the place of a new one")
    options = parser.parse_args()
    servers = tuple(one for one in options.server or ALL_SERVERS if one == "sqlite" or not why_unreachable(one))
    ways = tuple(options.way or WAYS[:2])
    wanted = options.only or [""]
    chosen = [one for one in attacks() if any(text in f"{one.kind}: {one.name}" for text in wanted)]
    pairs = [(one, server) for one in chosen for server in servers if server in one.servers]
    if options.quick:
        pairs = [(one, server) for one, server in pairs if one.has("quick")]
    if options.once:
        pairs = on_one_server(pairs)
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        base = Path(folder).resolve()
        python = options.python.absolute() if options.python else make_environment(base / "environment").python
        pairs = [pair for pair in pairs if not (needs := pair[0].options.get("needs")) or has_module(python, needs)]
        with bench(base, python, servers) as made:
            began = time.monotonic()
            with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("fork")) as pool:
                if options.alone:
                    return print_alone([(attack, server, pool.submit(run_alone, attack, server)) for attack, server in pairs])
                for server in servers:
                    made.reference(server)
                code = print_table(
                    {(*pair, way): pool.submit(run_one, *pair, way) for pair in pairs for way in ways}, ways, options.say
                )
            print(
                f"{len(pairs)} attacks in {time.monotonic() - began:.0f} s, {options.jobs} at a time, {os.cpu_count()} processors"
            )
            return code


def on_one_server(pairs: list[tuple[Attack, str]]) -> list[tuple[Attack, str]]:
    """Each attack once; the servers take turns."""
    by_attack: dict[Attack, list[str]] = {}
    for attack, server in pairs:
        by_attack.setdefault(attack, []).append(server)
    return [(attack, servers[number % len(servers)]) for number, (attack, servers) in enumerate(by_attack.items())]


def print_table(futures: dict[tuple[Attack, str, str], Future[Outcome]], ways: tuple[str, ...], say: bool) -> int:
    """One line for each attack on each server, and below it what is wrong."""
    print(f"{'kind':<14} {'attack':<58} {'server':<11}" + "".join(f" {way:<36}" for way in ways))
    counted: Counter[str] = Counter()
    for attack, server in dict.fromkeys((attack, server) for attack, server, _ in futures):
        outcomes = [futures[attack, server, way].result() for way in ways]
        cells = "".join(f" {one.verdict + (' ' + one.reference if one.reference else ''):<36}" for one in outcomes)
        print(f"{attack.kind:<14} {attack.name:<58} {server:<11}{cells}", flush=True)
        for one in outcomes:
            counted[f"{one.way} {one.verdict}"] += 1
            for problem in shortened(one.problems):
                print(f"{'':<14}   {one.way}: {problem}", flush=True)
            if say:
                print("\n".join(f"{'':<14}   | {line}" for line in one.ended.output.splitlines()), flush=True)
    print("  ".join(f"{name}: {number}" for name, number in sorted(counted.items())))
    return 1 if any(name.endswith("open") for name in counted) else 0


def print_alone(futures: list[tuple[Attack, str, Future[tuple[list[str], str]]]]) -> int:
    """What each changes without any protection."""
    harmless = 0
    for attack, server, future in futures:
        changes, said = future.result()
        is_none = not changes and not attack.has("has_no_effect_alone")
        harmless += is_none
        print(f"{attack.kind:<14} {attack.name:<58} {server:<11} {'NOTHING' if is_none else changes[:1]}", flush=True)
        if is_none:
            print("\n".join(f"{'':<14}   | {line}" for line in said.splitlines()[-12:]), flush=True)
    print(f"{harmless} attacks change nothing")
    return 1 if harmless else 0


if __name__ == "__main__":
    sys.exit(main())
