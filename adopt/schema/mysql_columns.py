"""What MySQL and MariaDB say of columns and tables where SQLAlchemy's reading of SHOW CREATE TABLE misses it.

A default that is an expression hides the comment behind it from SQLAlchemy: `DEFAULT concat('x','y') COMMENT 'a word'`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, event, text

from ..server.connecting import query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.engine.reflection import Inspector


COLUMNS = """
SELECT table_name AS table_name, column_name AS column_name, column_comment AS comment, column_default AS said
FROM information_schema.columns WHERE table_schema = COALESCE(:schema, DATABASE())"""
JSONS = """
SELECT table_name, constraint_name FROM information_schema.check_constraints
WHERE constraint_schema = COALESCE(:schema, DATABASE()) AND check_clause = concat('json_valid(`', constraint_name, '`)')"""
INDEX = re.compile(r"(?m)^ *((?:[A-Z]+ )?)KEY `((?:[^`]|``)+)` (\(.*?),?$")
CHECK = re.compile(r"(?m)^ *`((?:[^`]|``)+)` .* CHECK \((.*)\),?$")
SEQUENCES = """
SELECT table_name FROM information_schema.tables
WHERE table_type = 'SEQUENCE' AND table_schema = COALESCE(:schema, DATABASE())"""
OPTION = re.compile(r"`?(\w+)`?=('(?:[^']|'')*'|[^\s']+)")


def correct(connection: Connection, columns: Mapping[str, list[dict[str, Any]]], schema: str | None) -> None:
    """Put into reflected columns, {table: [column]}, what was misread."""
    facts = _facts(connection, schema)
    for table, found in columns.items():
        for column in found:
            _correct(column, facts.get((table, column["name"])))


def _facts(connection: Connection, schema: str | None) -> dict[tuple[str, str], Any]:
    rows = connection.execute(text(COLUMNS), {"schema": schema}).fetchall()
    jsons = set()
    if getattr(connection.dialect, "is_mariadb", False):  # where JSON is a LONGTEXT with a CHECK
        jsons = {tuple(row) for row in connection.execute(text(JSONS), {"schema": schema})}
    return {(row[0], row[1]): (row[2] or None, row[3], (row[0], row[1]) in jsons) for row in rows}


def _correct(column: dict[str, Any], facts: Any) -> None:
    """The comment is the server's own; a default only where none was read and there is one, or one of which SQLAlchemy has
    read as far as the first bracket that closes.
    """
    if facts is None:
        return
    comment, said, is_json = facts
    column["comment"] = comment
    if is_json and "LONGTEXT" in str(column["type"]):
        from sqlalchemy.dialects import mysql

        column["type"] = mysql.JSON()
    read = column.get("default") or ""
    if read[:1] == "(" and read.count("(") > read.count(")"):
        column["default"] = f"({said})"
    if column.get("default") is None and said not in (None, "NULL") and not column.get("computed"):
        column["default"] = said


def statement(connection: Connection, name: str, schema: str | None) -> Any:
    """What SHOW CREATE TABLE says; "" for other servers."""
    if connection.dialect.name not in ("mysql", "mariadb"):
        return ""
    return shown(connection, "TABLE", schema, name)


def shown(connection: Connection, what: str, schema: str | None, name: str) -> Any:
    """What SHOW CREATE says of it."""
    place = ".".join(map(connection.dialect.identifier_preparer.quote, filter(None, (schema, name))))
    return query(connection, f"SHOW CREATE {what} {place}")[0][1]


def table_options(said: str) -> str:
    """ "ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci", of such a statement. Partitions are objects of their own."""
    end = said.rpartition("\n) ")[2].split("\n")[0]
    said = " ".join("{}={}".format(*one) for one in OPTION.findall(end) if one[0] not in ("COMMENT", "AUTO_INCREMENT"))
    return said.replace("utf8mb3", "utf8")  # one character set under two names


def indexes(said: str) -> dict[str, str]:
    """{index: "(name(20), number DESC) USING HASH"}."""
    found = {name: words + (" " + kind.strip() if kind not in ("", "UNIQUE ") else "") for kind, name, words in INDEX.findall(said)}
    return {name.replace("``", "`"): words.replace("`", "").replace(",", ", ") for name, words in found.items()}


def checks(said: str) -> dict[Any, Any]:
    """{column: the condition of the CHECK inside of it}."""
    return dict(one for one in CHECK.findall(said) if one[1] != f"json_valid(`{one[0]}`)")


def sequences(connection: Connection, schema: str | None) -> Iterator[tuple[str, str]]:
    """{sequence: "start with 1 minvalue 1 ..."}."""
    for (name,) in connection.execute(text(SEQUENCES), {"schema": schema}).fetchall():
        said = shown(connection, "SEQUENCE", schema, name)
        yield name, re.sub(r"^.*?(?=start with)| ENGINE=.*", "", said)


def mend(dialect: Dialect) -> None:
    """Let reflected tables have what was misread, so that Alembic does not propose it over and over."""
    if not event.contains(Table, "column_reflect", _on_column):
        event.listen(Table, "column_reflect", _on_column)
    if dialect.name in ("mysql", "mariadb"):
        from sqlalchemy.dialects import mysql

        copy = mysql.ENUM.copy
        if copy.__name__ == "copy":  # SQLAlchemy's own, so far
            mysql.ENUM.copy = lambda self, **options: _as(self, copy(self, **options))  # type: ignore[method-assign, no-untyped-call]  # of a class of SQLAlchemy's


def _as(enum: Any, made: Any) -> Any:
    """A copy of an ENUM has its character set, too; Alembic renders copies."""
    made.charset, made.collation = enum.charset, enum.collation
    return made


def _on_column(inspector: Inspector, table: Table, column: Any) -> None:
    if isinstance(column.get("default"), str):  # which becomes a `text`, in which a colon begins a parameter
        column["default"] = re.sub(r"(?<![:\\]):(?!:)", r"\\:", column["default"])
    if inspector.dialect.name not in ("mysql", "mariadb"):
        return
    key = ("columns of", table.schema)
    if key not in inspector.info_cache:
        inspector.info_cache[key] = _facts(inspector.bind, table.schema)  # type: ignore[arg-type]  # it is of a connection
    _correct(column, inspector.info_cache[key].get((table.name, column["name"])))
