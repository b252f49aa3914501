"""The snapshot of a PostgreSQL database, from its catalogue: six queries, however many tables there are.

PostgreSQL prints every type, default, constraint and index in one canonical form; SQLAlchemy would parse it again, with several
queries for each table before 2.0, and cannot reflect expression indexes before 2.0 at all.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from ..base.errors import ChangedWhileRead
from ..server.catalogue import FIRST_OID
from ..server.connecting import literal_for, query
from .normal import without_brackets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.engine import Connection

    from ..base.types import Snapshot, TableFacts


RELATIONS = """
SELECT c.oid, n.nspname, c.relname, c.relkind::text, d.description,
  EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'),
  {partition_by}, CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' END,
  array_to_string(ARRAY(SELECT unnest(c.reloptions) ORDER BY 1), ', ')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.objoid >= {first} AND d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND {schemas} {no_partitions}"""
COLUMNS = """
SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
  t.typnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'pg_catalog'), a.attnotnull,
  CASE WHEN a.atthasdef
  THEN (SELECT pg_get_expr(ad.adbin, ad.adrelid) FROM pg_attrdef ad WHERE ad.adrelid = c.oid AND ad.adnum = a.attnum) END,
  CASE WHEN a.attcollation <> t.typcollation
  THEN (SELECT co.collname FROM pg_collation co WHERE co.oid = a.attcollation) END,
  d.description, {identity}, {generated}, {numbering}, t.typtype = 'd'
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_description d ON d.objoid >= {first} AND d.objoid = c.oid AND d.classoid = 'pg_class'::regclass
  AND d.objsubid = a.attnum
WHERE c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
  AND c.relnamespace IN (SELECT n.oid FROM pg_namespace n WHERE {schemas})"""
CONSTRAINTS = """
SELECT k.conrelid, k.conname, k.contype::text,
  CASE WHEN k.contype NOT IN ('p', 'u') OR k.condeferrable OR {has_options} THEN pg_get_constraintdef(k.oid) END, k.conkey,
  (SELECT d.description FROM pg_description d WHERE d.objoid = k.oid AND d.classoid = 'pg_constraint'::regclass)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND c.relnamespace IN (SELECT n.oid FROM pg_namespace n WHERE {schemas})"""
INDEXES = """
SELECT x.indrelid, i.relname, x.indisunique, pg_get_indexdef(x.indexrelid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE i.relnamespace IN (SELECT n.oid FROM pg_namespace n WHERE {schemas})
  AND x.indexrelid NOT IN (SELECT k.conindid FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'x'))"""
ENUMS = """
SELECT n.nspname, t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
JOIN pg_namespace n ON n.oid = t.typnamespace WHERE {schemas} ORDER BY e.enumsortorder"""

DOMAINS = """
SELECT n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault,
  (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname) FROM pg_constraint k
  WHERE k.contypid = t.oid AND k.contype = 'c')
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd' AND {schemas}"""
# What the sequence of an identity column has that another one has not; the limits of the types count as none.
NUMBERS = """
  concat_ws(' ', CASE WHEN s.seqstart <> s.seqmin THEN 'START ' || s.seqstart END,
  CASE WHEN s.seqincrement <> 1 THEN 'INCREMENT ' || s.seqincrement END,
  CASE WHEN s.seqmin <> 1 THEN 'MINVALUE ' || s.seqmin END,
  CASE WHEN s.seqmax NOT IN (32767, 2147483647, 9223372036854775807) THEN 'MAXVALUE ' || s.seqmax END,
  CASE WHEN s.seqcache <> 1 THEN 'CACHE ' || s.seqcache END, CASE WHEN s.seqcycle THEN 'CYCLE' END)"""
SEQUENCES = """
SELECT n.nspname, c.relname, concat('AS ', s.seqtypid::regtype, ' ', {numbers}) FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {schemas} AND NOT EXISTS (SELECT 1 FROM pg_depend q WHERE q.objid = c.oid AND q.classid = 'pg_class'::regclass
  AND q.deptype IN ('a', 'i', 'e'))"""
NUMBERING = """
CASE WHEN a.attidentity <> '' THEN (
  SELECT {numbers}
  FROM pg_sequence s JOIN pg_depend q ON q.objid = s.seqrelid AND q.classid = 'pg_class'::regclass AND q.deptype = 'i'
  WHERE q.refclassid = 'pg_class'::regclass AND q.refobjid = c.oid AND q.refobjsubid = a.attnum) END"""
KEY_OPTIONS = "k.conindid IN (SELECT x.indexrelid FROM pg_index x WHERE {})"
COLUMN_LIST = re.compile(r' *\((?:[^"()]|"[^"]*")*\)')

SQL_NAMES = (
    ("character varying", "VARCHAR"),
    ("character", "CHAR"),
    ("timestamp without time zone", "TIMESTAMP"),
    ("time without time zone", "TIME"),
)
IDENTITY = {"a": "ALWAYS", "d": "BY DEFAULT"}


def take(connection: Connection, schemas: Iterable[str]) -> Snapshot:
    """The snapshot; raises ChangedWhileRead where something was dropped between two of the questions."""
    default, version = query(connection, "SELECT current_schema(), current_setting('server_version_num')::integer")[0]
    parts = {
        "first": FIRST_OID,  # one look into an index where the tables have no comments, not at each of the server's own
        "schemas": "n.nspname IN ({})".format(", ".join(literal_for(connection, name) for name in (default,) + tuple(schemas))),
        "no_partitions": "AND NOT c.relispartition" if version >= 100000 else "",
        "partition_by": "CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END" if version >= 100000 else "NULL",
        "identity": "a.attidentity::text" if version >= 100000 else "''",
        "generated": "a.attgenerated::text" if version >= 120000 else "''",
        "numbering": NUMBERING.format(numbers=NUMBERS) if version >= 100000 else "''",
        "numbers": NUMBERS,
        "has_options": has_options(version),
    }

    def rows(statement: str) -> Any:
        return query(connection, statement.format(**parts))

    def full(schema: str, name: str) -> str:
        return name if schema == default else schema + "." + name

    result: Snapshot = {"tables": {}, "enums": {}, "domains": {}, "sequences": {}, "views": [], "extension_tables": []}
    numbered: dict[int, dict[int, str]]
    names, numbered, has_domains = {}, {}, False  # by the number of the table
    for number, schema, name, kind, comment, of_extension, partition_by, *options in rows(RELATIONS):
        name = full(schema, name)
        if kind in ("v", "m"):
            result["views"] += [] if of_extension else [name]
        elif of_extension:
            result["extension_tables"].append(name)
        else:
            table: TableFacts = {"columns": {}, "primary_key": [], "foreign_keys": [], "unique": [], "indexes": {}, "checks": []}
            table.update({"comment": comment} if comment else {})
            table.update({"partition_by": partition_by} if partition_by else {})
            table.update({"options": " ".join(filter(None, options))} if any(options) else {})
            names[number], numbered[number], result["tables"][name] = name, {}, table
    tables = {number: result["tables"][name] for number, name in names.items()}
    for schema, name, words in rows(SEQUENCES) if version >= 100000 else ():
        result["sequences"][full(schema, name)] = words.strip()
    shared = {f"nextval({literal_for(connection, name)}::regclass)" for name in result["sequences"]}
    for number, place, name, *facts, is_domain in rows(COLUMNS):
        if number in tables:
            has_domains = has_domains or is_domain
            numbered[number][place] = name
            tables[number]["columns"][name] = column(*facts, is_serial=facts[3] not in shared)
    for number, name, kind, definition, places, comment in rows(CONSTRAINTS):
        if number in tables:
            if comment:
                tables[number].setdefault("constraint_comments", {})[name] = comment
            columns = [numbered[number][place] for place in places or () if place]  # 0 is an expression
            add_constraint(tables[number], names[number], name, kind, definition, columns)
    for number, name, unique, definition in rows(INDEXES):
        if number in tables:
            definition = printed(definition).split(" USING ", 1)[1].replace("btree ", "", 1)
            tables[number]["indexes"][name] = {"unique": unique, "definition": definition}
    for schema, name, *facts in rows(DOMAINS) if has_domains else ():
        result["domains"][full(schema, name)] = domain(*facts)
    for schema, name, label in rows(ENUMS):
        result["enums"].setdefault(full(schema, name), []).append(label)
    for table in tables.values():
        for list_ in (table["foreign_keys"], table["unique"], table["checks"]):
            list_.sort(key=str)
    result["views"].sort()
    result["extension_tables"].sort()
    return result


@functools.lru_cache(maxsize=4096)  # most columns are like many others
def column(
    type_: str,
    is_builtin: bool,
    not_null: bool,
    default: str | None,
    collation: Any,
    comment: str | None,
    identity: str,
    generated: str,
    numbering: str | None = "",
    is_serial: bool = True,
) -> dict[str, Any]:
    if is_builtin:
        type_ = builtin(type_)
    result = {"type": type_ + (' COLLATE "' + collation + '"' if collation else ""), "nullable": not not_null, "default": default}
    if default and is_serial and re.match(r"^nextval\('.*'::regclass\)$", default):
        result.update(default=None, autoincrement=True)  # serial; the name of its sequence is the server's
    if generated:
        result.update(default=None, computed=default)
    if identity:
        result["identity"] = IDENTITY[identity]
        if numbering:
            result["numbering"] = numbering
    if comment:
        result["comment"] = comment
    return result


def builtin(type_: str) -> str:
    """The name of a type of the server's own, as CREATE TABLE spells it."""
    for long, short in SQL_NAMES:
        type_ = re.sub("^" + long + r"\b(?! with)", short, type_)
    return re.sub(r"^(TIMESTAMP|TIME)$|^(timestamp|time)(\(\d\)) without time zone", r"\1\2\3", type_).upper()


def domain(type_: str, not_null: bool, default: str | None, checks: str) -> str:
    """What CREATE DOMAIN says."""
    parts = (builtin(type_), "NOT NULL" if not_null else "", "DEFAULT " + default if default else "", checks)
    return " ".join(filter(None, parts))


def has_options(version: int) -> str:
    """A condition: the index of a key has more to say than its columns."""
    conditions = ["x.indnkeyatts < x.indnatts"] * (version >= 110000) + ["x.indnullsnotdistinct"] * (version >= 150000)
    return KEY_OPTIONS.format(" OR ".join(conditions)) if conditions else "false"


def key_options(definition: str) -> str:
    """ "NULLS NOT DISTINCT INCLUDE (title) DEFERRABLE", of a key that is more than its columns."""
    return re.sub("^(UNIQUE|PRIMARY KEY)", "", COLUMN_LIST.sub("", definition or "", count=1)).strip()


def add_constraint(
    table: TableFacts, table_name: str, name: str | None, kind: str, definition: Any, columns: Sequence[str]
) -> None:
    if kind == "p":
        table["primary_key"] = list(columns)
        if key_options(definition):
            table["primary_key_options"] = key_options(definition)
    elif kind == "u":
        name = None if is_generated(name, table_name, columns) else name  # type: ignore[arg-type]  # PostgreSQL names every one
        options = key_options(definition)
        table["unique"].append({"columns": list(columns), "name": name, **({"options": options} if options else {})})
    elif kind == "f":
        # as PostgreSQL prints it
        refers_to, options = re.match(r"FOREIGN KEY \(.*?\) REFERENCES (.+?\)) ?(.*)$", printed(definition)).groups()  # type: ignore[union-attr]
        table["foreign_keys"].append({"columns": list(columns), "refers_to": refers_to, "options": options})
    else:
        table["checks"].append(condition(printed(definition)))


def condition(definition: str) -> str:
    """What a CHECK, or an EXCLUDE, says, as the server prints it."""
    return without_brackets(re.sub(r"^CHECK (?=\(.*\)$)", "", definition, flags=re.S))


def printed(definition: str) -> str:
    """The server prints NULL for what is no longer there."""
    if definition is None:
        raise ChangedWhileRead("its schema was changed while it was read")
    return definition


def is_generated(name: str, table_name: str, columns: Sequence[str]) -> bool:
    """True when PostgreSQL made up the name of a unique constraint; long names are cut to 63 bytes, a number makes them unique."""
    start = table_name.rpartition(".")[2] + "_" + "_".join(columns)
    return re.match(r"^" + re.escape(start if len(start) < 60 else start[:10]) + r".*_key\d*$", name) is not None
