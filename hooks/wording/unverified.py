"""What could not be shown of the databases, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hooks.base.facts import Answers
from hooks.base.verified import VerifiedDatabase, may_be_stamped

ADOPT = "python -m migrations.adopt"
NO_TABLE = "it has no table yet"  # of hooks/inside/load/existing.py: the database is there
NO_TABLE_OF_REVISIONS = "it holds no table of the revisions"  # of hooks/inside/takeover.py: so it is


def unverified_databases(databases: Sequence[VerifiedDatabase], stamped: Mapping[str, str], answers: Answers) -> list[str]:
    """One sentence for each thing; with several databases each says which it is about."""
    several = len(databases) > 1
    reasons = [reason for database in databases for reason in unverified_of(database, several=several)]
    unstamped = [database for database in databases if database.is_true and database.name not in stamped]
    if not answers.stamp and unstamped:
        which = "the existing databases were compared and, as asked, not stamped" if len(unstamped) > 1 else AS_ASKED
        reasons.append(f"{which}:  {ADOPT}")
    elif unstamped and not may_be_stamped(databases):
        which = " and ".join(database.title for database in unstamped)
        reasons.append(f"{which} agreed, and nothing was stamped, since not all that are there could be verified:  {ADOPT}")
    return reasons


AS_ASKED = "the existing database was compared and, as asked, not stamped"


def unverified_of(database: VerifiedDatabase, *, several: bool) -> list[str]:
    """What could not be shown of one database."""
    before = f"{database.title}: " if several else ""
    reasons = list(database.unverified)
    if database.existing == "absent":
        why = database.existing_reason or "it does not exist"
        if why == NO_TABLE:
            reasons.append(f"{database.database} has no table of the models yet; `flask db upgrade` creates them and stamps it")
        elif why == NO_TABLE_OF_REVISIONS:
            reasons.append(f"{database.database} holds no table of the revisions, so it was not compared and not stamped")
        else:
            reasons.append(f"there is no existing database {database.database} ({why}), so none was compared and none stamped")
    elif not database.is_present:
        why = database.existing_reason or "no reason is known"
        reasons.append(
            f"the existing database {database.database} could not be read ({why}), so it was not compared and not stamped"
        )
    elif database.offline:
        reasons.append(
            f"the existing database {database.database} was not compared and not stamped;"
            f" with an empty database of its kind:  {database.empty_url}=... {ADOPT}"
        )
    if database.not_carried:
        reasons.append(f"no revision to the models could be proven ({database.not_carried}); write one:  flask db migrate")
    for line in database.left:
        why = "" if database.not_carried else ", since Alembic does not see it; write it by hand"
        reasons.append(f"no revision carries this over{why}:  {line}")
    for line in database.not_undone:
        reasons.append(f"downgrading the second revision does not bring back all that was there:  {line}")
    return [before + reason for reason in reasons]
