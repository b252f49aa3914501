"""What CI asks of the migrations, on an empty database beside the one that the application is configured with:

    one      there is one newest revision, so that `flask db upgrade` knows where to go
    built    the revisions run from nothing, and what they build is what the models say
    undone   each revision can be undone, which leaves what was there before it, and done again

No database of the application is opened. A revision whose downgrade raises NotImplementedError says that there is no way back: it
is named, and what lies before it is not tried.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from alembic import command

from ..autogenerate import models_schema
from ..base.errors import ModelsNotCreated, RevisionFailed
from ..base.log import quiet
from ..base.urls import redact
from ..history import replay
from ..project import targets
from ..rows import locks, operations, risks
from ..rows.counting import Statements
from ..schema import differences, snapshot
from ..server import scratch
from ..upgrade import refusals
from .check import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy.engine import Connection

    from ..autogenerate.models_schema import ModelsSchema
    from ..base.types import Snapshot
    from ..history.chain import Graph
    from ..history.loading import Database
    from ..server.scratch import Scratch


class Finding:
    """One thing that is wrong: `reference` is its short name, `what` a sentence, `evidence` lines, `todo` a line."""

    def __init__(self, reference: str, what: str, evidence: Sequence[str] = (), todo: str = "") -> None:
        self.reference, self.what, self.evidence, self.todo = reference, what, tuple(evidence), todo


class Checked:
    """`findings` are none where all is well; `way_back` is how many revisions were undone, `stop` says where that ended."""

    def __init__(self, findings: Sequence[Finding] = (), way_back: int = 0, stop: str = "") -> None:
        self.findings, self.way_back, self.stop = tuple(findings), way_back, stop


def at_risk(graph: Graph, database: Database) -> tuple[list[Finding], list[str]]:
    """(findings, notes) on what the newest revision does to rows that are there, and for how long it keeps others from them.

    It is refused where the revision has the line `consents`, as those that this version writes: older ones have run by now.
    """
    target, dialect = targets.of_keys(database.keys), database.url.get_dialect()()
    findings, notes = [], []
    for path in newest(graph):
        file = os.path.join(replay.ROOT, path)
        made, said = operations.read(file, target.functions("upgrade"))
        undone = operations.read(file, target.functions("downgrade"))[0]
        found = list(risks.Chain(Statements(dialect)).follow(made, said, undone))
        if found and said is not None:
            lines = [
                line
                for one in found
                for line in (f"line {one.line}   {one.name}   {risks.sentence(one, '')}", "  " + one.way, "  " + one.rows)
            ]
            todo = "Write it so, or say in the revision why it is meant:  " + refusals.consents_to(one.name for one in found)
            findings.append(Finding("risky-revision", path + " loses values, or fails, where there are such rows:", lines, todo))
        else:
            stops = "{}:{}: {}: an upgrade stops where there are {}"
            notes += [stops.format(path, one.line, one.name, risks.sentence(one, "")) for one in found]
        unused = sorted(set(said or ()) - risks.names_of([*made, *undone]) - {"*"})
        notes += [f"{path}: consents to {name}, which it does not do" for name in unused]
        notes += ["{}:{}: {}".format(path, *one) for one in locks.of(made, dialect.name)]
    return findings, notes


def newest(graph: Graph) -> Iterator[str]:
    """The files of the newest revisions; where one merges others, those."""
    for head in graph.heads:
        for revision in graph.parents[head] if len(graph.parents[head]) > 1 else [head]:
            yield graph.files[revision]


def several_heads(graph: Graph) -> Finding | None:
    """The Finding for more than one newest revision, or None."""
    heads = graph.heads
    if len(heads) < 2:
        return None
    return Finding(
        "several-heads",
        f"There are {len(heads)} heads, so `flask db upgrade` does not know which one to go to.",
        [f"{revision:<12}   {graph.files[revision]}" for revision in sorted(heads)],
        "Merge them:  flask db merge heads",
    )


def check(database: Database, graph: Graph, down: int | None = None) -> Checked:
    """Checked, for one Database; `down` is how many revisions to undo, the newest first (None: all).

    Raises:
        NotPermitted, DatabaseUnreachable, ScratchRefused: there is no empty database to try it on.
    """
    with walk(database, graph) as walking:
        return walking.there_and_back(down)


@contextlib.contextmanager
def walk(database: Database, graph: Graph) -> Iterator[Walk]:
    """A Walk on a scratch database of its own."""
    place = replay.place_of(database)
    scratch.drop_leftovers(database.url, purpose=replay.ROOT, connect_args=database.connect_args)
    models, why_not = None, ""
    try:
        models = models_schema.build(targets.of_keys(database.keys).binds, database.url, **place)
    except ModelsNotCreated as error:
        why_not = f"only what Alembic compares was compared: {error.reason}"
    with replay.scratch_for(database) as empty:
        yield Walk(database, graph, empty, models, why_not)


class Walk:
    """From nothing to the newest revision, back, and there again, on one scratch database."""

    def __init__(self, database: Database, graph: Graph, empty: Scratch, models: ModelsSchema | None, why_not: str = "") -> None:
        self._database, self._graph, self._empty = database, graph, empty
        self._models, self._why_not = models, why_not
        self._built: dict[tuple[str, ...], Snapshot] = {}  # {rows of alembic_version: the schema then}

    def there_and_back(self, down: int | None) -> Checked:
        findings = self.there(self._remember)
        if any(one.reference == "revision-failed" for one in findings):
            return Checked(findings)
        revisions, stop = self._way_back(down)
        stop = "; ".join(filter(None, (self._why_not, stop)))
        undone = 0
        for revision in revisions:
            found = self._undo(revision)
            if found is None:
                words = f"{revision} cannot be downgraded, as its downgrade() says"
                stop = "; ".join(filter(None, (self._why_not, words)))
                break
            findings += found
            if found:
                return Checked(findings, undone)  # what follows would only follow from it
            undone += 1
        try:
            self._up(lambda connection, stamp: None)
        except RevisionFailed as error:
            return Checked(findings + [failed("second upgrade", error)], undone, stop)
        return Checked(findings + self._changed("second-upgrade", self._graph.heads, "a second time"), undone, stop)

    def there(self, arrived: Callable[..., Any]) -> list[Finding]:
        """The findings on the way up; `arrived(connection, stamp)` is called at each revision."""
        try:
            self._up(arrived)
        except RevisionFailed as error:
            return [failed("upgrade", error)]
        return self._differences_from_models()

    def _way_back(self, down: int | None) -> tuple[tuple[str, ...], str]:
        """(the revisions to undo, the newest first; why not all of them)."""
        is_line = all(len(parents) < 2 for parents in self._graph.parents.values()) and len(self._graph.heads) == 1
        if not is_line:
            return (), "branches were merged, so no revision was downgraded by itself"
        revisions = self._graph.revisions[::-1]
        return (revisions if down is None else revisions[:down]), ""

    def _up(self, arrived: Callable[..., Any]) -> None:
        with self._empty.engine().connect() as connection:
            replay.run(connection, "heads", bind_keys=self._database.keys, arrived=arrived)

    def _remember(self, connection: Connection, stamp: Sequence[str]) -> None:
        self._built[tuple(sorted(stamp))] = snapshot.of(self._database, connection)

    def _differences_from_models(self) -> list[Finding]:
        with self._empty.engine().connect() as connection:
            compared = compare(connection, self._database.keys, self._models)
        findings = (
            (compared.code, ". The next migration would be:", "", "migrate"),
            (compared.left, " in what `flask db migrate` cannot write:", " by hand", "revision"),
        )
        what, todo = "The models and the revisions differ", 'Write it{}, and commit it with the models:  flask db {} -m "..."'
        return [
            Finding("models-differ", what + self._where() + how, lines, todo.format(*words))
            for lines, how, *words in findings
            if lines
        ]

    def _undo(self, revision: str) -> list[Finding] | None:
        """The findings about undoing one revision; None where it says that it cannot be undone."""
        before = self._graph.parents[revision]
        try:
            with quiet(), self._empty.engine().connect() as connection:
                config = replay.alembic_config(connection=connection, bind_keys=self._database.keys)
                command.downgrade(config, before[0] if before else "base")
        except NotImplementedError:
            return None
        except Exception as error:  # noqa: BLE001 -- whatever somebody's revision raises
            path = self._graph.files[revision]
            place = replay.last_place(error, (os.path.realpath(os.path.join(replay.ROOT, path)),)) or path
            what = f"{place}: undoing the revision {revision} failed: {replay.first_line(error)}"
            return [Finding("downgrade-failed", what, (), "Mend its downgrade(), or let it raise NotImplementedError.")]
        return self._changed(revision, before, "undone")

    def _changed(self, revision: str, stamp: Sequence[str], how: str) -> list[Finding]:
        """What distinguishes the schema now from the one that was there at `stamp`."""
        expected = self._built[tuple(sorted(stamp))]
        with self._empty.engine().connect() as connection:
            now = snapshot.of(self._database, connection)
        rows = differences.lines(differences.compare(expected, now), expected="before", actual="after")
        rows += [f"{name}   is left over" for name in differences.unmanaged(expected, now)]
        rows += [f"enum {name}   is left over" for name in sorted(set(now["enums"]) - set(expected["enums"]))]
        if not rows:
            return []
        if how == "undone":
            path = self._graph.files[revision]
            what = f"{path}: undoing the revision {revision} does not bring back what was before it:"
            return [Finding("downgrade-differs", what, rows, "Mend its downgrade(), or let it raise NotImplementedError.")]
        what = f"Running the revisions {how} builds something else than the first time:"
        return [Finding("upgrade-differs", what, rows, "Mend the downgrade() of the revision that leaves something behind.")]

    def _where(self) -> str:
        return " on " + redact(self._database.url) if self._database.name else ""


def failed(word: str, error: Any) -> Finding:
    what = f"The {word} of an empty database failed: {error}."
    return Finding("revision-failed", what, (), "Let it run on an empty database: CI, colleagues and new servers begin with one.")
