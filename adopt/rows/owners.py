"""Who probably made a table that has no model: told from its name, its columns, and the tables beside it.

A guess, for people to read; nothing is decided by it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


UNKNOWN = "unknown"
# (owner, the whole name as a regular expression, columns that it must have); the first that fits is it
KNOWN = (
    ("PostGIS", r"spatial_ref_sys|(geometry|geography|raster)_columns|raster_overviews|(topology|tiger|tiger_data)\..*", ()),
    ("APScheduler", r"apscheduler_.*", ()),
    ("APScheduler", r".*", ("id", "next_run_time", "job_state")),
    ("Celery", r"celery_.*", ()),
    ("Celery", r".*", ("task_id", "status", "result", "date_done", "traceback")),
    ("Kombu", r"kombu_.*", ()),
    ("Flask-Session", r".*", ("session_id", "data", "expiry")),
    ("Flask-Dance", r"flask_dance_.*", ()),
    ("Flask-Dance", r".*oauth.*", ("provider", "token", "created_at")),
    ("procrastinate", r"procrastinate_.*", ()),
    ("Huey", r"huey_.*", ()),
    ("Dramatiq", r"dramatiq_.*", ()),
    ("RQ", r"rq_.*", ()),
    ("SQLAlchemy-Continuum", r".*_version", ("transaction_id", "operation_type")),
    ("SQLAlchemy-Continuum", r"transaction(_changes)?", ("issued_at",)),
    ("SQLAlchemy-Continuum", r"transaction_changes", ("transaction_id", "entity_name")),
    ("Flask-AppBuilder", r"ab_(user|role|permission|view_menu|register_user|group|api_key).*", ()),
    ("Django", r"django_.*|authtoken_token|auth_(user|group|permission)(_(groups|permissions|user_permissions))?", ()),
    ("Alembic of another application", r".*", ("version_num",)),
    ("SQLAlchemy-migrate", r"migrate_version", ()),
    ("yoyo", r"_?yoyo_.*", ()),
    ("aerich", r"aerich", ()),
    ("Peewee", r"migratehistory", ()),
    ("Flyway", r"flyway_schema_history", ()),
    ("Liquibase", r"databasechangelog(lock)?", ()),
    ("Prisma", r"_prisma_migrations", ()),
    ("golang-migrate", r"schema_migrations", ("version", "dirty")),
    ("Rails", r"ar_internal_metadata|schema_migrations", ()),
    ("Laravel", r"migrations", ("migration", "batch")),
    ("Goose", r"goose_db_version", ()),
    ("Knex", r"knex_migrations(_lock)?", ()),
    ("Sequelize", r"sequelizemeta", ()),
    ("Entity Framework", r"__efmigrationshistory", ()),
    ("WordPress", r"wp_(posts|users|options|comments|terms|.*meta|term_.*)", ()),
    ("phpMyAdmin", r"pma__.*", ()),
    ("pg_cron", r"cron\.job.*", ()),
    ("pg_partman", r"(.*\.)?part_config(_sub)?", ()),
    ("TimescaleDB", r"_timescaledb_.*", ()),
    ("Litestream", r"_litestream_.*", ()),
)
SPATIALITE = re.compile(
    r"(geometry_columns|views_geometry_columns|virts_geometry_columns)(_auth|_field_infos|_statistics|_time)?"
    r"|spatial_ref_sys(_all|_aux)?|spatialite_history|sql_statements_log|data_licenses|elementarygeometries|spatialindex|knn2?"
    r"|idx_.*_geom(etry)?(_node|_parent|_rowid)?"
)
SEARCH_PARTS = re.compile(r"(.+)_(content|segments|segdir|docsize|stat|config|idx|data)")
COPY = re.compile(r"(?:(?:tmp|temp|old|bak|copy_of)_(.+)|(.+?)_?(?:old|bak|backup|copy|orig|tmp|temp|\d{6,14}))")


def owner(name: str, facts: Mapping[str, Any], others: Collection[str], dialect: str) -> str:
    """The likely owner of the table `name`.

    `facts` is what a snapshot says of it, None where it is part of an extension; `others` are the names of all tables.
    """
    bare = name.rpartition(".")[2].lower()
    columns = {column.lower() for column in facts["columns"]} if facts else set()
    if dialect == "sqlite" and SPATIALITE.fullmatch(bare):
        return "SpatiaLite"
    for known, pattern, needed in KNOWN:
        if (re.fullmatch(pattern, bare) or re.fullmatch(pattern, name.lower())) and columns.issuperset(needed):
            return known
    if facts is None:
        return "an extension of PostgreSQL"
    part = SEARCH_PARTS.fullmatch(name) if dialect == "sqlite" else None
    if part and part.group(1) in others:
        return "full-text search of SQLite"
    copy = COPY.fullmatch(name)
    if copy and (copy.group(1) or copy.group(2)) in others:
        return "a copy of " + (copy.group(1) or copy.group(2))
    if not facts["primary_key"]:
        return "pandas" if columns & {"index", "level_0"} else "a tool such as pandas, for it has no primary key"
    return UNKNOWN
