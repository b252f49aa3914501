"""Tables of SQLite and MySQL as plain data, made of what SQLAlchemy reflects and of the statements that SQLite keeps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc, inspect

from ..server.connecting import query
from . import mysql_columns
from .normal import check_text, default_text, spaces
from .sqlite_statement import Statement, split, tokens_of, unquoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.engine.reflection import Inspector
    from sqlalchemy.types import TypeEngine

    from ..base.types import TableFacts


TABLE_FACTS = ("columns", "pk_constraint", "foreign_keys", "unique_constraints", "indexes", "check_constraints", "table_comment")
RULES = {"ondelete": "ON DELETE", "onupdate": "ON UPDATE"}


def know_types(dialect: Any) -> None:
    """Let SQLAlchemy know the type of `title VARCHAR (255)`, which it looks up with the space, and so takes for TEXT."""
    names = dialect.ischema_names
    if dialect.name == "sqlite" and "VARCHAR " not in names:
        dialect.ischema_names = {**names, **{name + " ": names[name] for name in names}}


def read(connection: Connection, names: Sequence[str], schema: str | None) -> dict[str, TableFacts]:
    """{name: table} for the tables of these names in the default schema, or in `schema`."""
    know_types(connection.dialect)
    inspector = inspect(connection)
    reflected = {fact: _reflect(inspector, fact, names, schema) for fact in TABLE_FACTS}
    is_main_sqlite = connection.dialect.name == "sqlite" and not schema
    kept = query(connection, "SELECT name, sql, type, tbl_name FROM sqlite_master WHERE sql > ''") if is_main_sqlite else ()
    statements = {row[0]: row[1] for row in kept}
    if connection.dialect.name in ("mysql", "mariadb"):
        mysql_columns.correct(connection, reflected["columns"], schema)
    result = {}
    for name in names:
        facts = {fact: reflected[fact][name] for fact in TABLE_FACTS}
        facts["said"] = mysql_columns.statement(connection, name, schema)
        result[name] = _table(name, facts, connection.dialect, statements)
    for name, statement, type_, table in kept:
        if type_ == "index" and table in result:
            _add_expression_index(result[table]["indexes"], name, statement)
    return result


def _reflect(inspector: Inspector, fact: str, names: Sequence[str], schema: str | None) -> dict[str, Any]:
    """{table: what the inspector says}, with SQLAlchemy 2's one call for all tables where there is one."""
    many = getattr(inspector, "get_multi_" + fact, None)
    if many is not None and not (fact == "table_comment" and inspector.dialect.name == "sqlite"):
        return {key[1]: value for key, value in many(schema=schema, filter_names=names).items()}
    one = getattr(inspector, "get_" + fact, _not_known)
    result = {}
    for name in names:
        try:
            result[name] = one(name, schema=schema)
        except NotImplementedError:  # SQLite has no comments; SQLAlchemy 1.2 no CHECK constraints of MySQL
            result[name] = {} if fact == "table_comment" else []
    return result


def _not_known(name: str, schema: str | None) -> None:
    """In the place of a question that this SQLAlchemy cannot be asked: 1.1 knows no comments."""
    raise NotImplementedError(name)


def _table(name: str, facts: Mapping[str, Any], dialect: Dialect, statements: Mapping[str, str]) -> TableFacts:
    key = list(facts["pk_constraint"].get("constrained_columns") or ())
    indexes, unique = _indexes(name, facts, dialect, statements)
    comment = facts["table_comment"].get("text")
    said: Any = Statement(statements[name]) if name in statements else None
    checks = [condition for _, condition in said.checks()] if said else [item.get("sqltext") for item in facts["check_constraints"]]
    for item in unique if said else ():
        words = said.unique_options(item["columns"])
        item.update({"options": words} if words else {})
    options = said.options if said else mysql_columns.table_options(facts["said"])
    inside = mysql_columns.checks(facts["said"])
    return {
        **({"comment": comment} if comment else {}),
        **({"options": options} if options else {}),
        **({"primary_key_options": said.primary_key_options()} if said and said.primary_key_options() else {}),
        "columns": {column["name"]: _column(column, key, dialect, said, inside) for column in facts["columns"]},
        "primary_key": key,
        "foreign_keys": sorted((_foreign_key(item, dialect) for item in facts["foreign_keys"]), key=str),
        "unique": sorted(unique, key=str),
        "indexes": indexes,
        "checks": sorted(filter(None, (check_text(condition or "") for condition in checks))),
    }


def _column(
    column: Mapping[str, Any], key: Sequence[str], dialect: Dialect, said: Statement | None, checks: Mapping[Any, Any]
) -> dict[str, Any]:
    """`said` is the statement that made the table, where the server keeps it; `checks` are those of MySQL inside of columns."""
    result: dict[str, Any] = {
        "type": type_text(column["type"], dialect),
        "nullable": bool(column["nullable"]) and column["name"] not in key,  # a key is never null, whatever SQLite stores
        "default": default_text(column.get("default"), dialect.name),
    }
    if column.get("computed"):
        result["computed"] = spaces(column["computed"]["sqltext"]) + (" STORED" if column["computed"].get("persisted") else "")
    if column.get("comment"):
        result["comment"] = column["comment"]
    if said:
        facts: dict[str, Any] = {"collation": said.collation(column["name"]), "conflict": said.conflict(column["name"])}
        facts["autoincrement"] = said.is_autoincrement(column["name"])
        result.update({fact: value for fact, value in facts.items() if value})
    elif column.get("autoincrement") is True:
        result["autoincrement"] = True
    if column["name"] in checks:
        result["check"] = check_text(checks[column["name"]])
    return result


def _foreign_key(item: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """ON DELETE NO ACTION is what every foreign key has without saying; for MySQL RESTRICT is the same."""
    usual = ("NO ACTION", "RESTRICT") if dialect.name in ("mysql", "mariadb") else ("NO ACTION",)
    table = item["referred_table"] if not item.get("referred_schema") else item["referred_schema"] + "." + item["referred_table"]
    options = {name: value for name, value in (item.get("options") or {}).items() if value and str(value).upper() not in usual}
    return {
        "columns": list(item["constrained_columns"]),
        "refers_to": "{}({})".format(table, ", ".join(item["referred_columns"])),
        "options": " ".join(f"{RULES.get(name, name)} {value}" for name, value in sorted(options.items())),
    }


def _indexes(
    table: str, facts: Mapping[str, Any], dialect: Dialect, statements: Mapping[str, str]
) -> tuple[dict[str, Any], list[dict[str, list[str] | None]]]:
    """({name: index}, [unique constraint]): each unique thing once, and no index that MySQL made for a foreign key.

    The name that a revision gives a constraint of SQLite for batch mode (constraint_names.py) counts as none.
    """
    indexes, unique, said = {}, [], mysql_columns.indexes(facts["said"])
    is_mysql = dialect.name in ("mysql", "mariadb")
    of_foreign_keys = {(key.get("name"), tuple(key["constrained_columns"])) for key in facts["foreign_keys"]}
    of_foreign_keys |= {(columns[0], columns) for _, columns in of_foreign_keys}
    for item in facts["indexes"]:
        columns = tuple(str(column) for column in item.get("expressions") or item["column_names"])
        words = index_words(statements[item["name"]]) if item["name"] in statements else {}
        if item.get("duplicates_constraint") or (is_mysql and not item["unique"] and (item["name"], columns) in of_foreign_keys):
            continue
        definition = "({})".format(", ".join(column + words.get(column, "") for column in columns))
        where = re.search(r"\bWHERE\b(.*)", statements.get(item["name"], ""), re.I | re.S)
        if where:
            definition += " WHERE " + spaces(where.group(1))
        definition = said.get(item["name"], definition)
        indexes[item["name"]] = {"unique": bool(item["unique"]), "definition": definition}
    for item in facts["unique_constraints"]:
        if not item.get("duplicates_index"):
            given = "_".join([table] + list(item["column_names"]) + ["key"]) if dialect.name == "sqlite" else None
            name = item.get("name") if item.get("name") != given else None
            unique.append({"columns": list(item["column_names"]), "name": name})
    return indexes, unique


def index_words(statement: str) -> dict[Any, Any]:
    """{column: " COLLATE NOCASE DESC"}: what an index of SQLite says of its columns."""
    body = next(token for token in tokens_of(statement) if token.startswith("("))
    parts = [part for part in split(tokens_of(body[1:-1])) if len(part) > 1 and part[-1].upper() != "ASC"]
    return {unquoted(part[0]): " " + " ".join(map(unquoted, part[1:])).upper() for part in parts}


def _add_expression_index(indexes: dict[str, Any], name: str, statement: str) -> None:
    """SQLAlchemy reflects no index on an expression in SQLite: take it from its CREATE INDEX."""
    if name not in indexes:
        head, definition = re.split(r"\bON\b[^(]*", statement, maxsplit=1, flags=re.I)
        indexes[name] = {"unique": " UNIQUE " in spaces(head).upper(), "definition": spaces(definition)}


def type_text(type_: TypeEngine[Any], dialect: Dialect) -> str:
    """The type as CREATE TABLE spells it; a type that SQLAlchemy does not know is compared by its representation."""
    try:
        return type_.compile(dialect=dialect)
    except (exc.CompileError, NotImplementedError):
        return repr(type_)
