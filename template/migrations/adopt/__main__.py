"""python -m migrations.adopt [adopt | check]

adopt   Verify that the revisions build exactly the schema of this database, then stamp it with the revision that does.
        The database is only read until then; nothing but `alembic_version` is ever written.
check   Say whether this database is at the newest revision and is what the models say; write nothing.

The database is the one that the application is configured with, as for `flask db upgrade`. Run it from the project's root.
Exit status: 0 adopted, or true already; 1 the database differs; 2 it could not be checked.
"""

import argparse
import os
import sys
import traceback

from . import check as checking
from . import differences, loading, readonly, replay, scratch, snapshot, stamp
from .errors import AdoptError, AlreadyStamped, ApplicationNotLoaded
from .urls import redact

TRUE, DIFFERS, UNCHECKED = 0, 1, 2
ROOT = os.path.dirname(replay.MIGRATIONS)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m migrations.adopt", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", nargs="?", choices=("adopt", "check"), default="adopt")
    run = {"adopt": adopt, "check": check}[parser.parse_args(arguments).command]
    try:
        with loading.load_app().app_context():
            return max(run(database) for database in loading.databases())
    except ApplicationNotLoaded as error:
        return stopped(error.reference, error.reason, [error.frame, "No database was written to."])
    except AdoptError as error:
        return stopped(error.reference, str(error), ["The database was not stamped."])
    except Exception:  # noqa: BLE001 -- status 1 would say that the database differs
        traceback.print_exc()
        return UNCHECKED


def adopt(database):
    """Compare, and stamp when equal; return the exit status."""
    shown = redact(database.url)
    revisions = replay.history()
    if not revisions:
        return stopped(
            "no-revision", "migrations/versions/ holds no revision.", ["Make the first one:  flask db migrate -m baseline"]
        )
    ignore = (database.version_table, "alembic_version")
    with readonly.connect(database.url, database.connect_args) as connection:
        stamped = stamp.revisions_in(connection, database.version_table, database.version_table_schema)
        actual = snapshot.take(connection, ignore=ignore, schemas=database.schemas)
    if stamped:
        return already_stamped(stamped, revisions, shown)
    if not actual["tables"]:
        return stopped(
            "database-empty",
            "The database {} has no table, so there is nothing to adopt.".format(shown),
            ["Build it:  flask db upgrade"],
            DIFFERS,
        )
    revision, found = find_revision(database, revisions, actual, ignore)
    if revision is None:
        lines = ["  " + line for line in differences.lines(found, expected="revisions")]
        return stopped(
            "database-differs",
            "The revisions do not build the schema of the database {}:".format(shown),
            lines + ["Nothing was written to it.", "Make them agree and run again:  python -m migrations.adopt"],
            DIFFERS,
        )
    print("verified  the revisions up to {} build the schema of {}".format(revision, shown))
    read_back = stamp.stamp(
        database.url,
        revision,
        expected_snapshot=actual,
        version_table=database.version_table,
        version_table_schema=database.version_table_schema,
        schemas=database.schemas,
        connect_args=database.connect_args,
    )
    print("stamped   {}, read back over a new connection".format(read_back))
    if revision != revisions[-1]:
        print("next      flask db upgrade")
    return TRUE


def find_revision(database, revisions, actual, ignore):
    """(the revision that this database is at, or None; its differences from the newest one).

    It is the newest one whose schema the database has; of several with that same schema the oldest, because what the others
    do to rows has not been done here.
    """
    place = {"purpose": ROOT, "connect_args": database.connect_args}
    scratch.drop_leftovers(database.url, **place)
    given = os.environ.get("EMPTY_DATABASE_URL")
    match, schema, found = None, None, []
    with scratch.create_scratch(database.url, configured_urls=database.configured_urls, empty_database_url=given, **place) as empty:
        for revision in revisions:
            expected = replay.schema(empty, revision, ignore=ignore, schemas=database.schemas, bind_keys=database.keys)
            if expected is not None:
                found = differences.compare(expected, actual)
                if not found and expected != schema:
                    match, schema = revision, expected
    return match, found


def already_stamped(stamped, revisions, shown):
    if stamped == (revisions[-1],):
        print("adopted   {} is stamped with {} already, the newest revision".format(shown, stamped[0]))
        return TRUE
    if set(stamped) <= set(revisions):
        print("adopted   {} is stamped with {} already".format(shown, ", ".join(stamped)))
        print("next      flask db upgrade")
        return TRUE
    return stopped(AlreadyStamped.reference, str(AlreadyStamped(stamped, shown)), ["That revision is not in migrations/versions/."])


def check(database):
    """Report what is pending; return the exit status."""
    with readonly.connect(database.url, database.connect_args) as connection:
        present, newest, code = checking.check(connection, database.keys)
    shown = redact(database.url)
    if present != newest:
        at = ", ".join(present) if present else "no revision"
        advice = "Bring it there:  flask db upgrade" if present else "Adopt it:  python -m migrations.adopt"
        return stopped("not-at-head", "{} is at {}, the newest is {}.".format(shown, at, ", ".join(newest)), [advice], DIFFERS)
    if code:
        lines = ["  " + line.strip() for line in code.splitlines() if line.strip() and not line.strip().startswith("#")]
        return stopped(
            "models-differ",
            "The models say more than the revisions. The next migration would be:",
            lines + ["Write it:  flask db migrate"],
            DIFFERS,
        )
    print("verified  {} is at {} and is what the models say".format(shown, ", ".join(newest)))
    return TRUE


def stopped(reference, what, lines, status=UNCHECKED):
    """Print one message in the shape that all messages have; return the exit status."""
    print("error: " + reference, file=sys.stderr)
    for line in [what] + [line for line in lines if line]:
        print("  " + line, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
