"""Every reason why a database cannot be read, rebuilt or stamped. They carry facts; the reason has no secret in it.

AdoptError
  ApplicationNotLoaded     the application is not found, or raised while it was loaded
  DatabaseChanged          a database was changed while the application was loaded
  OldScheme                the application has a URL that begins with postgres://
  DatabaseMissing          no such file, no such database on the server
  DatabaseUnreachable      refused, unknown host, wrong password, damaged file
    DatabaseLocked         another session has had a lock for too long
  NotPermitted             the role may not do this
  ScratchRefused           a scratch database was not empty, or not another one than those in use
  HistoryUnreadable        a file in migrations/versions/ cannot be imported, or they do not fit together
  RevisionFailed           a revision cannot run on an empty database
  SeveralHeads             no revision is the newest one
  RevisionUnknown          a database is at a revision that is in no file
  NotUpgraded              an upgrade ended before it was done
  NotWritableAsSql         a revision needs a database to run on
  AlreadyStamped           `alembic_version` names another revision
  ChangedSinceVerified     the schema is no longer the one that was verified
  ChangedWhileRead         the schema was changed while it was read
  RevisionTooLong          the id of a revision does not fit into `alembic_version`
  StampNotRead             the row is not what is read once it was committed
  SettingUnreadable        an environment variable holds what it cannot mean
  ModelsNotCreated         create_all() of the models fails on an empty database
  ModelsNotLoaded          a new revision would drop tables since nothing has imported their models
  Refused                  a change of a database was not made, or was taken back
    StatementFailed        a database refused a statement of an upgrade or a downgrade
    LockNotTaken           another process is changing the schema, and did not end while this one waited
    LockTimedOut           a statement waited too long for a table that somebody else uses
    RiskyRevision          an upgrade or a downgrade would lose values of the database, or fail on rows of it
    KeysViolated           rows of SQLite would refer to nothing after an upgrade
    RowsLost               a table of SQLite that is built anew would have fewer rows
    NotRebuilt             a view or trigger of SQLite would not work with a table that is built anew
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from . import redaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class AdoptError(Exception):
    """`url` is the database concerned, its password hidden; `reason` one clause.

    `reference` is the short name of the reason: that of the class, where it says no other.
    """

    reference = "stopped"

    def __init_subclass__(cls) -> None:
        if "reference" not in vars(cls):
            cls.reference = re.sub("(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, reason: str, url: str = "") -> None:
        self.reason = redaction.masked(reason)
        super().__init__(self.reason + (" (" + url + ")" if url else ""))
        self.url = url


class ApplicationNotLoaded(AdoptError):
    """`frame` is the last line of the project's own code, as "file:line in function"."""

    def __init__(self, reason: str, frame: str = "") -> None:
        super().__init__(reason)
        self.frame = frame


class NotOnEmptyDatabase(Exception):
    """The next thing to load it on is the existing database, read-only."""


class MustWrite(Exception):
    """Revisions are to be run, which takes a process that may write."""


class DatabaseChanged(AdoptError):
    """`changes` are (database without password, what was changed); `was_stamped`: the command had written stamps before."""

    def __init__(self, changes: Iterable[tuple[str, str]], was_stamped: bool = False) -> None:
        super().__init__("A database was changed while the application was loaded.")
        self.evidence = [f"  {url}  {what}" for url, what in changes]
        nothing = "This command wrote nothing to it."
        stamps = "What was stamped before stays so; see:  python -m migrations.adopt status"
        self.evidence += [stamps if was_stamped else nothing]
        self.evidence += ["If the application does that as it starts, take it out. If somebody else did, run the command again."]


class OldScheme(AdoptError):
    """`evidence` says what to write."""

    def __init__(self) -> None:
        super().__init__("The application has a database URL that begins with postgres://, which SQLAlchemy 1.4 and newer refuse.")
        self.evidence = [
            "Where the application reads it, write:",
            '  url.replace("postgres://", "postgresql://", 1)',
            "Or give it one that begins with postgresql://.",
        ]


class DatabaseMissing(AdoptError):
    pass


class DatabaseUnreachable(AdoptError):
    pass


class DatabaseLocked(DatabaseUnreachable):
    pass


class NotPermitted(AdoptError):
    pass


class ScratchRefused(AdoptError):
    pass


class ModelsNotCreated(AdoptError):
    pass


class HistoryUnreadable(AdoptError):
    pass


class RevisionFailed(AdoptError):
    """`revision` is its id, `place` the "file:line" in it; both "" where env.py failed."""

    def __init__(self, reason: str, *, revision: str = "", place: str = "") -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason, self.revision, self.place = reason, revision, place


class Refused(AdoptError):
    """A change of a database that was not made, or was taken back as far as the server can; upgrade/refusals.py has the words."""


class StatementFailed(Refused):
    """What the server refused, and what it is left with.

    `reasons` are its lines; `revision` and `place` as in RevisionFailed; `committed` are the statements of the revision that ran
    before and stay; `at` are the revisions of `alembic_version` now, None where they cannot be read; `advice` is a sentence or "".
    """

    reference = "revision-failed"

    def __init__(
        self,
        reasons: Sequence[str],
        *,
        revision: str,
        place: str,
        statement: str,
        committed: Iterable[str],
        at: Sequence[str] | None,
        advice: str,
        url: str,
    ) -> None:
        super().__init__("; ".join(reasons), url)
        self.reasons, self.revision, self.place, self.statement = tuple(reasons), revision, place, statement
        self.committed, self.at, self.advice = tuple(committed), at, advice


class SeveralHeads(AdoptError):
    """`heads` are the revisions that no other one follows."""

    def __init__(self, heads: Sequence[str]) -> None:
        super().__init__("there are {} heads: {}".format(len(heads), ", ".join(heads)))
        self.heads = tuple(heads)


class RevisionUnknown(AdoptError):
    """`revisions` are those of its `alembic_version` that are in no file."""

    reference = "unknown-revision"

    def __init__(self, revisions: Sequence[str], url: str = "") -> None:
        super().__init__("the database is at {}, which is in no file of migrations/versions/".format(", ".join(revisions)), url)
        self.revisions = tuple(revisions)


class NotUpgraded(AdoptError):
    pass


class NotWritableAsSql(AdoptError):
    pass


def as_data(error: BaseException) -> list[Any]:
    """What JSON carries of an AdoptError; of another one its first line."""
    if not isinstance(error, AdoptError):
        error = AdoptError(first_line(error))
    return [type(error).__name__, str(error), vars(error)]


def from_data(name: str, words: str, facts: Mapping[str, Any]) -> AdoptError:
    """The error again."""
    kind: type[AdoptError] = globals()[name]
    error = kind.__new__(kind, words)
    vars(error).update(facts)
    return error


class AlreadyStamped(AdoptError):
    """`revisions` are what `alembic_version` holds."""

    def __init__(self, revisions: Sequence[str], url: str = "") -> None:
        super().__init__("the database is stamped with " + ", ".join(revisions), url)
        self.revisions = tuple(revisions)


class ChangedSinceVerified(AdoptError):
    """`differences` are those between the verified schema and the present one."""

    def __init__(self, differences: Sequence[Any], url: str = "") -> None:
        super().__init__("the schema changed after it was verified", url)
        self.differences = differences


class ChangedWhileRead(AdoptError):
    pass


class RevisionTooLong(AdoptError):
    def __init__(self, revision: str, room: int, url: str = "") -> None:
        words = f"the revision id {revision} has {len(revision)} characters, and alembic_version has room for {room}"
        super().__init__(words, url)


class StampNotRead(AdoptError):
    pass


class LockNotTaken(Refused):
    """`holders` are lines about who has the lock, where the server tells."""

    reference = "locked"

    def __init__(self, waited_s: float, holders: Sequence[str], url: str = "") -> None:
        who = "; ".join(holders) or "another process"
        super().__init__(f"its schema is locked for another change, after {waited_s:g} s still, by {who}", url)
        self.waited_s, self.holders = waited_s, tuple(holders)


class SettingUnreadable(AdoptError):
    pass


class LockTimedOut(Refused):
    """`statement` was given up; `holders` are lines about who had the lock, where the server tells."""

    reference = "lock-timeout"

    def __init__(self, statement: str, holders: Sequence[str], is_rolled_back: bool, url: str = "") -> None:
        super().__init__("a statement waited too long for a lock: " + statement, url)
        self.statement, self.holders, self.is_rolled_back = statement, tuple(holders), is_rolled_back


class RiskyRevision(Refused):
    """`risks` are (place, "rule:object", words), `renames` the calls that a drop and an add may stand for.

    `stay` are the statements that cannot be taken back, None where none has run.
    """

    def __init__(
        self,
        risks: Sequence[tuple[str, str, str]],
        renames: Sequence[str] = (),
        is_upgrade: bool = True,
        stay: Sequence[str] | None = None,
        url: str = "",
    ) -> None:
        super().__init__("; ".join("{}: {}, {}".format(*one) for one in risks), url)
        self.risks, self.renames, self.is_upgrade, self.stay = tuple(risks), tuple(renames), is_upgrade, stay


class KeysViolated(Refused):
    """`violations` are (table, rowid, table referred to)."""

    reference = "rows-without-parent"

    def __init__(self, violations: Iterable[tuple[str, int | None, str]], url: str = "") -> None:
        self.violations = sorted(violations, key=str)
        words = "; ".join("{} (rowid {}) to {}".format(*one) for one in self.violations[:10])
        super().__init__("the migration left rows that refer to nothing: " + words, url)


class RowsLost(Refused):
    """`table` would have `after` rows instead of `before`."""

    def __init__(self, table: str, before: int, after: int, url: str = "") -> None:
        super().__init__(f"{table} would have {after} of its {before} rows", url)
        self.table, self.before, self.after = table, before, after


class NotRebuilt(Refused):
    """`broken` are (view or trigger, why it would not work once SQLite has built `table` anew)."""

    def __init__(self, table: str, broken: Sequence[tuple[str, str]], url: str = "") -> None:
        self.table, self.broken = table, broken
        super().__init__("rebuilding {} breaks {}".format(table, ", ".join(what for what, _ in broken)), url)


class ModelsNotLoaded(AdoptError):
    """`tables` are (name, "file:line" or ""), `modules` the modules that declare them, `total` the tables of the database."""

    def __init__(self, tables: Sequence[tuple[str, str]], modules: Sequence[str], total: int, url: str = "") -> None:
        super().__init__("no loaded model has " + ", ".join(name for name, _ in tables), url)
        self.tables, self.modules, self.total = tuple(tables), tuple(modules), total


def first_line(error: BaseException) -> str:
    """The first line of what it says, or of what the driver's says in it; where that says nothing, its code or its class."""
    words = str(getattr(error, "orig", None) or error).strip().splitlines()
    return words[0] if words else error_code(error) or type(error).__name__


def error_code(error: BaseException) -> str:
    """The SQLSTATE or the MySQL error number of a driver's exception, or of SQLAlchemy's around it; "" when it has none."""
    original = getattr(error, "orig", None) or error
    first = original.args[0] if getattr(original, "args", ()) else ""
    if isinstance(first, dict):  # pg8000
        return str(first.get("C", ""))
    number = first if isinstance(first, int) else getattr(original, "errno", None)  # MySQL drivers
    return str(number or getattr(original, "pgcode", None) or getattr(original, "sqlstate", None) or "")


def is_permission_error(error: BaseException) -> bool:
    """True when the server says that the role lacks a privilege, or that nothing may be written there, as in a replica."""
    return error_code(error) in ("42501", "1044", "1142", "1227", "1370", "1410", "25006", "1290", "1792", "1836")
