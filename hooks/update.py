"""After `copier update` has merged the template's files: the steps of the versions in between, and where lines are in conflict.

Copier runs it as a migration: once, in the project itself, never in its scratch folders. It is about files only; no database is
opened, and nothing of the project is loaded.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from hooks.base.location import Location
from hooks.base.report import Report
from hooks.base.update_errors import UpdateConflicts, UpdateStepFailed, UpdateStopped
from hooks.updates.step import Step
from hooks.updates.steps import STEPS
from hooks.wording import ending
from hooks.worktree.journal import Journal

MARKER = b"<<<<<<< before updating"  # Copier's own words for the user's side
MERGED = "migrations"  # every file of the template that can be in conflict is in here


@dataclass(frozen=True)
class Versions:
    """The template's version that the project had, and the one it has now."""

    before: Version
    now: Version

    @classmethod
    def parse(cls, before: str, now: str) -> Versions:
        """Build it from PEP 440 strings, as Copier gives them."""
        return cls(Version(before), Version(now))


def update(root: Path, versions: Versions, report: Report, steps: Sequence[Step] = STEPS) -> int:
    """Do what the newer versions need beside their own files; returns the exit status, 1 where something is left to do by hand."""
    left: list[UpdateStopped] = []
    try:
        report.rows(take_steps(root, passed(versions, steps)))
    except UpdateStepFailed as failed:
        left.append(failed)
    if conflicts := [*find_conflicts(root)]:
        left.append(UpdateConflicts(conflicts))
    for one in left:
        ending.stopped(report, one)
    return 1 if left else 0


def passed(versions: Versions, steps: Sequence[Step]) -> list[Step]:
    """The steps of the versions after the one that the project had, the oldest first."""
    mine = [step for step in steps if versions.before < Version(step.version) <= versions.now]
    return sorted(mine, key=lambda step: Version(step.version))


def take_steps(root: Path, steps: Sequence[Step]) -> list[tuple[str, str]]:
    """Write what the steps change, all of it or nothing; a row for each file.

    Raises:
        UpdateStepFailed: a step could not be done; none is.
    """
    done = []
    with tempfile.TemporaryDirectory(prefix="copier-flask-migrate-") as folder:  # Copier has asked git for a clean tree by now
        journal = Journal.begin(root, Path(folder) / "journal", "", [])
        for step in steps:
            try:
                changed = {path: raw for path, raw in step.edits(root).items() if raw != read(root / path)}
                journal.write(changed)
            except BaseException as error:
                journal.roll_back()
                if isinstance(error, Exception):  # whatever it is, the files are merged, and the user has to know what is missing
                    raise UpdateStepFailed(step.version, step.what, error) from error
                raise
            done += [("edited", f"{path}: {step.what}") for path in changed]
    return done


def read(path: Path) -> bytes | None:
    """A file's bytes, None where there is none."""
    return path.read_bytes() if path.is_file() else None


def find_conflicts(root: Path) -> Iterator[Location]:
    """The places that Copier has left to the user: markers in a file or, with `--conflict rej`, a file of hunks beside it."""
    for path in sorted((root / MERGED).rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_dir() or name.startswith(f"{MERGED}/versions/") or "__pycache__" in path.parts:
            continue
        if path.suffix == ".rej":
            yield Location(name, 1, f"what could not be merged into {name.removesuffix('.rej')}")
        else:
            lines = path.read_bytes().splitlines()
            yield from (Location(name, number, MARKER.decode()) for number, line in enumerate(lines, 1) if line == MARKER)
