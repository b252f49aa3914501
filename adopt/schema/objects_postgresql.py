"""What PostgreSQL has beside tables, from its catalogue, a query for each kind. Names are as SQL has them, quoted if need be.

A sequence that a column owns is an "owned sequence", for SERIAL and IDENTITY make it. The trigger that a partition has from its
table is on the partition, which no snapshot has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..server.connecting import literal, quoted
from ..server.servers.postgresql import OWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection


PREFIX = "CASE WHEN n.nspname = current_schema() THEN '' ELSE quote_ident(n.nspname) || '.' END || "
TABLE = "CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END"
SCHEMA = " JOIN pg_namespace n ON n.oid = c.relnamespace"
ROUTINES = (
    "SELECT {kind}, " + PREFIX + "quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')', NULL"
    " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {schemas} AND " + OWN.format("p", "pg_proc")
)
ON_TABLE = (
    "SELECT '{kind}', quote_ident(o.{name}), "
    + TABLE
    + " FROM {catalogue} o JOIN pg_class c ON c.oid = o.{table}"
    + SCHEMA
    + " WHERE {condition} AND {{schemas}} AND "
    + OWN.format("o", "{catalogue}")
)
RELATION = (
    "SELECT {kind}, "
    + PREFIX
    + "quote_ident(c.relname), {table} FROM pg_class c"
    + SCHEMA
    + " WHERE {condition} AND {{schemas}} AND "
    + OWN.format("c", "pg_class")
)
TRIGGERS = ON_TABLE.format(kind="trigger", catalogue="pg_trigger", name="tgname", table="tgrelid", condition="NOT o.tgisinternal")
POLICIES = ON_TABLE.format(kind="policy", catalogue="pg_policy", name="polname", table="polrelid", condition="true")
RULES = ON_TABLE.format(kind="rule", catalogue="pg_rewrite", name="rulename", table="ev_class", condition="o.rulename <> '_RETURN'")
ROW_SECURITY = RELATION.format(kind="'row level security'", table=TABLE, condition="c.relrowsecurity")
OWNED = (
    "EXISTS (SELECT 1 FROM pg_depend o WHERE o.objid = c.oid AND o.classid = 'pg_class'::regclass"
    " AND o.refclassid = 'pg_class'::regclass AND o.deptype IN ('a', 'i'))"
)
SEQUENCES = RELATION.format(
    kind="CASE WHEN " + OWNED + " THEN 'owned sequence' ELSE 'sequence' END", table="NULL", condition="c.relkind = 'S'"
)
TYPES = (
    "SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, " + PREFIX + "quote_ident(t.typname), NULL FROM pg_type t"
    " JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid"
    " WHERE (t.typtype IN ('d', 'e', 'r') OR c.relkind = 'c') AND {schemas} AND " + OWN.format("t", "pg_type")
)
VIEWS = RELATION.format(
    kind="CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END", table="NULL", condition="c.relkind IN ('v', 'm')"
)
PARTITIONS = (
    "SELECT 'partition', " + PREFIX.replace("n.", "pn.") + "quote_ident(p.relname), " + TABLE + " FROM pg_inherits i"
    " JOIN pg_class p ON p.oid = i.inhrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace"
    " JOIN pg_class c ON c.oid = i.inhparent" + SCHEMA + " WHERE c.relkind = 'p' AND p.relkind IN ('r', 'p', 'f') AND {schemas}"
)
QUERIES = (
    ("function", ROUTINES),
    ("trigger", TRIGGERS),
    ("policy", POLICIES),
    ("row level security", ROW_SECURITY),
    ("rule", RULES),
    ("partition", PARTITIONS),
    ("sequence", SEQUENCES),
    ("type", TYPES),
    ("view", VIEWS),
)
KIND = "CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END"
KIND_BEFORE_11 = "CASE WHEN p.proisagg THEN 'aggregate' ELSE 'function' END"


def queries(connection: Connection, schemas: Sequence[Any]) -> list[tuple[str, str]]:
    """(kind, query for rows of kind, name, table); of several kinds in one query, the first."""
    version: Any = connection.dialect.server_version_info
    parts = {
        "schemas": "n.nspname IN ({})".format(", ".join(["current_schema()"] + [literal(name) for name in schemas])),
        "kind": KIND if version >= (11,) else KIND_BEFORE_11,
    }
    return [(kind, query.format(**parts) + " ORDER BY 1, 3, 2") for kind, query in QUERIES]


def definition(kind: str, name: str, table: str | None) -> str:
    words = DEFINITIONS.get(kind, "pg_dump --schema-only")
    return words.format(name=literal(name), bare=literal(unquoted(name)), table=literal(as_sql(table)), statement=name)


DEFINITIONS = {
    "partition": "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = {name}::regclass",
    "function": "SELECT pg_get_functiondef({name}::regprocedure)",
    "procedure": "SELECT pg_get_functiondef({name}::regprocedure)",
    "trigger": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = {bare} AND tgrelid = {table}::regclass",
    "policy": "SELECT * FROM pg_policies WHERE policyname = {bare}",
    "row level security": "ALTER TABLE {statement} ENABLE ROW LEVEL SECURITY",
    "rule": "SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE rulename = {bare} AND ev_class = {table}::regclass",
    "sequence": "SELECT * FROM {statement}",
    "view": "SELECT 'CREATE VIEW ' || {name} || ' AS' || pg_get_viewdef({name})",
    "materialized view": "SELECT pg_get_viewdef({name}::regclass)",
}


def unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def as_sql(table: str | None) -> str:
    """A table as regclass takes it, which knows no reserved words; a snapshot has no quotes."""
    return ".".join(part if part.isidentifier() and part.islower() else quoted(part) for part in (table or "").split(".", 1))
