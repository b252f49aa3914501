"""The only place where facts become words: steps as they happen, the diff, the result. Reasons to stop are worded in `reasons.py`.

Everything goes to standard error, as Copier's own messages do. Colour and the progress bar appear in a terminal only.
"""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TextIO

from hooks.errors import RetrofitStopped
from hooks.facts import Ending
from hooks.message import interrupted, left, perhaps
from hooks.report_json import Told
from hooks.verified import VerifiedDatabase

BAR_WIDTH = 30
PLANNED = "This was a plan: every file is as it was, and nothing was written to a database."
MOST_DEPLOY_NOTES = 12  # the rest is on the page that stays with the project


@dataclass
class Step:
    """One step while it runs; `detail` is shown at its end."""

    name: str
    detail: str = ""


@dataclass
class Report:
    """Speaks to the user; with `quiet` only errors are shown. `told` is the same for a program."""

    quiet: bool = False
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    told: Told = field(default_factory=Told)
    _bar_shown: bool = False

    @property
    def is_terminal(self) -> bool:
        """Whether a person may be watching."""
        return self.stream.isatty()

    def line(self, text: str = "") -> None:
        """Show one line, unless quiet."""
        if not self.quiet:
            self._wipe_bar()
            print(text, file=self.stream, flush=True)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time what happens inside; its line appears when it has ended well."""
        step = Step(name)
        began = time.perf_counter()
        yield step
        self.step_done(name, time.perf_counter() - began, step.detail)

    def step_done(self, name: str, seconds: float, detail: str) -> None:
        """Show one step that has ended."""
        self.told.steps.append({"name": name, "seconds": round(seconds, 3), "detail": detail})
        self.line(f"  {name:<10} {seconds:6.2f} s  {detail}".rstrip())

    def tried(self, name: str, why: str) -> None:
        """Show that loading the application under one of its names failed, where there are others to try."""
        self.line(f"  {'tried':<10}           {name}: {why}")

    def progress(self, name: str, done: int, total: int) -> None:
        """Show how far a long step is; only in a terminal."""
        if self.quiet or not self.is_terminal or total <= 0:
            return
        filled = BAR_WIDTH * done // total
        self.stream.write(f"\r  {name:<10} [{'#' * filled}{' ' * (BAR_WIDTH - filled)}] {done}/{total}")
        self.stream.flush()
        self._bar_shown = True

    def _wipe_bar(self) -> None:
        if self._bar_shown:
            self.stream.write("\r\033[K")
            self._bar_shown = False

    def diff(self, text: str) -> None:
        """Show a unified diff, in colour in a terminal."""
        if self.quiet:
            return
        if self.is_terminal:
            from pygments import highlight
            from pygments.formatters import TerminalFormatter
            from pygments.lexers import DiffLexer

            text = highlight(text, DiffLexer(), TerminalFormatter())
        self.line(text.rstrip("\n"))

    def stopped(self, stop: RetrofitStopped, look: Callable[[], Ending] = Ending) -> None:
        """Show why the retrofit ended, and how it leaves files and databases, which `look` looks at; also when quiet."""
        from hooks.reasons import explain

        self._wipe_bar()
        text = explain(stop, look)
        self.told.error = {"code": getattr(stop, "reason", "") or stop.reference, "text": text}
        print("\n" + text, file=self.stream, flush=True)

    def planned(self, ending: Ending) -> int:
        """Show how a plan leaves files and databases, and return the exit status."""
        self.told.result = "planned"
        for line in left(ending, PLANNED):
            self.line(line)
        return 1 if ending.changes or ending.changed else 0

    def interrupted(self, ending: Ending, *, may_be_stamped: bool) -> None:
        """Show that the run was asked to end, and how it leaves the tree; also when quiet, and from a signal handler."""
        with suppress(RuntimeError):  # the signal came while something was printed
            print("\n" + interrupted(ending, may_be_stamped=may_be_stamped), file=self.stream, flush=True)

    def rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show aligned "word  sentence" lines."""
        self.told.rows += rows
        for word, sentence in rows:
            self.line(f"{word:<10} {sentence}".rstrip())


@dataclass(frozen=True)
class Outcome:
    """What a retrofit that went through has done; `verified` is the fact sheet from the project's Python."""

    app: str
    databases: tuple[VerifiedDatabase, ...]
    edited: tuple[tuple[str, str], ...]  # (path, what was done there)
    added: tuple[tuple[str, str], ...]  # (path of a new file, what it says)
    installed: Mapping[str, str]
    verified: Mapping[str, Any]
    unverified: tuple[str, ...]
    stamped: Mapping[str, str]  # the revision, by the name of the database
    notes: tuple[str, ...]
    deploy: tuple[str, ...] = ()  # what to change by hand where the application is deployed
    answers_file: str = ".copier-answers.yml"
    for_tests: tuple[str, int] = ("", 0)  # the variable, and how many configurations for tests were built with it and ignore it


def summary(outcome: Outcome) -> list[tuple[str, str]]:
    """The closing lines: what was edited, verified, not verified, stamped, noted, and the next command."""
    verified = outcome.verified
    rows = [("edited", f"{path}: {what}") for path, what in outcome.edited]
    rows += [("added", f"{path}: {what}") for path, what in outcome.added]
    rows += [("installed", ", ".join(f"{name} {version}" for name, version in sorted(outcome.installed.items())))] * bool(
        outcome.installed
    )
    baseline = f"migrations/versions/{verified['baseline']['filename']}"
    several = len(outcome.databases) > 1
    for database in outcome.databases:
        rows += shown(database, baseline, verified.get("reconcile"), several=several)
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
    second = verified.get("reconcile")
    if second:
        rows.append(("next", f"read migrations/versions/{second['filename']}, then carry it out:  flask db upgrade"))
    paths = [path for path, _ in (*outcome.edited, *outcome.added)]
    rows.append(("next", f"read migrations/README.md and the baseline, then commit:  {commit(outcome.answers_file, paths)}"))
    return rows


def commit(answers_file: str, paths: Iterable[str]) -> str:
    """The command that commits the files of the run and nothing else: a database beside them would go along with `git add -A`."""
    return f"git add {shlex.join(sorted({answers_file, 'migrations', *paths}))} && git commit"


def besides(database: VerifiedDatabase) -> str:
    """What the comparison of a stamped database before and after says of everything else in it."""
    return "; nothing else in it was written" if database.unclear == () else ""


def shown(database: VerifiedDatabase, baseline: str, second: Mapping[str, Any] | None, *, several: bool) -> list[tuple[str, str]]:
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


def drift(database: VerifiedDatabase, baseline: str, second: Mapping[str, Any] | None, *, several: bool) -> list[tuple[str, str]]:
    """What distinguishes the database from the models, and how the two revisions deal with it."""
    before, what = (f"{database.name or 'default'}: ", database.title) if several else ("", "it")
    of = f" of {database.title}" if several else ""
    rows = [("drift", before + line) for line in database.drift]
    rows.append(("verified", f"{baseline} rebuilds the existing database{of} as it is ({database.dialect})"))
    if second:
        path = f"migrations/versions/{second['filename']}"
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


def count(number: int, noun: str) -> str:
    """ "1 table", "3 tables"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
