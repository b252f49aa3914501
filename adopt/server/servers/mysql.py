"""MySQL and MariaDB: a database beside the existing one; GET_LOCK, which ends with its connection, tells that it is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exc, text

from ...base.errors import error_code
from ...base.urls import replace
from ..connecting import open_connection, permitted, sql
from .keeping import Keeping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import URL, Connection


KINDS = {"VIEW": "VIEW", "SEQUENCE": "SEQUENCE"}  # else it is a table
PROGRAMS = (
    "SELECT routine_type, routine_name FROM information_schema.routines"
    " WHERE routine_schema = DATABASE() AND routine_type <> 'PACKAGE BODY'"
    " UNION ALL SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = DATABASE() ORDER BY 2"
)


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


class MySQL(Keeping):
    def create(self, name: str) -> tuple[URL, Sequence[str]]:
        with self.keeper(name) as keeper:
            keeper.execute(text("SELECT GET_LOCK(:name, 10)"), {"name": name}).first()
            like = keeper.execute(
                text(
                    "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata"
                    " WHERE schema_name = :n"
                ),
                {"n": self.url.database},
            ).first()
            with permitted(self.url, "create databases"):
                keeper.execute(
                    sql("CREATE DATABASE " + quoted(name) + (" CHARACTER SET {} COLLATE {}".format(*like) if like else ""))
                )
        return replace(self.url, database=name), ()

    def create_missing(self) -> None:
        with self.server() as connection, permitted(self.url, "create databases"):
            connection.execute(sql("CREATE DATABASE IF NOT EXISTS " + quoted(self.url.database)))  # type: ignore[arg-type]  # that of a database

    def drop(self, name: str) -> bool:
        with self.server() as connection:
            for (thread,) in connection.execute(
                text("SELECT id FROM information_schema.processlist WHERE db = :n"), {"n": name}
            ).fetchall():
                try:
                    connection.execute(sql(f"KILL {int(thread)}"))
                except exc.DBAPIError as error:
                    if error_code(error) != "1094":  # gone already
                        raise
            with permitted(self.url, "drop databases"):
                connection.execute(sql("DROP DATABASE IF EXISTS " + quoted(name)))
        return self.let_go(name)

    def unused(self, prefix: str) -> list[Any]:
        with self.server() as connection:
            found = connection.execute(
                text(
                    "SELECT schema_name FROM information_schema.schemata WHERE LEFT(schema_name, :length) = :prefix"
                    " AND IS_FREE_LOCK(schema_name) AND schema_name NOT IN"
                    " (SELECT db FROM information_schema.processlist WHERE db IS NOT NULL) ORDER BY schema_name"
                ),
                {"length": len(prefix), "prefix": prefix},
            )
            return [name for (name,) in found.fetchall()]

    def objects(self) -> list[Any]:
        return [name for name, _ in self._tables()]

    def contents(self) -> list[str]:
        tables = [(KINDS.get(kind, "table"), name) for name, kind in self._tables()]
        return [f"{kind.lower()} {name}" for kind, name in tables + self._programs()]

    def empty(self, _: bool) -> None:
        tables, programs = self._tables(), self._programs()
        with open_connection(self.url, self._connect_args) as connection:
            connection.execute(sql("SET FOREIGN_KEY_CHECKS = 0"))
            for name, kind in tables:
                connection.execute(sql("DROP {} {}".format(KINDS.get(kind, "TABLE"), quoted(name))))
            for kind, name in programs:
                connection.execute(sql(f"DROP {kind} {quoted(name)}"))

    def _programs(self) -> list[Any]:
        with open_connection(self.url, self._connect_args) as connection:
            return [tuple(row) for row in connection.execute(sql(PROGRAMS)).fetchall()]

    def _tables(self) -> list[Any]:
        with open_connection(self.url, self._connect_args) as connection:
            found = connection.execute(
                text(
                    "SELECT table_name, table_type FROM information_schema.tables"
                    " WHERE table_schema = DATABASE() ORDER BY table_name"
                )
            )
            return [tuple(row) for row in found.fetchall()]

    def server(self) -> Connection:
        return open_connection(replace(self.url, database=""), self._connect_args)
