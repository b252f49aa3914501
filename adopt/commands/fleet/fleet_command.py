"""python -m migrations.adopt --urls-from FILE: read the list, load the application once, do every database, say how each ended.

All is looked at, and stamped by the keeper, while the application is in a process that may write nothing. What is to be built or
upgraded is left to the process after it, which goes on with the table or the document of this one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, TextIO

import flask.cli

from ...base import urls
from ...base.errors import AdoptError, MustWrite
from ...base.progress import Progress
from ...history import loading, redirecting
from ...history.replay import given_scratch
from ...verdict.chains import Chains
from . import fleet_text, url_list
from .fleet_run import Doing, Fleet
from .shards import Shard
from .shards import parse as shard

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from ...history.chain import Graph
    from ...history.loading import Database
    from ...verdict.verdict import Verdict
    from .url_list import Entry, Listing


JOBS = 8


class NoSuchBind(AdoptError):
    pass


class NoRevision(AdoptError):
    pass


def add(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    group = parser.add_argument_group("many databases", "adopt, status: every database of a list")
    group.add_argument("--urls-from", metavar="FILE", help='the databases, a line each; "-" is standard input')
    group.add_argument("--shard", type=shard, default=Shard(), metavar="K/N", help="do the part K of N of the list only")
    group.add_argument("--jobs", type=positive, default=JOBS, metavar="N", help="do so many at a time; default: %(default)s")
    group.add_argument("--bind", metavar="KEY", help='this bind only, "" is the default one; with --urls-from, all are that')


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def run(options: argparse.Namespace, output: TextIO, rung: str) -> int:
    """Do every database of the list, and return the exit status.

    Raises:
        AdoptError: the list, the application or the revisions cannot be read; no database was opened.
        MustWrite: revisions are to be run in some, which are left to the next process; the others are done.
    """
    if hasattr(flask.cli, "load_dotenv"):  # Flask 1.0; what the list names may be in .env
        flask.cli.load_dotenv()
    listing = url_list.read(options.urls_from, options.standard_input)
    app = loading.load_app(rung)
    with app.app_context():
        base = chosen(loading.databases(), options.bind or None)
        listing = url_list.with_driver_of(listing, base.url)
        refuse_scratch(listing, given_scratch(base))
        chains = Chains()
        require_revision(chains.graph)
        doing = Doing(options.upgrade, options.restamp, options.command != "status")
        keeper, entries = redirecting.KEEPERS[-1], options.shard.of(listing.entries)
        left = entries if keeper.handed_on is None else [one for one in entries if one.name in keeper.handed_on["left"]]
        keeper.share()
        return tell_all(Fleet(app, left, base, chains, doing, options.jobs, keeper), listing, len(entries), options, output, keeper)


def require_revision(graph: Graph) -> None:
    """Raise NoRevision where there is none to compare with."""
    if not graph.revisions:
        raise NoRevision("migrations/versions/ holds no revision; make the first one:  flask db migrate -m baseline")


def chosen(databases: Sequence[Database], key: str | None) -> Database:
    """The Database of the application that the list has others of."""
    for database in databases:
        if key in database.keys or (key is None and len(databases) == 1):
            return database
    known = sorted(str(name) for database in databases for name in database.keys if name is not None)
    what = "no model lives in the default database: name a bind with --bind" if key is None else "there is no bind " + repr(key)
    raise NoSuchBind("{}; the binds are {}".format(what, ", ".join(known) or "none"))


def refuse_scratch(listing: Listing, given: str | None) -> None:
    """A scratch database is emptied after use, so it must be none of those in the list."""
    if given:
        wrong = [one for one in listing.entries if urls.same_database(one.url, given)]
        if wrong:
            words = "this database is also EMPTY_DATABASE_URL, which is emptied after use"
            raise url_list.BadList(f"{listing.source} names a scratch database:", [(one.line, words) for one in wrong])


def tell_all(fleet: Fleet, listing: Listing, total: int, options: argparse.Namespace, output: TextIO, keeper: Any) -> int:
    """Run the fleet, with a line for each database and a table, or with one JSON document.

    Raises:
        MustWrite: some are left.
    """
    before, progress = keeper.handed_on, Progress(total, sys.stderr)
    tally = fleet_text.Tally(before["tally"]) if before else fleet_text.Tally()
    document = fleet_text.Document(output, before and tally.done) if options.json else None

    def say(*lines: str) -> None:
        if document is None:
            progress.clear()
            output.write("".join(line + "\n" for line in lines))
            output.flush()

    def tell(entry: Entry, found: Verdict) -> None:
        tally.add(found)
        say(fleet_text.line(entry.name, found))
        if document is not None:
            document.add(entry, found)

    if before is None:
        say(*(fleet_text.repeated_line(one, other) for one, other in listing.repeated))
    was_abandoned, is_whole = False, False
    with counted_interruptions() as interruptions:
        try:
            is_whole = fleet.run(tell, lambda: progress.show(tally.done), interruptions)
        except KeyboardInterrupt:
            was_abandoned = True
    progress.clear()
    if fleet.left and is_whole:
        keeper.hand_on({"left": [one.name for one in fleet.left], "tally": tally.data()})
        raise MustWrite
    code = tally.exit(not is_whole)
    if document is not None:
        document.end(exit=code, interrupted=not is_whole, states=dict(tally.states), shard=str(options.shard), of=total)
    else:
        say(*fleet_text.table(tally, options))
        say(*fleet_text.summary(tally, total, not is_whole))
    if was_abandoned:  # threads that wait for a server would keep the process
        sys.stderr.flush()
        keeper.done(code)
        os._exit(code)
    return code


@contextlib.contextmanager
def counted_interruptions() -> Iterator[Callable[[], int]]:
    """Gives what says how often Ctrl-C, or the SIGTERM of Kubernetes and CI, has come: what is being told is told to its end.

    The second one raises KeyboardInterrupt.
    """
    arrived = []

    def note(number: int, frame: FrameType | None) -> None:
        arrived.append(number)
        if len(arrived) > 1:
            raise KeyboardInterrupt

    is_main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)} if is_main else {}
    try:
        yield lambda: len(arrived)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
