"""What is on a server beside one database, which everybody on it may change: its other databases, its logins, and their settings.

So is what stands ready to write to the database later: events, prepared transactions, what the server runs for each new session.
A difference is no error, and a reason not to say that nothing was written. Scratch databases and their logins are left out, and
what the role may not read.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection

    from .base.types import Adopt, AnyURL, ConnectArgs, Marks


# what: the questions for (name, mark), of which the first one that the role may ask is asked; XA RECOVER has the name at the end
QUESTIONS = {
    "postgresql": {
        "database": ["SELECT datname::text, concat_ws(' ', oid, xmin) FROM pg_database WHERE left(datname, 8) <> 'scratch_'"],
        "login": [
            "SELECT rolname::text, hashtext(concat_ws(',', oid, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin,"
            " rolreplication, rolbypassrls, rolvaliduntil, rolconfig, ARRAY(SELECT roleid FROM"
            " pg_auth_members m JOIN pg_roles g ON g.oid = roleid WHERE member = r.oid AND left(g.rolname, 8) <> 'scratch_'"
            " ORDER BY 1)))::text FROM pg_roles r WHERE left(rolname, 8) <> 'scratch_'"
        ],
        "prepared transaction": ["SELECT gid, prepared::text FROM pg_prepared_xacts"],
        "settings of": ["SELECT concat_ws(' ', setdatabase, setrole), hashtext(setconfig::text)::text FROM pg_db_role_setting"],
        "setting": ["SELECT name, hashtext(string_agg(setting, ' '))::text FROM pg_file_settings GROUP BY 1"],
    },
    "mysql": {
        "database": [
            "SELECT schema_name, CONCAT(default_character_set_name, ' ', default_collation_name) FROM information_schema.schemata"
            " WHERE LEFT(schema_name, 8) <> 'scratch_'"
        ],
        "login": [  # from MariaDB 10.4 on mysql.user is a view
            "SELECT CONCAT(user, '@', host), CAST(CRC32(CAST(priv AS CHAR)) AS CHAR) FROM mysql.global_priv"
            " WHERE LEFT(user, 8) <> 'scratch_'",
            "SELECT CONCAT(user, '@', host), CAST(CRC32(CONCAT_WS('|', authentication_string, super_priv, grant_priv, create_priv,"
            " insert_priv, drop_priv)) AS CHAR) FROM mysql.user WHERE LEFT(user, 8) <> 'scratch_'",
        ],
        "event": [  # it may write to any database, and later
            "SELECT CONCAT(event_schema, '.', event_name), CAST(CRC32(CONCAT_WS('|', event_definition, status, execute_at,"
            " last_altered)) AS CHAR) FROM information_schema.events WHERE event_schema <> DATABASE()"
            " AND LEFT(event_schema, 8) <> 'scratch_'"
        ],
        "right": [
            "SELECT CONCAT(user, '@', host, ' on ', place), CAST(SUM(CRC32(granted)) AS CHAR) FROM (SELECT user, host, db AS place,"
            " CONCAT_WS(' ', select_priv, insert_priv, update_priv, delete_priv, create_priv, drop_priv, alter_priv, grant_priv)"
            " AS granted FROM mysql.db"
            " UNION ALL SELECT user, host, CONCAT(db, '.', table_name), CONCAT_WS(' ', table_priv, column_priv)"
            " FROM mysql.tables_priv) AS rights WHERE LEFT(user, 8) <> 'scratch_' GROUP BY 1"
        ],
        "setting": [  # what the server runs by itself, for each session and at a time
            f"SELECT LOWER(variable_name), CAST(CRC32(variable_value) AS CHAR) FROM {view}.global_variables"
            " WHERE variable_name IN ('init_connect', 'event_scheduler')"
            for view in ("information_schema", "performance_schema")
        ],
        "prepared transaction": ["XA RECOVER"],
    },
}


def take(adopt: Adopt, url: AnyURL, connect_args: ConnectArgs | None) -> dict[str, Marks]:
    """{what: {name: mark}} of the server of the database at `url`, {} of SQLite; `adopt(name)` gives a module of adopt/."""
    kinds = QUESTIONS.get(adopt("urls").backend(url), {})
    if not kinds:
        return {}
    with adopt("readonly").connect(url, connect_args) as connection:
        return {what: answer(adopt("connecting").query, connection, questions) for what, questions in kinds.items()}


def answer(query: Callable[[Connection, str], Sequence[Any]], connection: Connection, questions: list[str]) -> Marks:
    """The marks by name, {} where the role may not read them."""
    is_ended = connection.dialect.name == "postgresql"  # a transaction by an error; MariaDB's own tables know no savepoints
    for question in questions:
        try:
            with connection.begin_nested() if is_ended else contextlib.nullcontext():
                rows = query(connection, question)
                return (
                    {text_of(row[-1]): "" for row in rows} if question == "XA RECOVER" else {str(name): mark for name, mark in rows}
                )
        except exc.DBAPIError:
            continue
    return {}


def text_of(name: object) -> str:
    """The name of a transaction, which may be any bytes."""
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
