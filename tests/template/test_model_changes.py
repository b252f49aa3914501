"""Every change of a model that its server would show is in the next revision: the servers' own dumps are the judges.

For each change: the revision is written, and runs on a database with a row; then that database, and one that all revisions have
built, dump as the one that `create_all()` of the changed models builds. The downgrade brings back what was there, and nothing is
left to write.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import SimpleNamespace

import flask_migrate
import pytest
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import configure_mappers

from tests.dumps import dump
from tests.forked import forked
from tests.servers import engine_for, new_database
from tests.template.conftest import put_migrations

HEAD = "from sqlalchemy import *\nfrom sqlalchemy.dialects import mysql, postgresql as pg\n"
HEAD += "where = lambda words: {'sqlite_where': text(words), 'postgresql_where': text(words)}\n"
TABLE = """
class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True{id})
    number = db.Column(db.Integer{number})
    name = db.Column(db.String(40){name})
    price = db.Column(db.Numeric(8, 2){price})
{more}    __table_args__ = ({args}{options})
{tables}"""
EMPTY = {"id": "", "number": "", "name": "", "price": "", "more": "", "args": "", "tables": "", "options": ""}
ALL = ("sqlite", "postgresql", "mariadb")
PG, MARIA, LITE = ("postgresql",), ("mariadb",), ("sqlite",)

# what SQLAlchemy does not see in a table of SQLite
RULES = {
    "more": '    note = db.Column(db.String(9, collation="NOCASE"), nullable=False, server_default="x")\n'
    '    twice = db.Column(db.Integer, Computed("number * 2"))\n',
    "args": 'UniqueConstraint("note", name="once", sqlite_on_conflict="IGNORE"), CheckConstraint("number <> 13"),'
    ' Index("ix_low", text("lower(name)")),',
    "options": '{"sqlite_autoincrement": True},',
}
# as SQLAlchemy-Continuum does it
VERSIONS = (
    "from sqlalchemy.orm import Mapper\n@event.listens_for(Mapper, 'after_configured', once=True)\n"
    "def make():\n    Table('item_version', db.metadata, Column('id', Integer, primary_key=True))\n"
)
# what a change of the character set has in its way
CHARSET = (
    '    note = db.Column(db.Text, comment="a word: two")\n    kept = db.Column(db.String(9, collation="ascii_bin"))\n'
    '    country = db.Column(db.ForeignKey("country.code", name="fk_country"))\n'
)
COUNTRY = (
    "class Country(db.Model):\n    code = db.Column(db.String(2), primary_key=True)\n    __table_args__ = (Index('ix', 'code')%s)\n"
)
REGION = (
    "class Region(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"
    '    country = db.Column(db.ForeignKey("country.code"))\n    __table_args__ = {"mysql_charset": "utf8mb4"}\n'
)
OLD_INDEXES = 'Index("ix_desc", "number"), Index("ix_part", "name", **where("number > 0")), Index("ix_lower", "name"),'
NEW_INDEXES = (
    'Index("ix_desc", desc("number")), Index("ix_part", "name", unique=True, **where("name NOT LIKE \'x%\' AND name <> \':b\'")),'
    ' Index("ix_lower", text("lower(name)")),'
)
TAGS = "Table('tags', db.metadata, Column('a', db.ForeignKey('item.id')), Column('b', db.ForeignKey('item.id'))%s)\n"
OWNERS = (
    "class Owner(db.Model):\n    id = db.Column(%s, primary_key=True)\n"
    "class Pet(db.Model):\n    id = db.Column(%s, primary_key=True)\n    owner_id = db.Column(db.ForeignKey('owner.id'))\n"
)
LONG_NAMES = (
    "    db.metadata.naming_convention = {'ix': 'ix_%(column_0_label)s',"
    " 'fk': 'fk_%(table_name)s_' + 20 * 'long_' + '%(column_0_name)s',"
    " 'uq': 'uq_%(table_name)s_' + 20 * 'long_' + '%(column_0_name)s'}\n"
)
CONVENTION = "    db.metadata.naming_convention = {'ck': 'ck_%(table_name)s_%(constraint_name)s'}\n"
EVERY_NAME = (
    "    db.metadata.naming_convention = {'ix': 'ix_%(column_0_label)s', 'uq': 'uq_%(table_name)s_%(column_0_name)s',"
    " 'pk': 'pk_%(table_name)s', 'ck': 'ck_%(table_name)s_%(constraint_name)s', 'fk': 'fk_%(table_name)s_%(column_0_name)s'}\n"
)
NAMELESS = (
    "    ref = db.Column(db.ForeignKey('item.id'), index=True)\n    code = db.Column(db.Integer, unique=True)\n",
    "CheckConstraint('number > 0', name='positive'),",
)
KEYED = "Table('t', db.metadata, Column('id', Integer%s), Column('code', String(9)%s))\n"
KEYED_BY_CODE = KEYED.replace("Column('id', Integer%s), ", "") % ", primary_key=True"
TYPES_WITH_CHECKS = (
    "    state = db.Column(db.Enum('a', 'b', name='states', native_enum=False, create_constraint=True))\n"
    "    flag = db.Column(db.Boolean(create_constraint=True, name='flags'))\n"
)
OWNER = '    owner = db.Column(db.ForeignKey("item.id"%s))\n'
COUNTS = "class Count(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n    b = db.Column(db.Integer, %s)\n"
NUMBERS = "shared = Sequence('shared')\nTable('two', db.metadata, Column('a', Integer%s), Column('b', Integer%s))\n"
REFERS = "    ref = db.Column(db.Integer)\n"
REFERS_TO = 'ForeignKeyConstraint(["ref"], ["item.id"], name="fk_ref"%s),'
WORD = "    word = db.Column(db.String(40))\n"
COUNTED = "class Counted(db.Model):\n    id = db.Column(db.Integer, %sprimary_key=True)\n"
KEY_OF_PAIR = ", PrimaryKeyConstraint('a', 'b')"
TO_PAIR = 'ForeignKeyConstraint([%s], ["pair.a", "pair.b"], name="fk_pair"),'
PAIR = "Table('pair', db.metadata, Column('a', Integer), Column('b', Integer)%s)\n"
NAMED_ALL = (
    "Table('%s', db.metadata, Column('a', Integer), Column('b', ForeignKey('item.id', name='fk_b')), Index('ix_a', 'a'),"
    " UniqueConstraint('b', name='uq_b'), CheckConstraint('a > 0', name='ck'), PrimaryKeyConstraint('a', 'b', name='pk'))\n"
)
POINTS = "Table('t', db.metadata, Column('x', Integer), Column('y', Integer)%s)\n"
SERIAL = "    serial = db.Column(db.BigInteger, Identity(%s))\n"
# name: (servers, what the model has before, what it has after)
CHANGES = {
    "check-added": (ALL, {}, {"args": 'CheckConstraint("number > 0", name="ck_number"),'}),
    "check-removed": (ALL, {"args": 'CheckConstraint("number > 0", name="ck_number"),'}, {}),
    "check-changed": (
        ALL,
        {"args": 'CheckConstraint("number > 0", name="ck_number"),'},
        {"args": 'CheckConstraint("number > 5 AND name LIKE \'a%\'", name="ck_number"),'},
    ),
    "names-of-constraints": (
        ALL,
        {"more": OWNER % ', name="old_key"', "args": 'CheckConstraint("number > 0", name="old_check"),'},
        {"more": OWNER % ', name="fk_item"', "args": 'CheckConstraint("number > 0", name="ck_item"),'},
    ),
    "check-under-two-names": (
        LITE,
        {},
        {
            "more": "    good = db.Column(Boolean(create_constraint=True))\n",
            "args": "CheckConstraint('good IN (0, 1)', name='ck_good'),",
        },
    ),
    "check-with-colons": (ALL, {}, {"args": "CheckConstraint(\"name <> ':x' AND name <> '12\\\\:30'\", name='ck_name'),"}),
    "column-with-unnamed-check": (MARIA, {}, {"more": '    rank = db.Column(db.Integer, CheckConstraint("rank > 0"))\n'}),
    "column-with-check": (
        ("sqlite", "postgresql"),
        {},
        {"more": '    rank = db.Column(db.Integer, CheckConstraint("rank > 0", name="ck_rank"))\n'},
    ),
    "table-with-check": (
        ("sqlite", "postgresql"),
        {},
        {
            "tables": "class Vote(db.Model):\n"
            '    id = db.Column(db.Integer, CheckConstraint("id > 0", name="v"), primary_key=True)\n'
        },
    ),
    "default-added": (ALL, {}, {"number": ', server_default="7"'}),
    "default-removed": (ALL, {"number": ', server_default="7"'}, {}),
    "default-changed": (ALL, {"number": ', server_default="7"'}, {"number": ', server_default="8"'}),
    "default-text": (ALL, {"name": ', server_default="a"'}, {"name": ', server_default="it\'s %s :b"'}),
    "default-expression": (("postgresql", "mariadb"), {}, {"name": ", server_default=text(\"concat('a', ':b')\")"}),
    "default-expression-in-brackets": (
        ("postgresql", "mariadb"),
        {"number": ", server_default=text('((1 + 2) * 3)')", "name": ", server_default=text(\"(lower('A') || 'b')\")"},
        {"number": ", server_default=text('((1 + 2) * 4)')", "name": ", server_default=text(\"(lower('A') || 'c')\")"},
    ),
    "default-now": (ALL, {}, {"more": "    made = db.Column(db.DateTime, server_default=func.now())\n"}),
    "not-null-with-default": (ALL, {}, {"number": ', nullable=False, server_default="0"'}),
    "computed-added": (
        ("postgresql", "mariadb"),
        {},
        {"more": '    total = db.Column(db.Integer, Computed("number * 2", persisted=True))\n'},
    ),
    "computed-changed": (
        ("postgresql", "mariadb"),
        {"more": '    total = db.Column(db.Integer, Computed("number * 2", persisted=True))\n'},
        {"more": '    total = db.Column(db.Integer, Computed("number * 3", persisted=True))\n'},
    ),
    "identity-options": (
        PG,
        {"more": "    serial = db.Column(db.BigInteger, Identity(always=True))\n"},
        {"more": "    serial = db.Column(db.BigInteger, Identity(always=True, start=100, increment=10))\n"},
    ),
    "unique-added": (ALL, {}, {"args": 'UniqueConstraint("name", name="uq_name"),'}),
    "unique-removed": (ALL, {"args": 'UniqueConstraint("name", name="uq_name"),'}, {}),
    "unique-named": (
        ALL,
        {"args": 'UniqueConstraint("name"), UniqueConstraint("number"),'},
        {"args": 'UniqueConstraint("name", name="uq_name"), UniqueConstraint("number"),'},
    ),
    "unique-columns": (
        ALL,
        {"args": 'UniqueConstraint("name", name="uq_name"),'},
        {"args": 'UniqueConstraint("name", "number", name="uq_name"),'},
    ),
    "unique-deferrable": (
        PG,
        {"args": 'UniqueConstraint("name", name="uq_name"),'},
        {"args": 'UniqueConstraint("name", name="uq_name", deferrable=True, initially="DEFERRED"),'},
    ),
    "unique-nulls-not-distinct": (
        PG,
        {"args": 'UniqueConstraint("name", name="uq_name"),'},
        {"args": 'UniqueConstraint("name", name="uq_name", postgresql_nulls_not_distinct=True),'},
    ),
    "primary-key-widened": (
        ("postgresql", "mariadb"),
        {"id": ", autoincrement=True", "number": ", nullable=False"},
        {"id": ", autoincrement=True", "number": ", primary_key=True, autoincrement=False"},
    ),
    "primary-key-order": (
        ("postgresql", "mariadb"),
        {},
        {
            "tables": "class Node(db.Model):\n    tree = db.Column(db.Integer, primary_key=True)\n"
            "    number = db.Column(db.Integer, primary_key=True, autoincrement=True)\n"
            "class Leaf(db.Model):\n    b = db.Column(db.Integer, primary_key=True)\n"
            "    a = db.Column(db.Integer, primary_key=True)\n"
            '    __table_args__ = (PrimaryKeyConstraint("a", "b"),)\n'
        },
    ),
    "index-on-expression": (("postgresql",), {}, {"args": 'Index("ix_lower", func.lower(text("name"))),'}),
    "index-on-expression-sqlite": (
        LITE,
        {"args": 'Index("ix_gone", text("lower(name)")), Index("ix_other", text("number + 1")),'},
        {"args": 'Index("ix_other", text("number + 2")), Index("ix_low", text("lower(name) || \':a\'")),'},
    ),
    "index-partial": (
        ("sqlite", "postgresql"),
        {},
        {"args": 'Index("ix_part", "name", postgresql_where=text("number > 0"), sqlite_where=text("number > 0")),'},
    ),
    "indexes-changed": (
        PG,
        {"args": 'Index("ix_a", "name"), Index("ix_b", "name"), Index("ix_c", "number"), Index("ix_d", "name"), ' + OLD_INDEXES},
        {
            "args": 'Index("ix_a", "name", postgresql_ops={"name": "text_pattern_ops"}),'
            ' Index("ix_b", "name", postgresql_include=["id"]),'
            ' Index("ix_c", "number", postgresql_with={"fillfactor": 50}), Index("ix_d", func.coalesce(text("name"), "a%b:c")), '
            + NEW_INDEXES
        },
    ),
    "indexes-changed-mariadb": (
        MARIA,
        {"args": 'Index("ix_a", "name"), Index("ix_b", "name"), Index("ix_c", "number"),'},
        {
            "args": 'Index("ix_a", "name", mysql_length=7), Index("ix_b", "name", mysql_prefix="FULLTEXT"),'
            ' Index("ix_c", text("number DESC")), Index("ix_d", desc("number")),'
        },
    ),
    "indexes-changed-sqlite": (LITE, {"args": OLD_INDEXES}, {"args": NEW_INDEXES}),
    "types-without-a-cast": (
        PG,
        {
            "number": ', server_default="7"',
            "more": '    token = db.Column(db.String(36), server_default="[1]")\n    made = db.Column(db.String(30))\n'
            '    seen = db.Column(db.Integer, nullable=False, server_default="0")\n'
            '    state = db.Column(db.Enum("a", "b", name="state_a"), server_default="a")\n',
        },
        {
            "number": ', server_default="8"',
            "more": '    token = db.Column(pg.JSONB, server_default="[]")\n    made = db.Column(db.DateTime)\n'
            '    seen = db.Column(db.Boolean, nullable=False, server_default=text("false"))\n'
            '    state = db.Column(db.Enum("a", "b", "c", name="state_b"), server_default="b")\n',
        },
    ),
    "checks-of-lists": (
        ("sqlite", "postgresql"),
        {
            "args": "CheckConstraint(\"name IN ('a', 'ab')\", name='ck_name'),",
            "tables": "class Gone(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"
            "    word = db.Column(db.String(9), CheckConstraint(\"word NOT IN ('a', 'it''s')\", name='ck_gone'))\n",
        },
        {
            "args": "CheckConstraint(\"name NOT IN ('a', 'b')\", name='ck_name'),",
            "more": '    state = db.Column(db.Enum("a", "b", name="ck_state", native_enum=False, create_constraint=True))\n',
        },
    ),
    "association-with-primary-key": (
        ALL,
        {"tables": TAGS % ""},
        {"tables": TAGS % ", PrimaryKeyConstraint('a', 'b', name='pk_tags')"},
    ),
    "type-of-a-referred-column": (PG, {"tables": OWNERS % (("db.String(36)",) * 2)}, {"tables": OWNERS % (("db.Uuid",) * 2)}),
    "type-of-a-number": (
        ("postgresql", "mariadb"),
        {"tables": OWNERS % (("db.Integer",) * 2)},
        {"tables": OWNERS % (("db.BigInteger",) * 2)},
    ),
    "computed-kept-and-json-gone": (
        MARIA,
        {"more": '    twice = db.Column(db.Integer, Computed("number * 2"))\n    data = db.Column(db.JSON)\n'},
        {"more": '    twice = db.Column(db.BigInteger, Computed("number * 2", persisted=True))\n'},
    ),
    "identity-goes-and-comes": (
        PG,
        {
            "more": "    a = db.Column(db.Integer, Identity(start=5))\n",
            "tables": COUNTS % "nullable=False",
        },
        {
            "more": "    a = db.Column(db.Integer)\n",
            "tables": COUNTS % "Identity(always=True, start=7, increment=2)",
        },
    ),
    "sequence-shared": (PG, {"tables": NUMBERS % ("", "")}, {"tables": NUMBERS % (", shared", ", shared")}),
    "collation-added": (PG, {}, {"more": '    note = db.Column(db.String(9, collation="C"))\n'}),
    "collation-changed": (
        PG,
        {"more": "    note = db.Column(db.String(9))\n"},
        {"more": '    note = db.Column(db.String(9, collation="C"))\n'},
    ),
    "comment": (("postgresql", "mariadb"), {}, {"name": ', comment="a :word, 100%"'}),
    "table-comment": (("postgresql", "mariadb"), {}, {"options": '{"comment": "a table"},'}),
    "enum-label": (
        PG,
        {"more": '    state = db.Column(db.Enum("a", "b", name="state"))\n'},
        {"more": '    state = db.Column(db.Enum("a", "b", "c", name="state"))\n'},
    ),
    "domain-added": (
        PG,
        {},
        {"more": "    zip = db.Column(pg.DOMAIN('zip', pg.VARCHAR(5), check=text(\"VALUE ~ '^[0-9]+$'\")))\n"},
    ),
    "domain-shared": (
        PG,
        {"more": "    mail = db.Column(MAIL)\n"},
        {
            "more": "    mail = db.Column(MAIL)\n",
            "tables": "class Invitation(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n    mail = db.Column(MAIL)\n",
        },
    ),
    "domain-with-a-rule-and-a-default": (
        PG,
        {"more": "    zip = db.Column(pg.DOMAIN('zip', pg.VARCHAR(5), not_null=True, default='1'))\n"},
        {"more": "    zip = db.Column(db.String(5))\n"},
    ),
    "domain-dropped": (PG, {"more": "    mail = db.Column(MAIL)\n"}, {}),
    "sequence-table": (
        PG,
        {},
        {
            "tables": "class Reply(db.Model):\n"
            "    id = db.Column(db.Integer, Sequence('reply_numbers', start=500), primary_key=True)\n"
        },
    ),
    "exclude-added": (PG, {}, {"args": 'pg.ExcludeConstraint((text("(number + 2)"), "="), name="ex_number", using="btree"),'}),
    "exclude-table": (
        PG,
        {},
        {
            "tables": "class Room(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"
            "    during = db.Column(pg.TSRANGE)\n"
            '    __table_args__ = (pg.ExcludeConstraint((func.lower(during), "="), name="ex_room", using="btree"),)\n'
        },
    ),
    "use-alter-cycle": (
        ALL,
        {},
        {
            "tables": "class Team(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"
            '    leader_id = db.Column(db.ForeignKey("member.id", use_alter=True, name="fk_leader"))\n'
            "class Member(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"
            '    team_id = db.Column(db.ForeignKey("team.id", name="fk_team"), nullable=False)\n'
        },
    ),
    "unnamed-cycle": (
        ("postgresql", "mariadb"),
        {},
        {
            "tables": "Table('team', db.metadata, Column('id', Integer, primary_key=True), Column('a', ForeignKey('member.id')))\n"
            "Table('member', db.metadata, Column('id', Integer, primary_key=True), Column('b', ForeignKey('team.id')))\n"
        },
    ),
    "table-dropped-with-all-its-constraints": (
        PG,
        {
            "tables": "Table('t', db.metadata, Column('a', Integer), Column('b', ForeignKey('item.id', name='fk', match='FULL')),"
            " UniqueConstraint('a', name='uq', deferrable=True, initially='DEFERRED', comment='why'), UniqueConstraint('b', 'a',"
            " postgresql_nulls_not_distinct=True), pg.ExcludeConstraint((text('(a + 2)'), '='), name='ex', using='btree'))\n"
        },
        {},
    ),
    "foreign-key-option": (
        ("postgresql", "mariadb"),
        {"more": '    ref = db.Column(db.ForeignKey("item.id", name="fk_ref"))\n'},
        {"more": '    ref = db.Column(db.ForeignKey("item.id", name="fk_ref", ondelete="CASCADE"))\n'},
    ),
    "rebuilt-with-all-that-it-has": (
        LITE,
        RULES,
        {**RULES, "more": RULES["more"] + '    ref = db.Column(db.ForeignKey("item.id"))\n'},
    ),
    "rebuilt-without-a-column": (
        LITE,
        {**RULES, "more": RULES["more"] + '    ref = db.Column(db.ForeignKey("item.id", ondelete="CASCADE"), unique=True)\n'},
        RULES,
    ),
    "table-that-a-package-makes": (("sqlite",), {}, {"tables": VERSIONS}),
    "table-charset": (
        MARIA,
        {"options": '{"mysql_charset": "latin1"},', "more": CHARSET, "tables": COUNTRY % ', {"mysql_charset": "latin1"}'},
        {
            "options": '{"mysql_charset": "utf8mb4"},',
            "more": CHARSET,
            "tables": COUNTRY % ', {"mysql_charset": "utf8mb4"}' + REGION,
        },
    ),
    "unique-order": (
        ALL,
        {"args": 'UniqueConstraint("number", "name", name="uq"), UniqueConstraint("price", "name"),'},
        {"args": 'UniqueConstraint("name", "number", name="uq"), UniqueConstraint("price", "name"),'},
    ),
    "unique-order-unnamed": (
        ("sqlite", "postgresql"),
        {"args": 'UniqueConstraint("number", "name"),'},
        {"args": 'UniqueConstraint("name", "number"),'},
    ),
    "unique-include": (
        PG,
        {"args": 'UniqueConstraint("number", name="uq"),'},
        {"args": 'UniqueConstraint("number", name="uq", postgresql_include=["name"]),'},
    ),
    "unique-include-gone": (
        PG,
        {"args": 'UniqueConstraint("number", name="uq", postgresql_include=["name"], comment="why"),'},
        {"args": 'UniqueConstraint("number", name="uq"),'},
    ),
    "foreign-key-match": (PG, {"more": REFERS, "args": REFERS_TO % ""}, {"more": REFERS, "args": REFERS_TO % ', match="FULL"'}),
    "foreign-key-columns-of-set-null": (
        PG,
        {"more": REFERS, "args": REFERS_TO % ""},
        {"more": REFERS, "args": REFERS_TO % ', ondelete="SET NULL (ref)"'},
    ),
    "foreign-key-with-a-name-that-is-cut": (
        ("postgresql", "mariadb"),
        {"more": LONG_NAMES},
        {"more": LONG_NAMES + '    ref = db.Column(db.ForeignKey("item.id"))\n', "args": 'UniqueConstraint("name"),'},
    ),
    "unnamed-foreign-key-option": (
        ("sqlite", "postgresql"),
        {"more": '    ref = db.Column(db.ForeignKey("item.id"))\n'},
        {"more": '    ref = db.Column(db.ForeignKey("item.id", ondelete="CASCADE"))\n'},
    ),
    "constraint-comments": (
        PG,
        {"args": 'CheckConstraint("number > 0", name="ck", comment="a"), UniqueConstraint("number", name="uq", comment="c"),'},
        {
            "args": 'CheckConstraint("number > 0", name="ck", comment="100%: it\'s b"), UniqueConstraint("name", name="uq"),'
            ' CheckConstraint("number > 1", name="ck_new", comment="d"),',
            "tables": PAIR
            % ", CheckConstraint('a > 0', name='ck_a', comment='c'), UniqueConstraint('a', name='uq_a', comment='d')",
        },
    ),
    "primary-key-options": (
        PG,
        {"tables": PAIR % ", PrimaryKeyConstraint('a', name='pk_pair')"},
        {"tables": PAIR % ", PrimaryKeyConstraint('a', name='pk_pair', postgresql_include=['b'], deferrable=True)"},
    ),
    "primary-key-moved": (
        ALL,
        {"tables": "Table('t', db.metadata, Column('a', Integer, primary_key=True, autoincrement=False), Column('b', Integer))\n"},
        {"tables": "Table('t', db.metadata, Column('a', Integer), Column('b', Integer, primary_key=True, autoincrement=False))\n"},
    ),
    "primary-key-turned": (
        ALL,
        {"tables": PAIR % ", PrimaryKeyConstraint('a', 'b')"},
        {"tables": PAIR % ", PrimaryKeyConstraint('b', 'a')"},
    ),
    "sequence-options": (
        PG,
        {"tables": "Sequence('numbers', metadata=db.metadata)\nSequence('gone', start=3, metadata=db.metadata)\n"},
        {
            "tables": "Sequence('numbers', start=5, increment=2, minvalue=3, maxvalue=99, cache=10, cycle=True, data_type=Integer,"
            " metadata=db.metadata)\n"
        },
    ),
    "sequence-turned": (
        PG,
        {"tables": "Sequence('numbers', metadata=db.metadata)\n"},
        {"tables": "Sequence('numbers', increment=-1, metadata=db.metadata)\n"},
    ),
    "identity-minimum": (PG, {"more": SERIAL % ""}, {"more": SERIAL % "start=10, minvalue=10"}),
    "identity-below-zero": (PG, {"more": SERIAL % "start=5"}, {"more": SERIAL % "minvalue=-5"}),
    "computed-with-index-and-check": (
        ("postgresql", "mariadb"),
        {
            "more": "    d = db.Column(db.Integer, Computed('number + 1', persisted=True))\n",
            "args": 'Index("ix", "d"), CheckConstraint("d > 0", name="ck_d"),',
        },
        {
            "more": "    d = db.Column(db.Integer, Computed('number + 2', persisted=True))\n",
            "args": 'Index("ix", "d"), CheckConstraint("d > 0", name="ck_d"),',
        },
    ),
    "index-of-a-list": (
        PG,
        {"args": 'Index("ix", "name", postgresql_where=text("name IN (\'a\',\'b\')")),'},
        {"args": 'Index("ix", "name", postgresql_where=text("name IN (\'a\',\'c\')")),'},
    ),
    "table-options": (
        MARIA,
        {"tables": PAIR % ""},
        {"tables": PAIR % ", mysql_row_format='COMPRESSED', mysql_key_block_size='8', mysql_stats_persistent='1'"},
    ),
    "table-options-gone": (
        MARIA,
        {"tables": PAIR % ", mysql_row_format='COMPRESSED', mysql_max_rows='1000', mysql_checksum='1'"},
        {"tables": PAIR % ""},
    ),
    "index-length-gone": (
        MARIA,
        {"args": 'Index("ix", "name", "number", mysql_length={"name": 5}),'},
        {"args": 'Index("ix", "name", "number"),'},
    ),
    "index-under-a-key": (
        MARIA,
        {"more": '    ref = db.Column(db.ForeignKey("item.id", name="fk_ref"), index=True)\n'},
        {"more": '    ref = db.Column(db.ForeignKey("item.id", name="fk_ref"))\n'},
    ),
    "sqlite-table-options": (
        LITE,
        {"tables": "Table('t', db.metadata, Column('a', Integer, primary_key=True), sqlite_autoincrement=True)\n"},
        {"tables": "Table('t', db.metadata, Column('a', Integer, primary_key=True), sqlite_strict=True)\n"},
    ),
    "sqlite-autoincrement": (
        LITE,
        {**RULES, "options": "{},"},
        RULES,
    ),
    "sqlite-on-conflict": (
        LITE,
        {"number": ", nullable=False", "args": 'UniqueConstraint("name"),', "tables": PAIR % ", PrimaryKeyConstraint('a')"},
        {
            "number": ", nullable=False, sqlite_on_conflict_not_null='FAIL'",
            "args": 'UniqueConstraint("name", sqlite_on_conflict="REPLACE"),',
            "tables": PAIR % ", PrimaryKeyConstraint('a', sqlite_on_conflict='IGNORE')",
        },
    ),
    "sqlite-computed": (
        LITE,
        {"more": '    a = db.Column(db.Integer, Computed("number + 1"))\n    b = db.Column(db.Integer, Computed("number"))\n'},
        {"more": '    a = db.Column(db.BigInteger, Computed("number + 2", persisted=True))\n    b = db.Column(db.Integer)\n'},
    ),
    "sqlite-unnamed-check": (
        LITE,
        {"number": ', CheckConstraint("number > 2")', "args": 'CheckConstraint("price > 0"),'},
        {"number": ', CheckConstraint("number > 3")', "args": 'CheckConstraint("price > 0.5"),'},
    ),
    "boolean-gets-a-check": (
        LITE,
        {"more": "    flag = db.Column(db.Boolean)\n"},
        {"more": "    flag = db.Column(db.Boolean(create_constraint=True, name='ck_flag'))\n"},
    ),
    "first-naming-convention": (
        ALL,
        {"more": NAMELESS[0], "args": NAMELESS[1]},
        {"more": EVERY_NAME + NAMELESS[0], "args": NAMELESS[1]},
    ),
    "several": (
        ("sqlite", "postgresql"),
        {"number": ', server_default="7"', "args": 'CheckConstraint("number > 0", name="ck_number"),'},
        {
            "number": ', server_default="9"',
            "args": 'CheckConstraint("number >= 0", name="ck_number"), UniqueConstraint("name", name="uq_name"),',
            "more": '    rank = db.Column(db.Integer, CheckConstraint("rank > 0", name="ck_rank"), server_default="1")\n',
        },
    ),
}
ODD = '    odd = db.Column("x-y z", db.Integer)\n    key = db.Column("key", db.Integer)\n'
REFERRING_PAIR = PAIR % ", ForeignKeyConstraint(['a'], ['item.id'], name='fk'), mysql_engine='Aria'"
ODD_CHECKS = (
    'CheckConstraint(column("x-y z") %s literal_column("0"), name="ck odd"), CheckConstraint(column("key") %s 1, name="ck key"),'
)
# what is tried both ways
CHANGES_AND_BACK = {
    "json-gets-an-index": (
        PG,
        {"more": "    data = db.Column(db.JSON)\n"},
        {"more": "    data = db.Column(pg.JSONB)\n", "args": 'Index("ix_data", "data", postgresql_using="gin"),'},
    ),
    "default-in-quotes": (
        ALL,
        {"name": ", server_default=\"'q'\""},
        {
            "name": ", server_default=\"'q' and 'r'\"",
            "more": "    word = db.Column(db.String(9), server_default=\"'q'\")\n"
            '    it = db.Column(db.String(9), server_default="\'")\n',
        },
    ),
    "intervals": (
        PG,
        {"more": "    a = db.Column(db.Interval)\n    b = db.Column(pg.INTERVAL(fields='YEAR'))\n"},
        {
            "more": "    a = db.Column(db.Interval(second_precision=3))\n    b = db.Column(pg.INTERVAL(fields='MONTH'))\n"
            "    c = db.Column(pg.INTERVAL(fields='DAY TO SECOND', precision=2))\n"
            "    d = db.Column(db.Interval(second_precision=0))\n    e = db.Column(db.ARRAY(pg.INTERVAL(precision=4)))\n"
        },
    ),
    "pickles": (
        ALL,
        {"more": "    a = db.Column(db.PickleType)\n"},
        {
            "more": "    a = db.Column(db.PickleType(impl=db.LargeBinary(70000)))\n"
            "    b = db.Column(db.PickleType(impl=db.Text()))\n    c = db.Column(db.PickleType)\n"
        },
    ),
    "type-with-a-check-named-by-convention": (
        ALL,
        {"more": CONVENTION},
        {
            "more": CONVENTION + TYPES_WITH_CHECKS,
            "tables": "class Two(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n" + TYPES_WITH_CHECKS,
        },
    ),
    "unnamed-foreign-key-on-a-column": (
        ALL,
        {"more": REFERS, "tables": PAIR % KEY_OF_PAIR + POINTS % ""},
        {
            "more": REFERS,
            "args": 'ForeignKeyConstraint(["ref"], ["item.id"]),',
            "tables": PAIR % KEY_OF_PAIR + POINTS % ", ForeignKeyConstraint(['y', 'x'], ['pair.a', 'pair.b'])",
        },
    ),
    "table-of-another-name": (
        ALL,
        {},
        {"tables": "Table('a%b c', db.metadata, Column('d%s', Integer, primary_key=True, autoincrement=False))\n"},
    ),
    "new-table-to-what-gets-unique": (
        ALL,
        {},
        {
            "name": ", unique=True",
            "tables": "Table('t', db.metadata, Column('a', String(40), ForeignKey('item.name')))\n",
        },
    ),
    "key-on-another-column": (
        PG,
        {"tables": "Table('t', db.metadata, Column('a', Integer, primary_key=True, autoincrement=False))\n"},
        {"tables": "Table('t', db.metadata, Column('KEY', Integer, primary_key=True))\n"},
    ),
    "sequence-as-key": (
        ("postgresql", "mariadb"),
        {},
        {"tables": "Table('t', db.metadata, Column('id', Integer, Sequence('n', start=3), primary_key=True))\n"},
    ),
    "boolean-with-a-check": (
        ("sqlite", "mariadb"),
        {"more": "    flag = db.Column(db.Boolean(create_constraint=True))\n"},
        {},
    ),
    "boolean-becomes-a-number": (
        ("sqlite", "mariadb"),
        {"more": "    flag = db.Column(db.Boolean(create_constraint=True))\n"},
        {"more": "    flag = db.Column(db.Integer)\n"},
    ),
    "check-of-names-that-need-quotes": (ALL, {"more": ODD, "args": ODD_CHECKS % (">", ">")}, {"more": ODD}),
    "checks-of-names-that-need-quotes": (
        ALL,
        {"more": ODD, "args": ODD_CHECKS % (">", ">")},
        {"more": ODD, "args": ODD_CHECKS % (">=", "!=")},
    ),
    "sqlite-unique-that-says-more": (LITE, {"args": 'UniqueConstraint("name", name="uq", sqlite_on_conflict="IGNORE"),'}, {}),
    "sqlite-column-that-says-more": (
        LITE,
        RULES,
        {"args": 'CheckConstraint("number <> 13"),', "options": RULES["options"]},
    ),
    "sqlite-table-that-says-more": (
        LITE,
        {
            "tables": "Table('two words', db.metadata, Column('a', String(9, collation='NOCASE'), CheckConstraint(\"a <> ''\")),"
            " Column('b', Integer, primary_key=True), UniqueConstraint('a', sqlite_on_conflict='IGNORE'), Index('ix_a', 'a'),"
            " sqlite_autoincrement=True)\n"
        },
        {},
    ),
    "sqlite-table-with-odd-indexes": (
        LITE,
        {"tables": PAIR % ", Index('ix_desc', text('a DESC'), 'b'), Index('ix_sum', text('a + b')), Index('ix_a', 'a')"},
        {},
    ),
    "partitioned-table": (
        PG,
        {"tables": PAIR % ", Index('ix_a', 'a'), PrimaryKeyConstraint('a', 'b'), postgresql_partition_by='RANGE (a)'"},
        {},
    ),
    "serial-to-identity": (
        PG,
        {"tables": COUNTED % ""},
        {"tables": COUNTED % "Identity(always=True, start=5), "},
    ),
    "counting-off": (
        ("postgresql", "mariadb"),
        {"tables": COUNTED % ""},
        {"tables": COUNTED.replace("primary_key", "autoincrement=False, primary_key") % ""},
    ),
    "foreign-key-to-what-gets-unique": (
        ALL,
        {"more": WORD, "name": ", nullable=False"},
        {
            "more": WORD,
            "name": ", nullable=False, unique=True",
            "args": 'ForeignKeyConstraint(["word"], ["item.name"], name="fk"),',
        },
    ),
    "foreign-key-to-what-gets-a-primary-key": (
        ALL,
        {"more": REFERS, "tables": PAIR % ""},
        {
            "more": REFERS,
            "args": REFERS_TO.replace("item.id", "pair.a") % "",
            "tables": PAIR % ", PrimaryKeyConstraint('a', name='pk')",
        },
    ),
    "foreign-key-alone": (ALL, {"more": REFERS}, {"more": REFERS, "args": REFERS_TO % ""}),
    "foreign-key-and-index": (ALL, {"more": REFERS}, {"more": REFERS, "args": REFERS_TO % "" + 'Index("ix_ref", "ref"),'}),
    "foreign-key-turned": (
        ALL,
        {"more": REFERS, "tables": PAIR % KEY_OF_PAIR, "args": TO_PAIR % '"ref", "number"'},
        {"more": REFERS, "tables": PAIR % KEY_OF_PAIR, "args": TO_PAIR % '"number", "ref"'},
    ),
    "table-of-another-name-with-the-same-indexes": (
        ALL,
        {"tables": NAMED_ALL % "old"},
        {"tables": NAMED_ALL % "new"},
    ),
    "foreign-key-and-its-table": (
        ALL,
        {"more": '    ref = db.Column(db.ForeignKey("owner.id"))\n', "tables": OWNERS % (("db.Integer",) * 2)},
        {},
    ),
    "foreign-keys-without-names": (
        ALL,
        {},
        {
            "tables": "Table('tree', db.metadata, Column('id', Integer, primary_key=True), Column('up', ForeignKey('tree.id')),"
            " Column('root', ForeignKey('item.id')))\n"
        },
    ),
    "association-gets-a-number": (
        ALL,
        {"tables": TAGS % KEY_OF_PAIR},
        {"tables": TAGS % ", Column('id', Integer, primary_key=True), UniqueConstraint('a', 'b')"},
    ),
    "key-becomes-a-number": (ALL, {"tables": KEYED_BY_CODE}, {"tables": KEYED % (", primary_key=True", ", nullable=False")}),
    "key-on-the-other-column": (
        ALL,
        {"tables": KEYED % (", primary_key=True", ", nullable=False")},
        {"tables": KEYED % (", nullable=False", ", primary_key=True")},
    ),
    "default-with-a-colon": (ALL, {"name": ', server_default="x :y"'}, {}),
    "checks-inside-of-what-is-dropped": (
        MARIA,
        {
            "more": '    odd = db.Column("x-y", db.Integer, CheckConstraint("`x-y` > 0"), comment="why")\n',
            "tables": "Table('t', db.metadata, Column('a', Integer, CheckConstraint('a > 0')))\n",
        },
        {},
    ),
    "comment-beside-an-engine-without-keys": (
        MARIA,
        {"tables": REFERRING_PAIR},
        {"tables": REFERRING_PAIR, "name": ", comment='why'"},
    ),
    "engine": (MARIA, {"tables": PAIR % ", mysql_engine='Aria'"}, {"tables": PAIR % ", mysql_engine='InnoDB'"}),
    "check-in-a-column": (
        ALL,
        {"number": ', CheckConstraint("number > 2")'},
        {"number": ', CheckConstraint("number > 3"), server_default="9"'},
    ),
    "sequence": (("postgresql", "mariadb"), {}, {"tables": "Sequence('numbers', start=7, metadata=db.metadata)\n"}),
    "sequence-options-mariadb": (
        MARIA,
        {"tables": "Sequence('numbers', metadata=db.metadata)\n"},
        {"tables": "Sequence('numbers', start=5, increment=2, minvalue=3, maxvalue=99, cycle=True, metadata=db.metadata)\n"},
    ),
    "sequence-as-default": (
        PG,
        {"tables": COUNTS % ""},
        {"tables": "N = Sequence('n', metadata=db.metadata)\n" + COUNTS % "N, server_default=N.next_value()"},
    ),
    **{
        f"{name}-to-sequence-as-default": (
            PG,
            {"tables": COUNTED % how},
            {"tables": "N = Sequence('n', metadata=db.metadata)\n" + COUNTED % "N, server_default=N.next_value(), "},
        )
        for name, how in (("serial", ""), ("identity", "Identity(), "))
    },
    "identity-to-default": (PG, {"tables": COUNTS % "Identity()"}, {"tables": COUNTS % "nullable=False, server_default='7'"}),
    "index-using": (PG, {"args": 'Index("ix", "number"),'}, {"args": 'Index("ix", "number", postgresql_using="hash"),'}),
    "index-using-mariadb": (MARIA, {"args": 'Index("ix", "number"),'}, {"args": 'Index("ix", "number", mysql_using="hash"),'}),
    "enum-charset": (
        MARIA,
        {"more": "    e = db.Column(mysql.ENUM('a', 'b'))\n"},
        {"more": "    e = db.Column(mysql.ENUM('a', 'b', charset='ascii', collation='ascii_bin'))\n"},
    ),
    "name-with-a-dot": (ALL, {}, {"more": "    dotted = db.Column('a.b', db.Integer, index=True)\n"}),
    "tables-that-refer-to-each-other": (
        ALL,
        {
            "tables": "".join(
                f"Table('{one}', db.metadata, Column('id', Integer, primary_key=True),"
                f" Column('r', ForeignKey('{other}.id', name='fk_{one}')))\n"
                for one, other in ("ab", "ba")
            )
        },
        {},
    ),
    "key-to-a-table-that-gets-an-index": (
        ALL,
        {},
        {
            "args": 'Index("ix_number", "number"),',
            "tables": "Table('heir', db.metadata, Column('id', ForeignKey('item.id'), primary_key=True))\n",
        },
    ),
    "unlogged-table": (
        PG,
        {"tables": "Table('t', db.metadata, Column('a', Integer), prefixes=['UNLOGGED'], postgresql_with={'fillfactor': 70})\n"},
        {},
    ),
    "unlogged-table-counts": (
        PG,
        {"tables": "Table('t', db.metadata, Column('a', Integer), prefixes=['UNLOGGED'])\n"},
        {"tables": "Table('t', db.metadata, Column('a', Integer, primary_key=True), prefixes=['UNLOGGED'])\n"},
    ),
    "check-once-more": (
        ALL,
        {"args": 'CheckConstraint("number > 0", name="ck_b"),'},
        {"args": ", ".join(f'CheckConstraint("number > 0", name="ck_{name}")' for name in "abc") + ","},
    ),
    "table-charset-back": (MARIA, CHANGES["table-charset"][1], CHANGES["table-charset"][2]),
}
for _name, (_servers, *_sides) in CHANGES_AND_BACK.items():
    CHANGES[_name] = (_servers, *_sides)
    CHANGES[_name + "-undone"] = (_servers, *_sides[::-1])
NOT_UNDONE = {"enum-label"}  # PostgreSQL takes no label out of a type, as the downgrade says
ROWS = {  # that are there beside one in `item`
    "association-gets-a-number": ["INSERT INTO tags (a, b) VALUES (1, 1)"],
    "key-becomes-a-number": ["INSERT INTO t (code) VALUES ('a'), ('b')"],
}
CASES = [(name, server) for name, (servers, before, after) in CHANGES.items() if before != after for server in servers]


def application(url: str, folder: Path, parts: dict[str, str]) -> Flask:
    """An application whose models have these parts."""
    app = Flask("shop", root_path=str(folder))
    app.config["SQLALCHEMY_DATABASE_URI"] = engine_for(url).url
    db = SQLAlchemy(app)
    Migrate(app, db, directory=str(folder / "migrations"))
    parts = {**EMPTY, **parts}
    if not parts["args"] and not parts["options"]:
        parts["options"] = "{},"
    source = HEAD + "MAIL = pg.DOMAIN('mail', pg.VARCHAR(80), check=text(\"VALUE ~ '@'\"))\n" + TABLE.format(**parts)
    exec(compile(source, "models.py", "exec"), {"db": db, "__name__": "models"})
    app.extensions["shop"] = SimpleNamespace(db=db)
    return app


@pytest.mark.parametrize(("name", "server"), CASES, ids=["-".join(case) for case in CASES])
@forked
def test_change_of_a_model(name, server, tmp_path, monkeypatch):
    """The revision is written and equals create_all()."""
    _, before, after = CHANGES[name]
    monkeypatch.chdir(tmp_path)
    put_migrations(tmp_path)
    (tmp_path / "migrations" / "versions").mkdir()
    for variable in [one for one in os.environ if one.startswith("EMPTY_DATABASE_URL")]:
        monkeypatch.delenv(variable)
    with (
        new_database(server, tmp_path) as existing,
        new_database(server, tmp_path) as fresh,
        new_database(server, tmp_path) as created,
    ):
        old = application(existing, tmp_path, before)
        with old.app_context():
            flask_migrate.migrate(message="first")
            flask_migrate.upgrade()
        was = dump(existing)
        with engine_for(existing).begin() as connection:
            connection.exec_driver_sql("INSERT INTO item (number, name, price) VALUES (6, 'ab', 1)")
            for statement in ROWS.get(name, ()):
                connection.exec_driver_sql(statement)

        new = application(existing, tmp_path, after)
        with new.app_context():
            flask_migrate.migrate(message="second")
            texts = {path.name.rpartition("_")[2]: path.read_text() for path in (tmp_path / "migrations/versions").glob("*.py")}
            assert "second.py" in texts, "no revision was written"
            said = re.sub(r"(?s)^.*?\ndef upgrade", "def upgrade", texts["second.py"])
            flask_migrate.upgrade()
            assert flask_migrate.migrate(message="third") is None
        assert not [*(tmp_path / "migrations/versions").glob("*_third.py")], "something is left to write"
        with application(created, tmp_path, after).app_context() as context:
            configure_mappers()
            context.app.extensions["shop"].db.create_all()
        with application(fresh, tmp_path, after).app_context():
            flask_migrate.upgrade()

        wanted = dump(created)
        assert dump(fresh) == wanted, said
        assert dump(existing) == wanted, said
        with engine_for(existing).connect() as connection:
            assert connection.exec_driver_sql("SELECT number, name FROM item").fetchall() == [(6, "ab")]
        (written,) = (tmp_path / "migrations/versions").glob("*_second.py")
        text = written.read_text()
        written.write_text(text.replace("consents = None", 'consents = {"*": "the way back loses what it has to lose"}'))
        with new.app_context():
            flask_migrate.downgrade()
            assert name in NOT_UNDONE or dump(existing) == was, said
            flask_migrate.upgrade()
        assert dump(existing) == wanted, said


BESIDE = {
    "sqlite": ("TRIGGER touch AFTER INSERT ON item BEGIN SELECT 1; END", "1 trigger: touch on item"),
    "postgresql": ("FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'", "1 function: one()"),
    "mariadb": ("TRIGGER touch BEFORE INSERT ON item FOR EACH ROW SET NEW.number = 1", "1 trigger: touch on item"),
}


@pytest.mark.parametrize("server", ALL)
@forked
def test_what_events_make_beside_tables_is_named(server, tmp_path, monkeypatch, caplog):
    """It is said with the statement, until the database has it."""
    statement, name = BESIDE[server]
    monkeypatch.chdir(tmp_path)
    put_migrations(tmp_path)
    (tmp_path / "migrations" / "versions").mkdir()
    parts = {"tables": f"event.listen(Item.__table__, 'after_create', DDL({'CREATE ' + statement!r}))\n"}
    with new_database(server, tmp_path) as existing:
        with application(existing, tmp_path, parts).app_context():
            flask_migrate.migrate(message="first")
            (said,) = [one.getMessage() for one in caplog.records if "by hand" in one.getMessage()]
            assert said.startswith(f"Not in the revision, add it by hand: {name}   op.execute(")
            assert statement.split("(")[0].split(" ")[1] in said.partition("op.execute(")[2]
            flask_migrate.upgrade()
        with engine_for(existing).begin() as connection:
            connection.exec_driver_sql("CREATE " + statement)
        caplog.clear()
        with application(existing, tmp_path, parts).app_context():
            flask_migrate.migrate(message="second")
        assert not [one for one in caplog.records if "by hand" in one.getMessage()]
