"""What MySQL and MariaDB say of columns and tables where SQLAlchemy's reading of SHOW CREATE TABLE misses it.

A default that is an expression hides the comment behind it from SQLAlchemy: `DEFAULT concat('x','y') COMMENT 'a word'`.
"""

import re

from sqlalchemy import Table, event, text
from sqlalchemy.dialects import mysql

from ..server.connecting import query
from ..server.servers.mysql import quoted

COLUMNS = """
SELECT table_name AS table_name, column_name AS column_name, column_comment AS comment, column_default AS said
FROM information_schema.columns WHERE table_schema = COALESCE(:schema, DATABASE())"""
JSONS = """
SELECT table_name, constraint_name FROM information_schema.check_constraints
WHERE constraint_schema = COALESCE(:schema, DATABASE()) AND check_clause = concat('json_valid(`', constraint_name, '`)')"""
INDEXES = """
SELECT table_name, index_name, column_name, sub_part, collation, index_type FROM information_schema.statistics
WHERE table_schema = COALESCE(:schema, DATABASE())"""
OPTION = re.compile(r"`?(\w+)`?=('(?:[^']|'')*'|[^\s']+)")


def correct(connection, columns, schema):
    """Put into reflected columns, {table: [column]}, what was misread."""
    facts = _facts(connection, schema)
    for table, found in columns.items():
        for column in found:
            _correct(column, facts.get((table, column["name"])))


def _facts(connection, schema):
    rows = connection.execute(text(COLUMNS), {"schema": schema}).fetchall()
    jsons = set()
    if getattr(connection.dialect, "is_mariadb", False):  # where JSON is a LONGTEXT with a CHECK
        jsons = {tuple(row) for row in connection.execute(text(JSONS), {"schema": schema})}
    return {(row[0], row[1]): (row[2] or None, row[3], (row[0], row[1]) in jsons) for row in rows}


def _correct(column, facts):
    """The comment is the server's own; a default only where none was read and there is one."""
    if facts is None:
        return
    comment, said, is_json = facts
    column["comment"] = comment
    if is_json and "LONGTEXT" in str(column["type"]):
        column["type"] = mysql.JSON()
    if column.get("default") is None and said not in (None, "NULL") and not column.get("computed"):
        column["default"] = said


def mark_indexes(connection, indexes, schema):
    """Put into reflected indexes, {table: [index]}, what they say of columns: {column: "(20) DESC"}."""
    words = {}
    for table, index, column, length, order, kind in connection.execute(text(INDEXES), {"schema": schema}):
        said = (f"({length})" if length and kind == "BTREE" else "") + (" DESC" if order == "D" else "")
        words.setdefault((table, index), {}).update({column: said} if said else {})
    for table, found in indexes.items():
        for index in found:
            index["words"] = words.get((table, index["name"]), {})


def table_options(connection, name, schema):
    """ "ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci"; "" for other servers. Partitions are objects of their own."""
    if connection.dialect.name not in ("mysql", "mariadb"):
        return ""
    statement = "SHOW CREATE TABLE " + ".".join(quoted(part) for part in (schema, name) if part)
    end = query(connection, statement)[0][1].rpartition("\n) ")[2].split("\n")[0]
    said = " ".join("{}={}".format(*one) for one in OPTION.findall(end) if one[0] not in ("COMMENT", "AUTO_INCREMENT"))
    return said.replace("utf8mb3", "utf8")  # one character set under two names


def mend():
    """Let reflected tables have what was misread, so that Alembic does not propose it over and over."""
    if not event.contains(Table, "column_reflect", _on_column):
        event.listen(Table, "column_reflect", _on_column)


def _on_column(inspector, table, column):
    if inspector.dialect.name not in ("mysql", "mariadb"):
        return
    key = ("columns of", table.schema)
    if key not in inspector.info_cache:
        inspector.info_cache[key] = _facts(inspector.bind, table.schema)
    _correct(column, inspector.info_cache[key].get((table.name, column["name"])))
