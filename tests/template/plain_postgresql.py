"""The snapshot of a PostgreSQL database in the plainest way: PostgreSQL is asked for every name and every text, row by row.

`snapshot_postgresql` asks for less and puts it together itself; both must say the same.
"""

from __future__ import annotations

from adopt.schema.snapshot_postgresql import add_constraint, column
from adopt.server.connecting import literal, sql

RELATIONS = """
SELECT n.nspname, c.relname, c.relkind::text, obj_description(c.oid, 'pg_class'),
       EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'),
       {partition_by}
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND {schemas} {no_partitions}"""
COLUMNS = """
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), tn.nspname = 'pg_catalog', a.attnotnull,
       pg_get_expr(ad.adbin, ad.adrelid), CASE WHEN a.attcollation <> t.typcollation THEN co.collname END,
       col_description(c.oid, a.attnum), {identity}, {generated}
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_attrdef ad ON ad.adrelid = c.oid AND ad.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND {schemas}"""
CONSTRAINTS = """
SELECT n.nspname, c.relname, k.conname, k.contype::text, pg_get_constraintdef(k.oid),
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND {schemas}"""
INDEXES = """
SELECT n.nspname, c.relname, i.relname, x.indisunique, pg_get_indexdef(x.indexrelid)
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {schemas} AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))"""
ENUMS = """
SELECT n.nspname, t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
JOIN pg_namespace n ON n.oid = t.typnamespace WHERE {schemas} ORDER BY e.enumsortorder"""


def take(connection, schemas):
    default = connection.execute(sql("SELECT current_schema()")).scalar()
    version = int(connection.execute(sql("SHOW server_version_num")).scalar())
    parts = {
        "schemas": "n.nspname IN ({})".format(", ".join(literal(name) for name in (default, *tuple(schemas)))),
        "no_partitions": "AND NOT c.relispartition" if version >= 100000 else "",
        "partition_by": "CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END" if version >= 100000 else "NULL",
        "identity": "a.attidentity::text" if version >= 100000 else "''",
        "generated": "a.attgenerated::text" if version >= 120000 else "''",
    }

    def rows(query):
        """Rows whose first two values, schema and name, are joined to one."""
        for row in connection.execute(sql(query.format(**parts))).fetchall():
            yield (row[1] if row[0] == default else row[0] + "." + row[1], *tuple(row[2:]))

    tables, result = {}, {"tables": {}, "enums": {}, "domains": {}, "sequences": {}, "views": [], "extension_tables": []}
    for name, kind, comment, of_extension, partition_by in rows(RELATIONS):
        if kind in ("v", "m"):
            result["views"] += [] if of_extension else [name]
        elif of_extension:
            result["extension_tables"].append(name)
        else:
            tables[name] = {"columns": {}, "primary_key": [], "foreign_keys": [], "unique": [], "indexes": {}, "checks": []}
            tables[name].update({"comment": comment} if comment else {})
            tables[name].update({"partition_by": partition_by} if partition_by else {})
    for row in rows(COLUMNS):
        if row[0] in tables:
            tables[row[0]]["columns"][row[1]] = column(*row[2:])
    for row in rows(CONSTRAINTS):
        if row[0] in tables:
            add_constraint(tables[row[0]], *row)
    for name, index, unique, definition in rows(INDEXES):
        if name in tables:
            tables[name]["indexes"][index] = {
                "unique": unique,
                "definition": definition.split(" USING ", 1)[1].replace("btree ", "", 1),
            }
    for name, label in rows(ENUMS):
        result["enums"].setdefault(name, []).append(label)
    for table in tables.values():
        for list_ in (table["foreign_keys"], table["unique"], table["checks"]):
            list_.sort(key=str)
    result["tables"] = tables
    result["views"].sort()
    result["extension_tables"].sort()
    return result
