"""PostgreSQL: a database beside the existing one; what tells that it is in use ends with a connection.

That is an advisory lock, which sessions of the same database see only, and the name of the application, which those of others see
too: another run in this project may have begun with another database.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc, text

from ...base.errors import DatabaseMissing, error_code
from ...base.urls import replace
from ..connecting import literal, lock_number, open_connection, permitted, quoted, sql
from .keeping import Keeping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import URL, Connection


SYSTEM = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg!_%' ESCAPE '!'"
OWN = (
    SYSTEM
    + " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = {0}.oid AND d.classid = '{1}'::regclass AND d.deptype = 'e')"
)
RELATIONS = (
    "SELECT c.oid::regclass::text, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND " + OWN.format("c", "pg_class") + " ORDER BY c.relkind <> 'v', 1"
)
TYPES = (
    "SELECT t.oid::regtype::text FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
    " LEFT JOIN pg_class c ON c.oid = t.typrelid"
    " WHERE (t.typtype IN ('e', 'd') OR c.relkind = 'c') AND " + OWN.format("t", "pg_type") + " ORDER BY 1"
)
EXTENSIONS = "SELECT e.extname, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY e.oid"
CATALOGUES = {  # all that a database can hold, and what of it did not come with the server
    "pg_class": "o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')",
    "pg_namespace": "o.nspname <> 'public' AND o.nspname NOT LIKE 'pg!_%' ESCAPE '!'",
    "pg_extension": "o.extname <> 'plpgsql'",
}
OTHERS = (
    "pg_proc pg_type pg_event_trigger pg_publication pg_collation pg_conversion pg_cast pg_operator pg_opclass pg_opfamily"
    " pg_ts_config pg_ts_dict pg_foreign_data_wrapper pg_foreign_server pg_language pg_am"
)
CATALOGUES.update((name, "true") for name in OTHERS.split())
HELD = (  # what an extension has brought, or goes with something else, is left out
    "SELECT i.type, i.identity FROM {0} o, LATERAL pg_identify_object(CAST('{0}' AS regclass), o.oid, 0) i"
    " WHERE o.oid >= 16384 AND {1} AND NOT EXISTS"
    " (SELECT 1 FROM pg_depend d WHERE d.objid = o.oid AND d.classid = CAST('{0}' AS regclass) AND d.deptype IN ('e', 'i'))"
)
LARGE_OBJECTS = " UNION ALL SELECT 'large object', CAST(oid AS text) FROM pg_largeobject_metadata ORDER BY 1, 2"


class PostgreSQL(Keeping):
    def create(self, name: str) -> tuple[URL, Sequence[str]]:
        with self.keeper(name) as keeper:
            keeper.execute(text("SELECT pg_advisory_lock(:number)"), {"number": lock_number(name)})
            keeper.execute(text("SELECT set_config('application_name', :name, false)"), {"name": name})
            like = keeper.execute(
                text(
                    "SELECT CAST(row_to_json(d) AS text) AS row, pg_encoding_to_char(encoding) FROM pg_database d"
                    " WHERE datname = :name"
                ),
                {"name": self.url.database},
            ).first()
            options = locale(json.loads(like[0]), like[1]) if like else ""
            with permitted(self.url, "create databases"):
                keeper.execute(sql("CREATE DATABASE " + quoted(name) + " TEMPLATE template0" + options))
        url = replace(self.url, database=name)
        try:
            missing = self._copy_extensions(url) if like else ()
            if like:
                self._search_as_here(url, name)
            return url, missing
        except BaseException:
            self.drop(name)
            raise

    def create_missing(self) -> None:
        with self.server() as connection, permitted(self.url, "create databases"):
            try:
                connection.execute(sql("CREATE DATABASE " + quoted(self.url.database)))  # type: ignore[arg-type]  # that of a database
            except exc.DBAPIError as error:
                if error_code(error) not in ("42P04", "23505"):  # somebody else was faster
                    raise

    def drop(self, name: str) -> bool:
        with self.server() as connection, permitted(self.url, "drop databases"):
            force = int(connection.execute(text("SHOW server_version_num")).scalar()) >= 130000  # type: ignore[arg-type]  # the server has said it
            if not force:
                connection.execute(
                    text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
                )
            connection.execute(sql("DROP DATABASE IF EXISTS " + quoted(name) + (" WITH (FORCE)" if force else "")))
        return self.let_go(name)

    def unused(self, prefix: str) -> list[str]:
        with self.server() as connection:
            found = connection.execute(
                text(
                    "SELECT datname FROM pg_database WHERE left(datname, :length) = :prefix AND datname NOT IN"
                    " (SELECT datname FROM pg_stat_activity WHERE datname IS NOT NULL) AND CAST(datname AS text) NOT IN"
                    " (SELECT application_name FROM pg_stat_activity WHERE application_name IS NOT NULL) ORDER BY datname"
                ),
                {"length": len(prefix), "prefix": prefix},
            )
            free = text("SELECT pg_try_advisory_lock(:number)")  # given back when this connection is closed
            return [name for (name,) in found.fetchall() if connection.execute(free, {"number": lock_number(name)}).scalar()]

    def objects(self) -> list[str]:
        with self._database(self.url) as connection:
            return [row[0] for query in (RELATIONS, TYPES) for row in connection.execute(sql(query)).fetchall()]

    def contents(self) -> list[str]:
        with self._database(self.url) as connection:
            return ["{} {}".format(*one) for one in _held(connection)]

    def empty(self, _: bool) -> None:
        with self._database(self.url) as connection:
            for kinds in ({"extension"}, {"schema"}, None):  # which take with them what is theirs
                for kind, name in _held(connection):
                    if kinds is None or kind in kinds:
                        drop = "DROP {} IF EXISTS {} CASCADE" if kind != "large object" else "SELECT lo_unlink({1})"
                        connection.execute(sql(drop.format(kind.replace("-", " "), name)))  # "foreign-data wrapper"

    def _copy_extensions(self, url: URL) -> list[str]:
        """Create in the database at `url` what the existing database has; return the names of those that cannot be."""
        with self._database(self.url) as connection:
            wanted = [tuple(row) for row in _rows(connection, EXTENSIONS) if row[0] != "plpgsql"]
        missing = []
        if wanted:
            with self._database(url) as connection:
                for name, schema in wanted:
                    try:
                        connection.execute(sql("CREATE SCHEMA IF NOT EXISTS " + quoted(schema)))
                        connection.execute(sql(f"CREATE EXTENSION IF NOT EXISTS {quoted(name)} SCHEMA {quoted(schema)} CASCADE"))
                    except exc.DBAPIError:
                        missing.append(name)
        return missing

    def _search_as_here(self, url: URL, name: str) -> None:
        """Let unqualified names lead to the schema in the database at `url` that they lead to in the existing one."""
        with self._database(self.url) as connection:
            wanted, path = connection.execute(sql("SELECT current_schema(), current_setting('search_path')")).first()  # type: ignore[misc]  # one row
        if wanted is None:
            return
        with self._database(url) as connection:
            if connection.execute(sql("SELECT current_schema()")).scalar() == wanted:
                return
            connection.execute(sql("CREATE SCHEMA IF NOT EXISTS " + quoted(wanted)))
            if connection.execute(sql("SELECT current_schema()")).scalar() != wanted:  # ALTER DATABASE had said it there
                connection.execute(sql(f"ALTER DATABASE {quoted(name)} SET search_path TO {path}"))

    def _database(self, url: URL) -> Connection:
        return open_connection(url, self._connect_args)

    def server(self) -> Connection:
        """A connection for CREATE and DROP DATABASE: to the existing database where there is one, which changes nothing in it."""
        for name in (self.url.database, "postgres"):
            try:
                return self._database(replace(self.url, database=name))
            except DatabaseMissing:
                continue
        return self._database(replace(self.url, database="template1"))


def _held(connection: Connection) -> list[Any]:
    """(kind, name) of all that is there and did not come with PostgreSQL, as DROP takes them."""
    there = {row[0] for row in _rows(connection, "SELECT relname FROM pg_class WHERE relname LIKE 'pg!_%' ESCAPE '!'")}
    queries = [HELD.format(*one) for one in CATALOGUES.items() if one[0] in there]
    return [tuple(row) for row in _rows(connection, " UNION ALL ".join(queries) + LARGE_OBJECTS)]


def _rows(connection: Connection, query: str) -> Sequence[Any]:
    return connection.execute(sql(query)).fetchall()


def locale(database: Mapping[str, Any], encoding: str) -> str:
    """The clauses of CREATE DATABASE for the encoding and collation that a row of pg_database describes, PostgreSQL 9.4 to 18."""
    clauses = " ENCODING {} LC_COLLATE {} LC_CTYPE {}".format(
        literal(encoding), literal(database["datcollate"]), literal(database["datctype"])
    )
    name = database.get("datlocale") or database.get("daticulocale")
    # None is no key either
    provider = {"i": ("icu", "ICU_LOCALE"), "b": ("builtin", "BUILTIN_LOCALE")}.get(database.get("datlocprovider"))  # type: ignore[arg-type]
    if provider and name:
        clauses += f" LOCALE_PROVIDER {provider[0]} {provider[1]} {literal(name)}"
    return clauses
