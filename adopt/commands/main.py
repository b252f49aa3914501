"""python -m migrations.adopt [adopt | status | check | deploy | sql | rehearse | squash | diagram | forget | setup]

adopt   Verify that the revisions build exactly the schema of this database, then stamp it with the revision that does; build it
        where it is absent or empty. It is only read until then; nothing but `alembic_version` is ever written.
status  Say what this database is; write nothing.
check   For CI, on an empty database: is there one head, do the revisions build what the models say, and does each of them
        downgrade and upgrade again?
deploy  For a release: upgrade, one process after the other, and see that no table or column of the models is missing.
sql     Write what an upgrade would run to preview.sql.
rehearse  Run what is pending on a scratch database with made-up rows: how long does each statement take,
        and which locks does it hold?
squash  Put one revision in the place of all, REVISION being the newest: its id stays, and the files of the others go. With
        --urls-from FILE no database of the list may be behind it.
diagram Draw the schema of the models in migrations/SCHEMA.md.
forget  Take the stamp out again: says of what; with --yes it drops alembic_version. Your tables stay as they are.
setup   From a fresh clone to an application that runs, before anything is installed:  python3 migrations/adopt.py setup

The database is that of `flask db upgrade`. Run it from the project's root.
With --urls-from FILE adopt and status do every database in a list: one in a line, a URL or a variable that holds one.
Of several (SQLALCHEMY_BINDS) adopt and status do all; --bind NAME chooses one.
Exit status: 0 all is well; 1 the database differs, or something is wrong; 2 it could not be checked; of status and forget also 3,
something is to be done.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
import traceback
from typing import TYPE_CHECKING, TextIO

from ..base import redaction
from ..base.errors import AdoptError, ApplicationNotLoaded, DatabaseChanged, MustWrite, NotOnEmptyDatabase, Refused
from ..history import loading, redirecting, replay
from ..project import targets
from ..verdict import adopting, verdict, verdict_text
from ..verdict.chains import Chains
from . import attempts, other_commands, set_up
from .fleet import fleet_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..verdict.verdict import Verdict


UNCHECKED = verdict.UNCHECKED
ASKS = {
    "adopt": ("stamp",),
    "forget": ("stamp",),
    "sql": ("write",),
    "diagram": ("write",),
    "squash": ("write",),
}  # for what the keeper does
GOES_WITH = {"bind": ("adopt", "status"), "urls_from": ("adopt", "status", "squash"), "revision": ("squash",)}
COMMANDS = {
    "check": other_commands.check,
    "deploy": other_commands.deploy,
    "sql": other_commands.sql,
    "rehearse": other_commands.rehearse,
    "squash": other_commands.squash_all,
    "diagram": other_commands.draw,
    "forget": other_commands.forget,
}


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m migrations.adopt", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", nargs="?", choices=("adopt", "status", *COMMANDS, "setup"), default="adopt")
    parser.add_argument("revision", nargs="?", help="squash: the newest revision, or the beginning of its id")
    parser.add_argument("--upgrade", action="store_true", help="adopt: run what is pending, as `flask db upgrade` does")
    parser.add_argument("--restamp", action="store_true", help="adopt: replace a wrong stamp, where a revision fits")
    parser.add_argument("--json", action="store_true", help="adopt, status, rehearse: one JSON document on standard output")
    parser.add_argument("--down", type=int, metavar="N", help="check: downgrade the newest N revisions only")
    parser.add_argument("--rows", type=fleet_command.positive, default=100, metavar="N", help="rehearse: rows for each table")
    parser.add_argument("--output", metavar="FILE", help='sql: the file to write; "-" is standard output')
    parser.add_argument("--yes", action="store_true", help="forget: do it; squash: though something is left")
    fleet_command.add(parser)
    options = parser.parse_args(arguments)
    if options.urls_from is None and options.shard.count > 1:
        parser.error("--shard goes with --urls-from")
    for name, commands in GOES_WITH.items():
        if getattr(options, name) is not None and options.command not in commands:
            shown = "a revision" if name == "revision" else "--" + name.replace("_", "-")
            parser.error("{} goes with {}".format(shown, " and ".join(commands)))
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    options = parsed(arguments)
    if options.command == "setup":
        return set_up.main()
    # read before the first process is forked: each of them wants the list
    options.standard_input = sys.stdin.buffer.read() if options.urls_from == "-" else b""
    return attempts.run(lambda rung: done_on(rung, options), ASKS.get(options.command, ()))


def done_on(rung: str, options: argparse.Namespace) -> int:
    """Do what the options say with the application loaded as `rung` says; return the exit status.

    Raises:
        NotOnEmptyDatabase: it does not start there.
        MustWrite: revisions are to be run, and this process may not write.
    """
    logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())  # what fails as a connection is closed, with a traceback
    with redaction.printing(), standard_output_for_json(options.json) as output:
        try:
            if options.urls_from is not None and options.command != "squash":
                return fleet_command.run(options, output, rung)
            with loading.load_app(rung).app_context():
                try:
                    return COMMANDS.get(options.command, run)(options, output)
                finally:
                    loading.close_engines()
        except (MustWrite, NotOnEmptyDatabase):
            raise
        except AdoptError as error:
            if options.json:
                output.write(verdict_text.document([], UNCHECKED, error) + "\n")
            if isinstance(error, Refused):
                return other_commands.refused(error)
            lines = [error.frame] if isinstance(error, ApplicationNotLoaded) else getattr(error, "evidence", [])
            is_changed = isinstance(error, DatabaseChanged)
            lines = lines + ["This command wrote to no database."] * (not is_changed)
            return stopped(error.reference, error.reason, lines, verdict.DIFFERS if is_changed else UNCHECKED)
        except Exception as error:  # noqa: BLE001 -- status 1 would say that the database differs
            frame = replay.last_own_frame(error)
            if frame:  # a listener of theirs on every engine, say
                return stopped("application-failed", replay.first_line(error), [frame])
            at = traceback.extract_tb(error.__traceback__)[-1]
            lines = [
                f"{type(error).__name__}: {error}",
                f"{at[0]}:{at[1]} in {at[2]}",
                "Report these lines where you have the template from.",
            ]
            return stopped("unexpected", "migrations/adopt.py made a mistake; it is not your project's.", lines)


def run(options: argparse.Namespace, output: TextIO) -> int:
    """Adopt, or look at, every database of the application; return the exit status."""
    fleet_command.require_revision(replay.graph())
    is_status = options.command == "status"
    databases = loading.databases()
    if options.bind is not None:
        databases = [fleet_command.chosen(databases, options.bind or None)]
    chains, keeper = Chains(), redirecting.KEEPERS[-1]
    doing = {"upgrade": options.upgrade, "restamp": options.restamp, "with_objects": True}
    if not is_status and keeper.is_for_reading and len(databases) > 1:
        require_no_upgrade([adopting.adopt(database, chains, write=False, **doing) for database in databases], options.upgrade)
    doing.update(write=not is_status, keeper=keeper)
    done = [(adopting.adopt(database, chains, **doing), database) for database in databases]
    code = verdict.worst([found.exit for found, _ in done])
    if options.json:
        output.write(verdict_text.document([found for found, _ in done], code) + "\n")
        return code
    for found, database in done:
        tell(found, is_status, targets.shown(database.keys) if len(done) > 1 else "")
    return code


def require_no_upgrade(verdicts: Sequence[Verdict], upgrade: bool) -> None:
    """Raises MustWrite, before anything is stamped, where revisions are to be run on one of several databases."""
    for found in verdicts:
        if found.state in (verdict.ABSENT, verdict.EMPTY) or (upgrade and found.pending):
            raise MustWrite


def tell(found: Verdict, is_status: bool = False, bind: str = "") -> None:
    """Print one Verdict; `bind` says whose it is where there are several."""
    said, complaint = verdict_text.lines(found, is_status)
    if bind:
        (said or complaint).insert(0, verdict_text.labelled("bind", bind))
    for line in said:
        print(line)
    for line in complaint:
        print(line, file=sys.stderr)


@contextlib.contextmanager
def standard_output_for_json(wanted: bool) -> Iterator[TextIO]:
    """A file that is standard output; meanwhile what else prints there, as an application may, goes to standard error."""
    if not wanted:
        yield sys.stdout
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(kept, "w") as output:
            with redaction.Stream(output) as masked:
                yield masked  # type: ignore[misc]  # it does what is asked of one
            sys.stdout.flush()
    finally:
        sys.stdout.flush()


def stopped(reference: str, what: str, lines: Iterable[str], status: int = UNCHECKED) -> int:
    """Print one message in the shape that all messages have; return the exit status."""
    return attempts.failed(reference, [what] + [line for line in lines if line], status)
