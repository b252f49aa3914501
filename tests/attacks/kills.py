"""python -m tests.attacks.kills [--server sqlite] [--moments 60] [--steps] [--jobs 1]

Kill a whole `copier copy`, all its processes at once, and run it again; then everything must be as after a run that was not
killed: the tree, the database and its stamp, nothing left on the server, in the temporary folder, or running; and what both runs
said must be true. --moments are spread over the length of a run, in a random order; --steps adds the begin and the end of every
step. Exit status 1 where something is not so.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tests import warm
from tests.attacks.attack import ALL_SERVERS, NOTHING
from tests.attacks.runs import Bench, against_reference, bench, shortened
from tests.attacks.supervision import adopt_orphans, descendants, rest
from tests.attacks.world import Seen, World, changed_files, differences
from tests.end_to_end.tools import commit_all, git, heads
from tests.servers import why_unreachable

made: Bench  # the forked processes have it
BEGIN_S = 0.004  # after the line that ends a step the next one has begun


@dataclass(frozen=True)
class Moment:
    """When the run is killed: so many seconds after its start, or after the line that has `text`."""

    seconds: float
    text: str = ""

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s" if not self.text else f"{'end' if not self.seconds else 'after'} of {self.text!r}"


@dataclass(frozen=True)
class Killed:
    """What became of one run; `problems` is empty where all is well."""

    moment: Moment
    server: str
    was: str  # what was there between the two runs
    problems: tuple[str, ...]
    said: tuple[str, str]


def copy_command(bench: Bench) -> list[str]:
    """The whole command."""
    answers = ["-d", f"python={bench.python}"]
    return [warm.python(), "-m", "copier", "copy", "--trust", "--defaults", *answers, str(bench.template), "."]


def killed(bench: Bench, world: World, moment: Moment | None) -> tuple[int | None, str]:
    """Run it and kill it at that moment, with all that it started; the exit status, None where it was killed, and what it said."""
    adopt_orphans()
    before = descendants()
    with tempfile.TemporaryFile() as output:
        read, write = os.pipe()
        process = subprocess.Popen(
            copy_command(bench),
            cwd=world.root,
            env=world.variables,
            stdin=subprocess.DEVNULL,
            stdout=write,
            stderr=write,
            start_new_session=True,
        )
        os.close(write)
        due = threading.Event()

        def hear() -> None:
            while chunk := os.read(read, 65536):
                output.write(chunk)
                output.flush()
                if moment and moment.text and re.search(rf"^  {moment.text} .*\n", said(output), re.M):
                    due.set()

        listener = threading.Thread(target=hear, daemon=True)
        listener.start()
        if moment is None:
            process.wait(300)
        elif moment.text:
            while process.poll() is None and not due.wait(0.001):
                pass
            time.sleep(moment.seconds)
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moment.seconds)
        returncode = process.poll()
        if returncode is None:
            kill_all(before)
            process.wait()
        else:
            rest(before, 0.4)
        listener.join(5)
        os.close(read)
        return returncode, said(output)


def kill_all(before: set[int]) -> None:
    """SIGKILL for every process below this one that was not there, until there is none; at one moment: none sees another's end."""
    while alive := descendants() - before:
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in alive:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        if not rest(before, 0.2):
            return


def said(output) -> str:  # type: ignore[no-untyped-def]
    """All that is in the file so far."""
    size = os.fstat(output.fileno()).st_size
    return re.sub(r"\x1b\[\d+m", "", os.pread(output.fileno(), size, 0).decode(errors="replace"))


def try_once(bench: Bench, server: str, moment: Moment) -> Killed:
    """Kill one run, run again, look at everything."""
    reference = bench.reference(server)
    with bench.world(NOTHING, server) as world:
        commit_all(world.root)
        before = world.look()
        first, first_said = killed(bench, world, moment)
        between = without_copiers(world.look())
        second, second_said = killed(bench, world, None)
        after = without_copiers(world.look())
        problems = [f"the first run: {one}" for one in untrue(world, before, between, first_said, first)]
        problems += [f"the second run: {one}" for one in untrue(world, between, after, second_said, second)]
        if second != 0:
            problems.append(f"the second run ended with {second}")
        elif not task_said(second_said).strip():
            problems.append("the second run said nothing")
        problems += against_reference(world, reference, before, after)
        problems += [one for one in differences(before, after) if not one.startswith("stamp: ")]
        if not heads(world.root) or after.stamp != tuple(heads(world.root)):
            problems.append(f"stamp: {after.stamp}, the baseline is {heads(world.root)}")
        was = f"{len(changed_files(before, between))} changes, {len(between.server_objects)} on the server, stamp {between.stamp}"
        return Killed(moment, server, was, tuple(problems), (task_said(first_said), task_said(second_said)))


def without_copiers(seen: Seen) -> Seen:
    """The same without the temporary folders of Copier itself, which a kill leaves behind."""
    return replace(seen, files={path: entry for path, entry in seen.files.items() if not path.startswith("tmp/copier.")})


def task_said(output: str) -> str:
    """What the hook says, not Copier."""
    return "".join(re.split(r"^ > Running task .*\n", output, flags=re.M)[1:])


def untrue(world: World, before: Seen, after: Seen, output: str, returncode: int | None) -> list[str]:
    """Sentences that are not so; each is compared with what there is now."""
    found = []
    text = task_said(output)
    if "othing was changed" in text and (changed_files(before, after) or differences(before, after)):
        found.append(f"'Nothing was changed', but {list(changed_files(before, after).items())[:3]} {differences(before, after)}")
    for stamp in re.findall(r"^stamped .* at (\w+);", text, re.M):
        if after.stamp != (stamp,):
            found.append(f"'stamped at {stamp}', but it holds {after.stamp}")
    status = git(world.root, "status", "--porcelain", "-uall", "--ignored") if (world.root / ".git").exists() else ""
    for what, path in re.findall(r"^(edited|added) +(\S+?):? ", text, re.M):
        if not re.search(rf"^.. {re.escape(path)}$", status, re.M):
            found.append(f"'{what} {path}', but git says nothing of it")
    for path in re.findall(r"^verified +(\S+\.py) ", text, re.M):
        if not (world.root / path).is_file():
            found.append(f"'verified {path}', which is not there")
    if returncode not in (0, None) and not re.search(r"^error: |Interrupted", text, re.M):
        found.append(f"exit status {returncode} without a message: {output[-300:]}")
    return found


def moments(bench: Bench, server: str, number: int, *, steps: bool) -> list[Moment]:
    """So many over the length of a run, and with `steps` the begin and the end of each step."""
    with bench.world(NOTHING, server) as world:
        commit_all(world.root)
        began = time.monotonic()
        returncode, output = killed(bench, world, None)
        seconds = time.monotonic() - began
    assert returncode == 0, output
    names = re.findall(r"^  (\w+) +\d+\.\d\d s", task_said(output), re.M)
    chosen = [Moment(seconds * (one + random.random()) / number) for one in range(number)]
    if steps:
        chosen += [Moment(pause, name) for name in dict.fromkeys(names) for pause in (0.0, BEGIN_S)]
    random.shuffle(chosen)
    return chosen


def run_one(server: str, moment: Moment) -> Killed:
    """In a process of the pool."""
    return try_once(made, server, moment)


def main() -> int:
    """Print one line for each kill."""
    global made
    os.environ["WARM"] = "0"  # all that runs is below the process that supervises it, and starts as a user starts it
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", action="append", choices=ALL_SERVERS)
    parser.add_argument("--moments", type=int, default=60)
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--say", action="store_true", help="what both runs said, too, where something is wrong")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    options = parser.parse_args()
    servers = tuple(one for one in options.server or ALL_SERVERS if one == "sqlite" or not why_unreachable(one))
    bad = 0
    with (
        tempfile.TemporaryDirectory(prefix="kills-") as folder,
        bench(Path(folder).resolve(), options.python.absolute(), servers) as made,
    ):
        chosen = [(server, moment) for server in servers for moment in moments(made, server, options.moments, steps=options.steps)]
        for server in servers:
            made.reference(server)
        with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("fork")) as pool:
            for one in pool.map(run_one, *zip(*chosen, strict=True)):
                bad += bool(one.problems)
                print(f"{one.server:<11} {one.moment!s:<26} {'wrong' if one.problems else 'well':<6} {one.was}", flush=True)
                for problem in shortened(one.problems):
                    print(f"{'':<12}{problem}", flush=True)
                if options.say and one.problems:
                    print("\n".join(f"{'':<12}| {line}" for text in one.said for line in ["----", *text.splitlines()]), flush=True)
    print(f"{bad} of {len(chosen)} kills were not made good by the next run")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
