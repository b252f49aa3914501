"""Why an upgrade, a downgrade or a new revision was refused, in words: what a person reads after "Error: " in the terminal."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from alembic.util import CommandError

from ..base import errors, redaction
from ..project import command_line
from ..server import locking
from . import lock_timeout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..base.types import Refusal


NOTHING = "Nothing was changed."
ROLLED_BACK = "Its transaction was rolled back."
MOST_STATEMENTS = 20
COMMITS_EACH = "This server commits each statement, so what ran before stays; `flask db current` says which revisions are done."


@contextlib.contextmanager
def in_words() -> Iterator[None]:
    """An AdoptError inside the block becomes Alembic's CommandError: `flask db` and `alembic` print it, without a traceback."""
    try:
        yield
    except errors.AdoptError as error:
        raise CommandError(redaction.masked("\n  ".join(lines(error)))) from error


def lines(error: Any) -> list[str]:
    """The reference, what happened, the evidence, what was not changed, what to do."""
    words = WORDS.get(type(error))
    if words is None:
        return [error.reference, str(error) + ".", NOTHING]
    what, evidence, state, advice = words(error)
    return [error.reference, what] + ["  " + line for line in evidence] + [state] + advice


def locked(error: Any) -> Refusal:
    return (
        f"The schema of {error.url} is locked for another change, after {error.waited_s:g} s still. Who has the lock:",
        error.holders or ["another process"],
        NOTHING,
        [f"Wait longer, or end that session where it hangs:  {locking.VARIABLE}=600 {command_line.given()}"],
    )


def timed_out(error: Any) -> Refusal:
    return (
        f"A statement on {error.url} waited too long for a table that somebody else uses:",
        [error.statement] + ["held by " + holder for holder in error.holders or ["a session that is done by now, or not shown"]],
        ROLLED_BACK if error.is_rolled_back else COMMITS_EACH,
        [f"End that session, run it at a quieter time, or wait longer:  {lock_timeout.VARIABLE}=300 {command_line.given()}"],
    )


def statement_failed(error: Any) -> Refusal:
    at = "" if error.at is None else "; the database is at " + (", ".join(error.at) or "no revision")
    return (
        f"Revision {error.revision} does not run on {error.url}:" if error.revision else f"{error.url} refuses:",
        [line for line in (error.place, *error.reasons, error.statement) if line],
        stays(error.committed, at),
        [error.advice] * bool(error.advice) + ["Then run it again:  " + command_line.given()],
    )


def stays(committed: Sequence[str], at: str = "") -> str:
    """What the database is left with, by the statements that cannot be taken back."""
    if not committed:
        return ROLLED_BACK[:-1] + at + "."
    rest = len(committed) - MOST_STATEMENTS
    lines = [f"These of its statements ran before, and stay{at}:"]
    lines += ["  " + statement for statement in committed[:MOST_STATEMENTS]] + [f"  and {rest} more"] * (rest > 0)
    return "\n  ".join([*lines, "Undo them by hand, or take them out of the revision: it begins with its first statement."])


def missing(error: Any) -> Refusal:
    what = "folder" if error.url.startswith("sqlite") else "database"
    return (
        f"There is no database {error.url}.",
        [],
        NOTHING,
        [f"Create that {what}, and run it again:  {command_line.given()}"],
    )


def unreachable(error: Any) -> Refusal:
    return (
        f"{error.url} cannot be reached:",
        [error.reason],
        NOTHING,
        ["Run it again when it can:  " + command_line.given()],
    )


def consents_to(names: Iterable[str]) -> str:
    """The line that says so, for somebody to give the reasons."""
    return "consents = {" + ", ".join(f'"{name}": "why"' for name in names) + "}"


def risky(error: Any) -> Refusal:
    renames = ["Where that is a rename, write this in the place of both, and the reverse in downgrade():"]
    renames += ["  " + call for call in error.renames]
    what, advice = "This upgrade would lose values of {}, or fail on rows of it:", renames if error.renames else []
    if not error.is_upgrade:
        what, advice = "This downgrade would lose values of {}:", ["Stop at an earlier revision:  flask db downgrade REVISION"]
    return (
        what.format(error.url),
        ["{}   {}   {}".format(*one) for one in error.risks],
        NOTHING if error.stay is None else stays(error.stay),
        [
            *advice,
            "Where it is meant, say why in the revision, and run it again:",
            "  " + consents_to(name for _, name, _ in error.risks),
        ],
    )


def keys_violated(error: Any) -> Refusal:
    return (
        f"After this upgrade rows of {error.url} would refer to rows that are not there:",
        ["{} (rowid {}) to {}".format(*one) for one in error.violations[:10]],
        ROLLED_BACK,
        ["Let the revision delete or change those rows as well, and run it again."],
    )


def rows_lost(error: Any) -> Refusal:
    return (
        f"Rebuilding a table of {error.url} would lose rows:",
        [f"{error.table} would have {error.after} of its {error.before} rows"],
        ROLLED_BACK,
        ["Let the revision run on a connection of its own, outside of any transaction:  " + command_line.given()],
    )


def not_rebuilt(error: Any) -> Refusal:
    return (
        f"After {error.table} is rebuilt, these of {error.url} would not work any more:",
        ["{}: {}".format(*one) for one in error.broken],
        ROLLED_BACK,
        ["Let the revision drop them before that change, and create them as they have to be after it."],
    )


def models_not_loaded(error: Any) -> Refusal:
    places = ["{}  {}".format(table, place or "no file of the project declares it") for table, place in error.tables]
    return (
        f"This revision would drop {len(error.tables)} of the {error.total} tables of {error.url}, which no loaded model has:",
        places[:20] + [f"and {len(places) - 20} more"] * (len(places) > 20),
        "No revision was written.",
        [
            "Import the modules of those models where the application is made, or name them in migrations/project.ini:",
            "  [models]",
            "  import = {}".format(" ".join(error.modules) or "shop.models"),
            "To drop the tables:  MIGRATIONS_ALLOW_DROP=1 " + command_line.given(),
        ],
    )


def not_found(error: Any) -> Refusal:
    return (
        error.reason + ".",
        [],
        NOTHING,
        ["Run it in the project's root, or say which application it is, as for `flask`:  FLASK_APP=module:name"],
    )


def old_scheme(error: Any) -> Refusal:
    return (error.reason, [], NOTHING, error.evidence)


WORDS = {
    errors.ApplicationNotLoaded: not_found,
    errors.OldScheme: old_scheme,
    errors.DatabaseMissing: missing,
    errors.DatabaseUnreachable: unreachable,
    errors.StatementFailed: statement_failed,
    errors.LockNotTaken: locked,
    errors.LockTimedOut: timed_out,
    errors.RiskyRevision: risky,
    errors.KeysViolated: keys_violated,
    errors.RowsLost: rows_lost,
    errors.NotRebuilt: not_rebuilt,
    errors.ModelsNotLoaded: models_not_loaded,
}
