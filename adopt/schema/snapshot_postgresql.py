"""The snapshot of a PostgreSQL database, from its catalogue: six queries, however many tables there are.

PostgreSQL prints every type, default, constraint and index in one canonical form; SQLAlchemy would parse it again, with several
queries for each table before 2.0, and cannot reflect expression indexes before 2.0 at all.
"""

import functools
import re

from ..base.errors import ChangedWhileRead
from ..server.catalogue import FIRST_OID
from ..server.servers.connecting import literal_for, query
from .normal import without_brackets

RELATIONS = """
SELECT c.oid, n.nspname, c.relname, c.relkind::text, d.description,
       EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'),
       {partition_by}
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
       d.description, {identity}, {generated}
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_description d ON d.objoid >= {first} AND d.objoid = c.oid AND d.classoid = 'pg_class'::regclass
     AND d.objsubid = a.attnum
WHERE c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
      AND c.relnamespace IN (SELECT n.oid FROM pg_namespace n WHERE {schemas})"""
CONSTRAINTS = """
SELECT k.conrelid, k.conname, k.contype::text, CASE WHEN k.contype NOT IN ('p', 'u') THEN pg_get_constraintdef(k.oid) END, k.conkey
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

SQL_NAMES = (
    ("character varying", "VARCHAR"),
    ("character", "CHAR"),
    ("timestamp without time zone", "TIMESTAMP"),
    ("time without time zone", "TIME"),
)
IDENTITY = {"a": "ALWAYS", "d": "BY DEFAULT"}


def take(connection, schemas):
    """The snapshot; raises ChangedWhileRead where something was dropped between two of the questions."""
    default, version = query(connection, "SELECT current_schema(), current_setting('server_version_num')::integer")[0]
    parts = {
        "first": FIRST_OID,  # one look into an index where the tables have no comments, not at each of the server's own
        "schemas": "n.nspname IN ({})".format(", ".join(literal_for(connection, name) for name in (default,) + tuple(schemas))),
        "no_partitions": "AND NOT c.relispartition" if version >= 100000 else "",
        "partition_by": "CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END" if version >= 100000 else "NULL",
        "identity": "a.attidentity::text" if version >= 100000 else "''",
        "generated": "a.attgenerated::text" if version >= 120000 else "''",
    }

    def rows(statement):
        return query(connection, statement.format(**parts))

    def full(schema, name):
        return name if schema == default else schema + "." + name

    result = {"tables": {}, "enums": {}, "views": [], "extension_tables": []}
    names, numbered = {}, {}  # by the number of the table
    for number, schema, name, kind, comment, of_extension, partition_by in rows(RELATIONS):
        name = full(schema, name)
        if kind in ("v", "m"):
            result["views"] += [] if of_extension else [name]
        elif of_extension:
            result["extension_tables"].append(name)
        else:
            table = {"columns": {}, "primary_key": [], "foreign_keys": [], "unique": [], "indexes": {}, "checks": []}
            table.update({"comment": comment} if comment else {})
            table.update({"partition_by": partition_by} if partition_by else {})
            names[number], numbered[number], result["tables"][name] = name, {}, table
    tables = {number: result["tables"][name] for number, name in names.items()}
    for number, place, name, *facts in rows(COLUMNS):
        if number in tables:
            numbered[number][place] = name
            tables[number]["columns"][name] = column(*facts)
    for number, name, kind, definition, places in rows(CONSTRAINTS):
        if number in tables:
            columns = [numbered[number][place] for place in places or ()]
            add_constraint(tables[number], names[number], name, kind, definition, columns)
    for number, name, unique, definition in rows(INDEXES):
        if number in tables:
            definition = printed(definition).split(" USING ", 1)[1].replace("btree ", "", 1)
            tables[number]["indexes"][name] = {"unique": unique, "definition": definition}
    for schema, name, label in rows(ENUMS):
        result["enums"].setdefault(full(schema, name), []).append(label)
    for table in tables.values():
        for list_ in (table["foreign_keys"], table["unique"], table["checks"]):
            list_.sort(key=str)
    result["views"].sort()
    result["extension_tables"].sort()
    return result


@functools.lru_cache(maxsize=4096)  # most columns are like many others
def column(type_, is_builtin, not_null, default, collation, comment, identity, generated):
    if is_builtin:
        for long, short in SQL_NAMES:
            type_ = re.sub("^" + long + r"\b(?! with)", short, type_)
        type_ = re.sub(r"^(TIMESTAMP|TIME)$|^(timestamp|time)(\(\d\)) without time zone", r"\1\2\3", type_).upper()
    result = {"type": type_ + (' COLLATE "' + collation + '"' if collation else ""), "nullable": not not_null, "default": default}
    if default and re.match(r"^nextval\('.*'::regclass\)$", default):
        result.update(default=None, autoincrement=True)  # serial; the name of its sequence is the server's
    if generated:
        result.update(default=None, computed=default)
    if identity:
        result["identity"] = IDENTITY[identity]
    if comment:
        result["comment"] = comment
    return result


def add_constraint(table, table_name, name, kind, definition, columns):
    if kind == "p":
        table["primary_key"] = list(columns)
    elif kind == "u":
        table["unique"].append({"columns": sorted(columns), "name": None if is_generated(name, table_name, columns) else name})
    elif kind == "f":
        refers_to, options = re.match(r"FOREIGN KEY \(.*?\) REFERENCES (.+?\)) ?(.*)$", printed(definition)).groups()
        table["foreign_keys"].append({"columns": list(columns), "refers_to": refers_to, "options": options})
    else:
        table["checks"].append(condition(printed(definition)))


def condition(definition):
    """What a CHECK, or an EXCLUDE, says, as the server prints it."""
    return without_brackets(re.sub(r"^CHECK (?=\(.*\)$)", "", definition, flags=re.S))


def printed(definition):
    """The server prints NULL for what is no longer there."""
    if definition is None:
        raise ChangedWhileRead("its schema was changed while it was read")
    return definition


def is_generated(name, table_name, columns):
    """True when PostgreSQL made up the name of a unique constraint; long names are cut to 63 bytes, a number makes them unique."""
    start = table_name.rpartition(".")[2] + "_" + "_".join(columns)
    return re.match(r"^" + re.escape(start if len(start) < 60 else start[:10]) + r".*_key\d*$", name) is not None
