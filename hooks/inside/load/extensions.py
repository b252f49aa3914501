"""Which extensions of PostgreSQL the tables of models need: the existing database is asked, which knows what comes from where.

    used       what columns, defaults, constraints and indexes that are there depend on, so says pg_depend; also what no text names,
               such as the operators of btree_gist in an EXCLUDE constraint
    members    whose function, type or operator class a name in the models is, for what is not there yet

A name that PostgreSQL has itself is nobody's: gen_random_uuid() was pgcrypto's before PostgreSQL 13. Where there is no database
to ask, a list of well-known names has to do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.engine import Connection

    from .types import Pairs


OWN_PARTS = """
SELECT a.attrelid AS relation, 'pg_class'::regclass AS classid, a.attrelid AS objid FROM pg_attribute a WHERE a.attnum = 1
UNION ALL SELECT x.indrelid, 'pg_class'::regclass, x.indexrelid FROM pg_index x
UNION ALL SELECT f.adrelid, 'pg_attrdef'::regclass, f.oid FROM pg_attrdef f
UNION ALL SELECT k.conrelid, 'pg_constraint'::regclass, k.oid FROM pg_constraint k"""
USED = (
    """
SELECT DISTINCT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END, e.extname
FROM (%s) own JOIN pg_class c ON c.oid = own.relation JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_depend d ON d.classid = own.classid AND d.objid = own.objid
LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid AND t.typcategory = 'A'
JOIN pg_depend m ON m.classid = d.refclassid AND m.objid = COALESCE(NULLIF(t.typelem, 0), d.refobjid) AND m.deptype = 'e'
     AND m.refclassid = 'pg_extension'::regclass
JOIN pg_extension e ON e.oid = m.refobjid WHERE c.relkind IN ('r', 'p', 'f')"""
    % OWN_PARTS
)
NAMED = """
SELECT 'pg_proc'::regclass AS classid, p.oid AS objid, p.proname AS name, p.pronamespace AS namespace FROM pg_proc p
UNION ALL SELECT 'pg_type'::regclass, t.oid, t.typname, t.typnamespace FROM pg_type t
UNION ALL SELECT 'pg_opclass'::regclass, o.oid, o.opcname, o.opcnamespace FROM pg_opclass o"""
MEMBERS = (
    """
WITH named AS (%s)
SELECT DISTINCT named.classid::regclass::text, named.name, e.extname FROM named
JOIN pg_depend m ON m.classid = named.classid AND m.objid = named.objid AND m.deptype = 'e'
JOIN pg_extension e ON e.oid = m.refobjid AND m.refclassid = 'pg_extension'::regclass
WHERE NOT EXISTS (SELECT 1 FROM named b WHERE b.name = named.name AND b.namespace = 'pg_catalog'::regnamespace)"""
    % NAMED
)
INSTALLED = """
SELECT e.extname, CASE WHEN n.nspname NOT IN (current_schema(), 'public', 'pg_catalog') THEN n.nspname END
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY e.oid"""
REQUIRED = """
SELECT e.extname, r.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.objid JOIN pg_extension r ON r.oid = d.refobjid
WHERE d.classid = 'pg_extension'::regclass AND d.refclassid = 'pg_extension'::regclass"""

KNOWN_TYPES = {
    **dict.fromkeys(("citext", "hstore", "ltree", "vector"), None),
    **dict.fromkeys(("geometry", "geography"), "postgis"),
    **dict.fromkeys(("halfvec", "sparsevec"), "vector"),
    "raster": "postgis_raster",
}
KNOWN_TEXT = (
    (re.compile(r"\buuid_generate_v(?:1|1mc|3|4|5)\b"), "uuid-ossp"),
    (re.compile(r"\b(?:digest|hmac|crypt|gen_salt|gen_random_bytes)\("), "pgcrypto"),
    (re.compile(r"\bgi[ns]t_trgm_ops\b|\bsimilarity\("), "pg_trgm"),
    (re.compile(r"\bunaccent\("), "unaccent"),
)
CALL, CAST = re.compile(r"(\w+)\s*\("), re.compile(r"::\s*(?:\w+\.)?(\w+)")


class Extensions:
    """Those of one database. `schemas` has {name: schema that it is in, None for the usual one}, in the order of their making."""

    def __init__(
        self, schemas: Mapping[str, str | None], used: Pairs, members: Mapping[tuple[str, str], str], required: Pairs
    ) -> None:
        self.schemas, self._used, self._members, self._required = schemas, used, members, required

    def needed(self, tables: Collection[str], types: str, text: str) -> list[str]:
        """The extensions that `tables` need, in the order in which they can be made; `types` and `text` are what models say."""
        wanted = {extension for table, extension in self._used if table in tables}
        named = [("pg_type", word) for word in words(types) | set(CAST.findall(text.lower()))]
        named += [("pg_proc", word) for word in CALL.findall(text.lower())] + [("pg_opclass", word) for word in words(text)]
        wanted.update(self._members[one] for one in named if one in self._members)
        while True:
            more = {required for extension, required in self._required if extension in wanted} - wanted
            if not more:
                return [name for name in self.schemas if name in wanted and name != "plpgsql"]
            wanted |= more


class Unasked:
    """In the place of `Extensions` where there is no database to ask; `version` is the server's, () where it is not known."""

    schemas: dict[str, str] = {}

    def __init__(self, version: Sequence[int] | None = ()) -> None:
        self._version = tuple(version or ())

    def needed(self, tables: Collection[str], types: str, text: str) -> list[str]:
        wanted = {KNOWN_TYPES[word] or word for word in words(types) if word in KNOWN_TYPES}
        wanted.update(name for pattern, name in KNOWN_TEXT if pattern.search(text))
        if re.search(r"\bgen_random_uuid\b", text) and () < self._version < (13,):
            wanted.add("pgcrypto")
        return sorted(wanted)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def read(connection: Connection) -> Extensions | None:
    """The Extensions of a PostgreSQL database; None on other servers."""
    if connection.dialect.name != "postgresql":
        return None
    from sqlalchemy import text

    def rows(query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.execute(text(query.replace(":", "\\:"))).fetchall()]

    schemas = dict(rows(INSTALLED))
    if set(schemas) <= {"plpgsql"}:
        return Extensions(schemas, [], {}, [])
    members = {(kind, name): extension for kind, name, extension in rows(MEMBERS)}
    return Extensions(schemas, rows(USED), members, rows(REQUIRED))
