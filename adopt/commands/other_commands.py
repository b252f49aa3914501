"""The commands besides adopt and status: check for CI, deploy for a release, sql, diagram and forget for people.

Each is called in the context of the application, and returns its exit status.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, TextIO

from ..base import paths
from ..base.errors import MustWrite, NotUpgraded, RevisionUnknown
from ..base.urls import backend, redact
from ..history import loading, redirecting, replay
from ..upgrade import refusals
from ..verdict.verdict import ADOPT, DIFFERS, TO_DO, TRUE
from ..verdict.verdict_text import STATUS, counted
from . import attempts, checking, diagram, preview, readiness, rehearsal, squash
from .fleet import url_list

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from ..history.chain import Graph
    from ..history.loading import Database


PAGE = os.path.join(paths.MIGRATIONS, "SCHEMA.md")


def check(options: argparse.Namespace, output: TextIO) -> int:
    """One newest revision, models as the revisions, each revision there and back; on scratch databases only."""
    graph = replay.graph()
    heads = checking.several_heads(graph)
    if heads:
        return complain([heads])
    say("verified", "one head, {}".format(", ".join(graph.heads)))
    status = TRUE
    for database in loading.databases():
        found = checking.check(database, graph, options.down)
        for word, sentence in verified(found, graph, database):
            say(word, sentence)
        risky, notes = checking.at_risk(graph, database)
        status = max(status, complain([*found.findings, *risky]))
        for note in notes:
            say("note", note)
    return status


def verified(found: Any, graph: Graph, database: Database) -> Iterator[tuple[str, str]]:
    """What held, as (word, sentence)."""
    where = f" ({database.name})" if database.name else ""
    references = {one.reference for one in found.findings}
    if not references & {"revision-failed", "models-differ"}:
        verb = "builds" if len(graph.revisions) == 1 else "build"
        yield "verified", "{} from nothing {} what the models say{}".format(counted(len(graph.revisions), "revision"), verb, where)
    if found.way_back and not references - {"models-differ"}:
        yield (
            "verified",
            "{} downgraded, each with nothing left over, and upgraded again{}".format(counted(found.way_back, "revision"), where),
        )
    if found.stop:
        yield "note", found.stop + where


def deploy(options: argparse.Namespace, output: TextIO) -> int:
    """Upgrade under the lock, then see that the application has what it needs."""
    heads = checking.several_heads(replay.graph())
    if heads:
        return complain([heads])
    is_for_reading = redirecting.KEEPERS[-1].is_for_reading
    if is_for_reading and any(set(at(database)) != set(replay.graph().heads) for database in loading.databases()):
        raise MustWrite
    try:
        state = readiness.readiness(upgrade=not is_for_reading)
    except (NotUpgraded, RevisionUnknown) as error:
        how = "See what differs" if isinstance(error, NotUpgraded) else "Deploy the code that has it, or see"
        todo = f"This command wrote nothing to it. {how}:  {STATUS}"
        return complain([checking.Finding(error.reference, str(error) + ".", (), todo)])
    for one in state.databases:
        if one.is_ready:
            say("deployed", "{} is at {} (head)".format(one.url, ", ".join(one.revisions)))
        for line in one.differences if one.is_ready else ():
            say("differs", line)
    wrong = [one for one in state.databases if not one.is_ready]
    return complain([not_ready(one) for one in wrong])


def at(database: Database) -> Any:
    """The revisions of a database; a server must have it."""
    return preview.revisions_of(database, is_required=backend(database.url) != "sqlite")


def not_ready(one: Any) -> Any:
    """The Finding on a database that does not have what the application needs."""
    if not one.is_at_head:
        what = "{} is at {}, head is {}.".format(one.url, ", ".join(one.revisions) or "none", ", ".join(one.heads))
        return checking.Finding("not-at-head", what, (), "Run again; somebody else has changed it meanwhile.")
    return checking.Finding(
        "database-lacks",
        f"{one.url} is at head, and the models say more:",
        one.missing,
        f'If a revision makes these, see:  {STATUS}\n  If none, write it, commit it, deploy again:  flask db migrate -m "..."',
    )


def sql(options: argparse.Namespace, output: TextIO) -> int:
    """Write what an upgrade would run to a file for each database, or to standard output for "-"."""
    for database in loading.databases():
        text, at = preview.preview(database)
        if not replay.graph().pending(replay.graph().applied(at)):
            say("current", f"{redact(database.url)} is at head; there is nothing to run")
            continue
        text = preview.heading(database, at) + text
        if options.output == "-":
            output.write(text)
            continue
        path = options.output or preview.file_name(database)
        redirecting.KEEPERS[-1].write(os.path.abspath(path), text)
        say("written", f"{path}: what `flask db upgrade` would run on {redact(database.url)}; nothing was run")
    return TRUE


def rehearse(options: argparse.Namespace, output: TextIO) -> int:
    """Run what is pending on scratch databases, and say what each statement did."""
    graph, databases = replay.graph(), loading.databases()
    readiness.require_one_way(graph, databases)
    done = [rehearsal.rehearse(database, graph, options.rows) for database in databases]
    status = max(DIFFERS if failure else TRUE for _, failure in done)
    if options.json:
        output.write(json.dumps({"databases": [facts for facts, _ in done], "exit": status}, indent=2, sort_keys=True) + "\n")
        return status
    for facts, failure in done:
        for word, sentence in rehearsal.lines(facts):
            say(word, sentence)
        if failure:
            refused(failure)
    return status


def squash_all(options: argparse.Namespace, output: TextIO) -> int:
    """Put one revision in the place of all."""
    graph, databases = replay.graph(), loading.databases()
    heads = checking.several_heads(graph)
    if heads:
        return complain([heads])
    if len(databases) > 1:
        todo = "No command puts their parts into one revision yet."
        return complain([checking.Finding("several-databases", "The revisions build more than one database.", (), todo)])
    if len(graph.revisions) < 2:
        say("squashed", "there is one revision, " + graph.heads[0])
        return TRUE
    others = options.urls_from and url_list.read(options.urls_from, options.standard_input)
    entries = url_list.with_driver_of(others, databases[0].url).entries if others else ()
    wrong = squash.why_not(databases[0], graph, options.revision or "head", [(one.name, one.url) for one in entries])
    if wrong:
        return complain([wrong])
    text, left = squash.squashed(databases[0], graph)
    if left and not (text and options.yes):
        todo = f"Nothing was changed. To have it all the same, and add those by hand:  {ADOPT} squash --yes"
        return complain([checking.Finding("not-squashed", "The models do not say all that the revisions do:", left, todo)])
    for path, content in squash.files(graph, text).items():
        redirecting.KEEPERS[-1].write(os.path.join(paths.ROOT, path), content)
    many = counted(len(graph.revisions), "revision")
    say(*(("left", "this is not in it:") if left else ("verified", f"it builds from nothing what the {many} build")))
    for line in left:
        print("          " + line)
    say("squashed", "{} are {}, still {}".format(many, graph.files[graph.heads[0]], graph.heads[0]))
    say("next", 'git add -A {} && git commit -m "Squash {}"'.format(squash.folder_of(graph), many))
    return TRUE


def refused(error: Any) -> int:
    reference, *lines = refusals.lines(error)
    return attempts.failed(reference, lines, DIFFERS)


def draw(options: argparse.Namespace, output: TextIO) -> int:
    """Bring the picture in migrations/SCHEMA.md up to date."""
    diagrams = {}
    for target in loading.all_targets():
        tables = [table for bind in target.binds for table in bind.tables()]
        diagrams[target.name] = diagram.drawn(tables, target.engine.dialect)
    page = ""
    if os.path.exists(PAGE):
        with open(PAGE, encoding="utf-8", newline="") as file:
            page = file.read()
    new = diagram.put_into(page, diagram.section(diagrams))
    if new != page:
        redirecting.KEEPERS[-1].write(os.path.abspath(PAGE), new)
        say("drawn", os.path.relpath(PAGE))
    return TRUE


def forget(options: argparse.Namespace, output: TextIO) -> int:
    """Drop `alembic_version` in each database, with --yes; all else in it stays as it is."""
    status = TRUE
    for database in loading.databases():
        where, rows = redact(database.url), at(database)
        if not rows:
            say("forgotten", f"{where} is not stamped")
            continue
        later = len(replay.graph().applied(set(rows) & set(replay.graph().revisions))) - 1
        stays = f", and what {counted(later, 'later revision')} changed in them" if later > 0 else ""
        print("{} is at {}. alembic_version goes; its tables stay{}.".format(where, ", ".join(rows), stays))
        if not options.yes:
            say("kept", f"{where}; to take the stamp out:  python -m migrations.adopt forget --yes")
            status = TO_DO
            continue
        redirecting.KEEPERS[-1].stamp(
            database.url,
            [],
            expected_snapshot=None,
            replaces=rows,
            version_table=database.version_table,
            version_table_schema=database.version_table_schema,
            connect_args=database.connect_args,
        )
        say("forgotten", f"{where}; take the code back with git, too")
    return status


def complain(findings: Sequence[checking.Finding]) -> int:
    """Print them; return the exit status."""
    for one in findings:
        attempts.failed(one.reference, [one.what, *("  " + line for line in one.evidence), *[one.todo] * bool(one.todo)], DIFFERS)
    return DIFFERS if findings else TRUE


def say(word: str, sentence: str) -> None:
    print(f"{word:<9} {sentence}")
