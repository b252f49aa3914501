"""Run the revisions on a scratch database, through env.py as `flask db upgrade` does, and look at what each of them builds."""

from __future__ import annotations

import contextlib
import os
import re
import threading
import traceback
import warnings
from typing import TYPE_CHECKING, Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from ..base.errors import HistoryUnreadable, NotPermitted, RevisionFailed
from ..base.log import quiet
from ..base.paths import MIGRATIONS, ROOT
from ..schema import objects, snapshot, sqlite_rebuild
from ..server import scratch
from .chain import Chain, Failure, Graph, Position

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from alembic.script import Script
    from sqlalchemy.engine import Connection

    from ..base.types import Located, Snapshot, TableFacts


VERSIONS = os.path.join(MIGRATIONS, "versions")
ONLINE = {"as_sql": False, "starting_rev": None, "tag": None}
ENVIRONMENT = threading.RLock()  # Alembic keeps one for the whole process


def alembic_config(versions: str | None = None, **attributes: Any) -> Config:
    """The configuration that Flask-Migrate would use, except that env.py leaves logging alone; `versions` as for `run`."""
    config = Config(os.path.join(MIGRATIONS, "alembic.ini"))
    config.set_main_option("script_location", MIGRATIONS.replace("%", "%%"))  # this also reads the file
    config.config_file_name = None
    if versions:
        config.set_main_option("version_locations", versions.replace("%", "%%"))
    config.attributes.update(attributes)
    return config


def graph() -> Graph:
    """The revisions of migrations/versions/, read without running any.

    Raises:
        HistoryUnreadable: a file cannot be imported, two have one id, or one follows a revision that has no file.
    """
    script = ScriptDirectory.from_config(alembic_config())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Alembic warns of is told below
            found = [step.revision for step in script._upgrade_revs("heads", ())]  # type: ignore[arg-type]  # none has run
    except Exception as error:  # whatever somebody's revision raises when it is imported
        raise unreadable(script, error) from error
    require_one_file_each(script)
    return Graph(
        tuple(revision.revision for revision in found),
        {revision.revision: tuple(revision._all_down_revisions) for revision in found},
        {revision.revision: shown_path(revision.path) for revision in found},
    )


def unreadable(script: ScriptDirectory, error: BaseException) -> HistoryUnreadable:
    """What is wrong with the files, in the terms of somebody who looks at them."""
    if isinstance(error, KeyError) and error.args and isinstance(error.args[0], str):
        return HistoryUnreadable(f"a revision follows {error.args[0]}, which is in no file of migrations/versions/")
    place = last_place(error, tuple(str(path) for path in locations(script)))
    return HistoryUnreadable("{}{}".format(place + ": " if place else "", first_line(error)))


def locations(script: ScriptDirectory) -> list[str]:
    """The folders that hold revisions, by whatever name this Alembic has for them."""
    found = getattr(script, "_version_locations", None) or [script.versions]
    return [os.path.realpath(str(path)) for path in found]


def require_one_file_each(script: ScriptDirectory) -> None:
    """Alembic warns, and takes whichever of two files with one id it lists last."""
    seen: dict[str, str] = {}
    for revision in script._load_revisions():
        other = seen.setdefault(revision.revision, revision.path)
        if other != revision.path:
            paths = " and ".join(sorted({shown_path(other), shown_path(revision.path)}))
            raise HistoryUnreadable(f"{paths} both have the revision id {revision.revision}")


def shown_path(path: str) -> str:
    return os.path.relpath(os.path.realpath(str(path)), os.path.realpath(ROOT))


def chain(database: Located, history: Graph | None = None) -> Chain:
    """The chain of one Database, from scratch databases beside it; the database itself need not exist.

    Where branches were never merged, or a merge brings them together, there is a position for each branch alone as well: a
    teammate may have only one of them. A revision that fails ends what builds on it; the rest is there.

    Raises:
        HistoryUnreadable, NotPermitted, ScratchRefused, DatabaseUnreachable
    """
    history = history or graph()
    replayed = Replayed(database, history)
    with contextlib.suppress(NotPermitted):  # what another role left behind is not in the way
        scratch.drop_leftovers(database.url, purpose=ROOT, connect_args=database.connect_args)
    replayed.run(("heads",), frozenset(history.revisions))
    for revision in reversed(history.revisions):
        replayed.run((revision,), history.applied([revision]))
    return replayed.chain()


def extended(known: Chain, database: Located, stamp: Collection[str]) -> Chain:
    """The chain with the position of a database whose `alembic_version` holds `stamp`, all of them revisions of the graph."""
    replayed = Replayed(database, known.graph, known)
    replayed.run(tuple(stamp), known.graph.applied(stamp))
    return replayed.chain()


class Replayed:
    """What was found out so far, one scratch database after the other."""

    def __init__(self, database: Located, history: Graph, known: Chain | None = None) -> None:
        self._database, self._graph = database, history
        self._positions = {position.applied: position for position in (known.positions if known else ())}
        self._failures = {failure.revision: failure for failure in (known.failures if known else ())}
        self._objects = known.objects if known else None
        self._tables: dict[str, list[TableFacts]] = {}

    def chain(self) -> Chain:
        order = {revision: number for number, revision in enumerate(self._graph.revisions)}
        positions = sorted(self._positions.values(), key=lambda one: (len(one.applied), [order.get(it, -1) for it in one.stamp]))
        return Chain(self._graph, tuple(positions), tuple(self._failures.values()), self._words_beyond(), self._objects)

    def _words_beyond(self) -> frozenset[str]:
        """The words in the files of the revisions that did not run."""
        ran = frozenset().union(*(applied for applied in self._positions))
        paths = [os.path.join(ROOT, self._graph.files[revision]) for revision in self._graph.revisions if revision not in ran]
        found = set()
        for path in paths:
            with open(path, encoding="utf-8", errors="replace") as file:
                found.update(re.findall(r"\w+", file.read()))
        return frozenset(found)

    def run(self, targets: Any, applied: Any) -> None:
        """Upgrade an empty database to `targets`, unless that position is known or a revision on the way there fails."""
        if applied in self._positions or not applied.isdisjoint(self._failures):
            return
        with scratch_for(self._database) as empty:
            try:
                for target in targets:
                    with empty.engine().connect() as connection:
                        run(connection, target, bind_keys=self._database.keys, arrived=self._add)
            except RevisionFailed as error:
                if not error.revision:
                    raise
                self._failures[error.revision] = Failure(error.revision, error.place, error.reason)

    def _add(self, connection: Connection, stamp: Any) -> None:
        applied = self._graph.applied(stamp)
        if applied not in self._positions:
            taken = snapshot.of(self._database, connection)
            self._positions[applied] = Position(tuple(sorted(stamp)), applied, self._shared(taken))
            if len(applied) == len(self._graph.revisions):
                self._objects = tuple(objects.take(connection, self._database.schemas))

    def _shared(self, taken: Snapshot) -> Snapshot:
        """The snapshot with tables that are as they were in another one being the same objects: they need memory once."""
        for name, table in taken["tables"].items():
            kept = self._tables.setdefault(name, [])
            same = next((one for one in kept if one == table), None)
            if same is None:
                kept.append(table)
            else:
                taken["tables"][name] = same
        return taken


def scratch_for(database: Located) -> scratch.Scratch:
    """An empty database beside one of the application, see scratch.py."""
    return scratch.create_scratch(database.url, purpose=ROOT, **place_of(database))


def place_of(database: Located) -> Any:
    """What is to be known about where it is, to make others beside it."""
    given = {"configured_urls": database.configured_urls, "empty_database_url": given_scratch(database)}
    return dict(given, connect_args=database.connect_args)


def given_scratch(database: Located) -> str | None:
    """EMPTY_DATABASE_URL, for the database of a bind EMPTY_DATABASE_URL_<BIND>."""
    return os.environ.get(scratch.empty_url_variable(database.name))


def nothing(*_: Any) -> None:
    """What is to be done at each revision where nothing is."""


def run(
    connection: Connection,
    target: Any,
    *,
    bind_keys: Collection[str | None] = (None,),
    arrived: Callable[..., Any] = nothing,
    versions: str | None = None,
) -> None:
    """Bring the empty database of this connection to `target`; the caller closes the connection.

    `arrived(connection, rows of alembic_version)` is called before the first revision and after each one, inside of whatever
    transaction they run in. env.py takes this for no upgrade, so nothing of what guards a real one is done. `versions` is
    the folder of the revisions where they are not the project's.

    Raises:
        RevisionFailed: a revision raised, or env.py did.
    """
    config = alembic_config(versions, connection=connection, bind_keys=bind_keys)
    script = ScriptDirectory.from_config(config)
    running: list[Script]
    looking: list[tuple[str, ...]]
    running, looking = [], []

    def replay(heads: Any, context: Any) -> Iterator[Any]:
        for step in [None] + script._upgrade_revs(target, heads):
            if step is not None:
                running[:] = [step.revision]
                yield step
            stamp = context.get_current_heads()
            require_whole_ids(stamp, script)
            looking.append(stamp)
            arrived(context.connection, stamp)
            looking.pop()
        del running[:]

    try:
        environment = EnvironmentContext(config, script, fn=replay, **dict(ONLINE, destination_rev=target))
        with ENVIRONMENT, quiet(), environment, sqlite_rebuild.kept(connection, environment.get_context):
            script.run_env()
    except Exception as error:  # whatever somebody's revision raises
        if looking:
            raise  # that was not their revision
        raise failed(error, script, running[0] if running else None) from error


def require_whole_ids(stamp: Iterable[str], script: ScriptDirectory) -> None:
    """MySQL without its strict mode cuts an id that is longer than the column, and says nothing."""
    cut = [revision for revision in stamp if not script.revision_map._revision_map.get(revision)]
    if cut:
        raise ValueError("alembic_version now holds {}, which is no revision".format(", ".join(cut)))


def failed(error: BaseException, script: ScriptDirectory, revision: Script | None = None) -> RevisionFailed:
    """The error of ours for what a revision raised; it is looked for in the traceback where `revision` is None."""
    folders = tuple(locations(script))
    place = last_place(error, (os.path.realpath(str(revision.path)),) if revision else folders)
    if revision is None and place:
        file = place.rpartition(":")[0]
        revision = next((one for one in script.walk_revisions() if shown_path(one.path) == file), None)
    words, own = first_line(error), last_own_frame(error)
    if own and not own.startswith((os.path.relpath(MIGRATIONS), os.pardir)):
        words += f" ({own})"  # a listener of theirs, say
    if revision is None:
        return RevisionFailed(words)
    if not place and len(revision.revision) > 32:
        words = f"its id has {len(revision.revision)} characters, and alembic_version has room for 32: {words}"
    return RevisionFailed(words, revision=revision.revision, place=place or shown_path(revision.path))


def last_own_frame(error: BaseException) -> str:
    """ "file:line in function" of the deepest frame outside of installed packages, or "" where there is none."""
    standard, ours = os.path.dirname(os.__file__), last_own_frame.__code__.co_filename  # all of the bundle has one name
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame[0].startswith(("<", standard)) and "site-packages" not in frame[0] and frame[0] != ours
    ]
    return f"{os.path.relpath(own[-1][0])}:{own[-1][1]} in {own[-1][2]}" if own else ""


def first_line(error: BaseException) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return "{}: {}".format(type(error).__name__, lines[0] if lines else "no message")


def last_place(error: BaseException, paths: Collection[str]) -> str:
    """ "file:line" of the deepest frame in one of these files or folders, or ""; a syntax error has no frame, but a place."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{shown_path(error.filename)}:{error.lineno}"
    return deepest(traceback.extract_tb(error.__traceback__), paths)


def deepest(frames: Any, paths: Collection[str]) -> str:
    """The same of any frames."""
    for frame in reversed(frames):
        path = os.path.realpath(frame[0])
        if any(path == one or path.startswith(one + os.sep) for one in paths):
            return f"{shown_path(path)}:{frame[1]}"
    return ""
