"""The rows of the report at the end of a retrofit."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hooks.base.plural import count
from hooks.base.verified import VerifiedDatabase
from hooks.wording.message import perhaps

MOST_DEPLOY_NOTES = 12  # the rest is on the page that stays with the project


@dataclass(frozen=True)
class Outcome:
    """What a retrofit that went through has done; `baseline` and `second` are its revisions, by the names of their files."""

    app: str
    databases: tuple[VerifiedDatabase, ...]
    edited: tuple[tuple[str, str], ...]  # (path, what was done there)
    added: tuple[tuple[str, str], ...]  # (path of a new file, what it says)
    installed: Mapping[str, str]
    baseline: str
    unverified: tuple[str, ...]
    stamped: Mapping[str, str]  # the revision, by the name of the database
    notes: tuple[str, ...]
    second: str = ""
    deploy: tuple[str, ...] = ()  # what to change by hand where the application is deployed
    answers_file: str = ".copier-answers.yml"
    for_tests: tuple[str, int] = ("", 0)  # the variable, and how many configurations for tests were built with it and ignore it


def left_behind(exceptions: Iterable[str]) -> list[tuple[str, str]]:
    """Databases of the run that the server did not drop at its end."""
    said = "A database that this run had made could not be dropped: {}; the next run tries again"
    return [("note", said.format(one.strip().splitlines()[0].rstrip("."))) for one in exceptions]


def summary(outcome: Outcome) -> list[tuple[str, str]]:
    """The closing lines: what was edited, verified, not verified, stamped, noted, and the next command."""
    rows = [("edited", f"{path}: {what}") for path, what in outcome.edited]
    rows += [("added", f"{path}: {what}") for path, what in outcome.added]
    rows += [("installed", ", ".join(f"{name} {version}" for name, version in sorted(outcome.installed.items())))] * bool(
        outcome.installed
    )
    baseline = f"migrations/versions/{outcome.baseline}"
    several = len(outcome.databases) > 1
    for database in outcome.databases:
        rows += shown(database, baseline, outcome.second, several=several)
    variable, built = outcome.for_tests
    if built:
        keep = "keeps its" if built == 1 else "keep their"
        rows.append(("verified", f"{count(built, 'configuration')} for tests, built with {variable} set, {keep} database"))
    rows += [("unverified", reason) for reason in outcome.unverified]
    for database in outcome.databases:
        if database.name in outcome.stamped:
            rows.append(("stamped", f"{database.database} at {outcome.stamped[database.name]}{besides(database)}"))
            if database.unclear:
                rows.append(("unclear", f"{database.database}: {perhaps(database.unclear)}"))
    rows += [("unmanaged", line) for database in outcome.databases for line in database.unmanaged_lines]
    rows += [("unbuilt", line) for database in outcome.databases for line in database.unbuilt_lines]
    rows += [("note", note) for note in outcome.notes]
    rows += deploy_rows(outcome.deploy)
    second = outcome.second
    if second:
        rows.append(("next", f"read migrations/versions/{second}, then carry it out:  flask db upgrade"))
    paths = [path for path, _ in (*outcome.edited, *outcome.added)]
    rows.append(("next", f"read migrations/README.md and the baseline, then commit:  {commit(outcome.answers_file, paths)}"))
    return rows


def commit(answers_file: str, paths: Iterable[str]) -> str:
    """The command that commits the files of the run and nothing else: a database beside them would go along with `git add -A`."""
    beside = [path for path in paths if not path.startswith("migrations/")]
    return f"git add {shlex.join(sorted({answers_file, 'migrations', *beside}))} && git commit"


def besides(database: VerifiedDatabase) -> str:
    """What the comparison of a stamped database before and after says of everything else in it."""
    return "; nothing else in it was written" if database.unclear == () else ""


def shown(database: VerifiedDatabase, baseline: str, second: str, *, several: bool) -> list[tuple[str, str]]:
    """What was shown of one database by the revisions of these names; with `several` each is named."""
    if database.is_reconciled:
        return drift(database, baseline, second, several=several)
    tables, of = count(database.tables, "table"), f" of {database.title}" if several else ""
    if database.offline:
        return [("written", f"{baseline}, which builds the {tables} of the models{of}")]
    proof = f"rebuilds the schema of the models{of}"
    if database.is_true:
        proof += " and matches the existing database"
    return [("verified", f"{baseline} {proof} ({tables}, {database.dialect})")]


def drift(database: VerifiedDatabase, baseline: str, second: str, *, several: bool) -> list[tuple[str, str]]:
    """What distinguishes the database from the models, and how the two revisions deal with it."""
    before, what = (f"{database.name or 'default'}: ", database.title) if several else ("", "it")
    of = f" of {database.title}" if several else ""
    rows = [("drift", before + line) for line in database.drift]
    rows.append(("verified", f"{baseline} rebuilds the existing database{of} as it is ({database.dialect})"))
    if second:
        path = f"migrations/versions/{second}"
        proof = f"carries {what} to the models" if not database.left else f"carries {what} nearer to the models"
        held = " with all of its lines; some are commented out, for you to decide:" if database.held else ""
        rows.append(("verified", f"{path} {proof}{held}"))
        rows += [("decide", before + why) for why in database.held]
    return rows


def deploy_rows(notes: Sequence[str]) -> list[tuple[str, str]]:
    """The first places to change by hand where the application is deployed, and where the others are listed."""
    rows = [("deploy", note) for note in notes[:MOST_DEPLOY_NOTES]]
    more = len(notes) - MOST_DEPLOY_NOTES
    return [*rows, *[("deploy", f"and {count(more, 'place')} more, listed in migrations/SCHEMA.md")] * (more > 0)]
