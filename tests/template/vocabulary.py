"""Models of all kinds, and what may become of them: hypothesis draws the parts, `source` writes them down.

A model is a dictionary of slots: three tables with a key, columns, CHECK and unique constraints, indexes, foreign keys and options,
each drawn by itself or None. What does not fit (a constraint on a column that is not there) is left out of the source.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Model = dict[str, Any]
PG, MARIA, LITE = "postgresql", "mariadb", "sqlite"
HEAD = (
    "from sqlalchemy import *\nfrom sqlalchemy.dialects import mysql, postgresql as pg\n"
    "POSITIVE = pg.DOMAIN('positive', pg.INTEGER(), check=text('VALUE > 0'))\n"
    "MAIL = pg.DOMAIN('Mail', pg.VARCHAR(80), check=text(\"VALUE ~ '@'\"))\n"
    "Column, Table = db.Column, db.Table\n"
)
LONG = "a_name_that_is_as_long_as_a_name_may_be_and_not_a_letter_longer_"
TABLE_NAMES = [["item", "Things", "user", LONG[:60] + "_t0"], ["order", "two words", "part%s"], ["Leaf", "leaves", "group", "a%b"]]
COLUMN_NAMES = [["number", "Amount", "select"], ["name", "a b", LONG[:60] + "_c1"], ["state", "100%", "q?"], ["extra", "x-y", "ÄÖ"]]

# family: {server or "": types}
TYPES = {
    "number": {
        "": ["Integer", "BigInteger", "SmallInteger", "Numeric(8, 2)", "Numeric(10, 3)", "Float", "Float(53)", "Numeric", "Double"],
        PG: ["pg.DOUBLE_PRECISION", "POSITIVE", "REAL"],
        MARIA: [
            "mysql.INTEGER(unsigned=True)",
            "mysql.TINYINT(1)",
            "mysql.DOUBLE",
            "mysql.DECIMAL(8, 2, unsigned=True)",
            "mysql.BIGINT(20, unsigned=True)",
            "mysql.INTEGER(5, zerofill=True)",
            "mysql.DOUBLE(8, 2)",
            "mysql.MEDIUMINT",
        ],
    },
    "text": {
        "": ["String(40)", "String(200)", "Text", "Unicode(40)", "Enum('a', 'b', native_enum=False)", "Text(300)"],
        PG: [
            "String(40, collation='C')",
            "Text(collation='POSIX')",
            "MAIL",
            "pg.CHAR(9)",
            "String",
            "pg.CITEXT().with_variant(Text(), 'postgresql')",
        ],
        MARIA: ["String(40, collation='utf8mb4_bin')", "mysql.VARCHAR(40, charset='latin1')", "mysql.MEDIUMTEXT", "mysql.CHAR(9)"],
        LITE: ["String(40, collation='NOCASE')", "Text(collation='RTRIM')", "String"],
    },
    "choice": {
        "": [
            "Enum('a', 'b', name='choice_{i}{j}')",
            "Enum('a', 'b', 'c', name='choice_{i}{j}')",
            "Enum('a', 'b:c', native_enum=False, create_constraint=True, name='ck_choice_{i}{j}')",
            "Enum('a', 'b', 'c', native_enum=False, create_constraint=True, name='ck_choice_{i}{j}', length=9)",
        ],
        PG: ["Enum('a', 'b', name='Shared')", "pg.ARRAY(Enum('a', 'b', name='Shared'))", "Enum('a', 'it\\'s', name='odd{i}{j}')"],
        MARIA: ["mysql.ENUM('a', 'b', charset='ascii')", "mysql.SET('a', 'b')", "Enum('a', 'it\\'s', 'b%')"],
    },
    "flag": {
        "": [
            "Boolean",
            "Boolean(create_constraint=True)",
            "Boolean(name='unused')",
            "Boolean(create_constraint=True, name='ck_flag_{i}{j}')",
        ],
    },
    "moment": {
        "": ["DateTime", "DateTime(timezone=True)", "TIMESTAMP"],
        PG: ["pg.TIMESTAMP(precision=3)", "pg.TIMESTAMP(timezone=True, precision=0)"],
        MARIA: ["mysql.DATETIME(fsp=6)", "mysql.TIMESTAMP(fsp=3)"],
    },
    "day": {"": ["Date"], PG: ["pg.DATERANGE"], MARIA: ["mysql.YEAR"]},
    "hour": {
        "": ["Time", "Interval", "Interval(second_precision=2)", "Interval(native=False)"],
        PG: ["pg.TIME(timezone=True)", "pg.TIME(precision=2)", "pg.INTERVAL(precision=3)", "pg.INTERVAL(fields='DAY TO SECOND')"],
        MARIA: ["mysql.TIME(fsp=2)"],
    },
    "data": {"": ["JSON", "JSON(none_as_null=True)", "JSON().with_variant(pg.JSONB(), 'postgresql')"], PG: ["pg.JSONB"]},
    "bytes": {
        "": ["LargeBinary", "PickleType", "PickleType(impl=LargeBinary(300))", "LargeBinary(300)"],
        MARIA: ["mysql.VARBINARY(20)", "LargeBinary(70000)", "mysql.BINARY(4)"],
    },
    "uuid": {"": ["Uuid", "Uuid(native_uuid=False)"], PG: ["pg.UUID(as_uuid=False)"]},
    "list": {
        PG: ["pg.ARRAY(Integer)", "pg.ARRAY(String(9))", "ARRAY(Interval(second_precision=1))", "pg.ARRAY(Text, dimensions=2)"]
    },
    "net": {
        PG: ["pg.INET", "pg.CIDR", "pg.BIT(3)", "pg.TSVECTOR", "pg.BIT(5, varying=True)", "pg.INT4RANGE", "pg.MONEY", "pg.MACADDR"],
        MARIA: ["mysql.BIT(3)"],
    },
}
DEFAULTS = {
    "number": {
        "": ["'7'", "'0'", "'-1'", "text('7')", "text('(1 + 2)')"],
        PG: ["text('length(\\'abc\\')')", "func.length('it%s: x')"],
        MARIA: ["text('(char_length(\\'a:b\\'))')"],
    },
    "text": {
        "": ["'a'", '"it\'s %s :b"', "''", "text(\"'x'\")", "text(\"(lower('A') || 'b')\")", "'100%'", "\"'q'\"", '"\'"', "'\"x'"],
        PG: ["text(\"'x'::character varying\")", "func.lower('A:B')", "text('CURRENT_USER')"],
        MARIA: ["text(\"(concat('a', '\\\\:b'))\")"],
        LITE: ["text(\"(lower('A\\\\:B'))\")"],
    },
    "choice": {"": ["'a'"]},
    "flag": {"": ["true()", "false()", "text('1')"], PG: ["text('true')"]},
    "moment": {
        "": ["func.now()", "text('CURRENT_TIMESTAMP')", "'2020-01-01 00:00:00'"],
        PG: ["text(\"(now() + interval '1 day')\")", "text(\"timezone('utc', now())\")"],
        MARIA: ["text('CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP')"],
    },
    "day": {"": ["'2020-01-01'"], PG: ["text('CURRENT_DATE')"]},
    "hour": {"": ["'10:00:00'"], PG: ["text(\"'10:00:00'\")"]},
    "data": {"": ["'{}'", "'{\"k\": 1}'"], PG: ['text("\'{\\"k\\"\\\\:true}\'")', "text(\"'[]'::json\")"]},
    "uuid": {PG: ["text('gen_random_uuid()')"]},
    "list": {PG: ["'{}'", "text('ARRAY[1,2]')"]},
    "bytes": {PG: ["text(\"'\\\\\\\\xff'::bytea\")"], LITE: ["text(\"x'ff'\")"]},
}
GIN = ("pg.JSONB", "ARRAY(", "pg.TSVECTOR")
CONVENTIONS = [
    "{'ck': 'ck_%(table_name)s_%(constraint_name)s'}",
    "{'ix': 'ix_%(column_0_label)s', 'uq': 'uq_%(table_name)s_%(column_0_name)s', 'ck': 'ck_%(table_name)s_%(constraint_name)s',"
    " 'fk': 'fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s', 'pk': 'pk_%(table_name)s'}",
    "{'uq': 'uq_%(table_name)s_%(column_0_N_name)s', 'fk': '%(table_name)s_%(column_0_N_name)s_fk'}",
]
COMPUTED = {"number": ["{c} * 2", "{c} + 1"], "text": ["lower({c})", "upper({c})"]}
CHECKS = {
    "number": ["{c} > 0", "{c} >= 0", "{c} <> 13", "{c} BETWEEN 1 AND 100", "{c} IN (1, 5, 6, 7)", "{c} IS NOT NULL OR 1 = 1"],
    "text": [
        "{c} <> ''",
        "{c} LIKE 'a%'",
        "{c} IN ('a', 'ab')",
        "{c} <> '\\:x' AND {c} <> '12\\:30'",
        "length({c}) < 99",
        "{c} = '('",
    ],
    "flag": ["{c} IN (0, 1)"],
}
INDEX_OPTIONS = {
    "": ["unique=True"],
    PG: [
        "postgresql_using='hash'",
        "postgresql_with={{'fillfactor': 50}}",
        "postgresql_ops={{{n!r}: '{ops}'}}",
        "postgresql_include=[{k!r}]",
    ],
    MARIA: ["mysql_length=5", "mysql_using='hash'", "mysql_prefix='FULLTEXT'"],
    LITE: [],
}
TABLE_OPTIONS = {
    "": ["comment='what it is: 100% \"it\\'s\"'", "comment='other'"],
    PG: ["postgresql_with={'fillfactor': 50}", "postgresql_with={'fillfactor': 70}"],
    MARIA: [
        "mysql_engine='MyISAM'",
        "mysql_charset='latin1'",
        "mysql_collate='utf8mb4_bin'",
        "mysql_row_format='COMPRESSED'",
        "mysql_charset='utf8mb3'",
        "mariadb_stats_persistent='1'",
    ],
    LITE: ["sqlite_autoincrement=True", "sqlite_with_rowid=False"],
}
# kind: (type of one column, or None for two, the columns)
KEYS = {
    "id": ("Integer", "Column('id', Integer, primary_key=True)"),
    "big": ("BigInteger", "Column('id', BigInteger, primary_key=True)"),
    "named": ("Integer", "Column('KEY', Integer); PrimaryKeyConstraint('KEY', name='PK {i}')"),
    "plain": ("Integer", "Column('id', Integer, primary_key=True, autoincrement=False)"),
    "text": ("String(20)", "Column('code', String(20), primary_key=True)"),
    "pair": (None, "Column('a', Integer, primary_key=True); Column('b', Integer, primary_key=True)"),
    "pair-turned": (None, "Column('a', Integer); Column('b', Integer); PrimaryKeyConstraint('b', 'a')"),
    "pair-counting": (None, "Column('a', Integer, primary_key=True); Column('b', Integer, primary_key=True, autoincrement=True)"),
    "none": ("", "Column('plain', Integer)"),
}
OWN_KEYS = {
    PG: {
        "identity": ("Integer", "Column('id', Integer, Identity(), primary_key=True)"),
        "identity-options": (
            "BigInteger",
            "Column('id', BigInteger, Identity(always=True, start=5, increment=3), primary_key=True)",
        ),
        "sequence": ("Integer", "Column('id', Integer, Sequence('Seq {i}', start=3), primary_key=True)"),
        "sequence-default": (
            "Integer",
            "Column('id', Integer, S{i} := Sequence('seq_{i}', metadata=db.metadata), server_default=S{i}.next_value(),"
            " primary_key=True)",
        ),
    },
    MARIA: {
        "unsigned": ("mysql.INTEGER(unsigned=True)", "Column('id', mysql.INTEGER(unsigned=True), primary_key=True)"),
        "sequence": ("Integer", "Column('id', Integer, Sequence('Seq {i}', start=3), primary_key=True)"),
    },
    LITE: {},
}
ACTIONS = ["", "", "CASCADE", "SET NULL", "RESTRICT"]
TABLES = range(3)


def seldom(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """None more often than not."""
    return st.one_of(st.none(), st.none(), strategy)


def often(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(strategy, strategy, st.none())


def of(table: dict[str, list[str]], server: str) -> list[str]:
    """What all servers have, and this one."""
    return table.get("", []) + table.get(server, [])


def column(server: str, j: int) -> st.SearchStrategy[dict[str, Any]]:
    families = [family for family in TYPES if of(TYPES[family], server)]

    def drawn(family: str) -> st.SearchStrategy[dict[str, Any]]:
        defaults = of(DEFAULTS.get(family, {}), server)
        return st.fixed_dictionaries(
            {
                "family": st.just(family),
                "name": st.sampled_from([*COLUMN_NAMES[j][:1] * 4, *COLUMN_NAMES[j]]),
                "type": st.sampled_from(of(TYPES[family], server)),
                "nullable": st.booleans(),
                "default": seldom(st.sampled_from(defaults)) if defaults else st.none(),
                "computed": seldom(seldom(st.tuples(st.sampled_from(range(j)), st.integers(0, 1)))) if j else st.none(),
                "comment": seldom(seldom(st.sampled_from(["why: 100% 'so'", "a"]))),
                "more": seldom(seldom(st.sampled_from(["unique=True", "index=True", "unique=True, index=True"]))),
                "check": seldom(seldom(st.tuples(st.integers(0, 5), st.booleans()))),
            }
        )

    return st.sampled_from(families + ["number", "text"] * 3).flatmap(drawn)


def name_of(kind: str, i: int, j: int) -> list[str | None]:
    """Names that a constraint or an index may have."""
    tag = f"{kind}_{i}{j}"
    return [None, tag, tag, f"{tag.upper()} x", f"{tag}_{LONG}"[:63], f"{tag}%s"]


def slots(server: str) -> dict[str, st.SearchStrategy[Any]]:
    """What each slot of a model may be."""
    found: dict[str, st.SearchStrategy[Any]] = {}
    keys = [*["id"] * 4, *KEYS, *OWN_KEYS[server]]
    schemas = [None, None, None, "other", "Odd schema"] if server == PG else [None]
    columns = st.lists(st.integers(0, 3), min_size=1, max_size=2, unique=True)
    for i in TABLES:
        names = TABLE_NAMES[i]
        found[f"t{i}"] = (
            often(st.tuples(st.sampled_from([*names[:1] * 5, *names]), st.sampled_from(schemas)))
            if i
            else st.tuples(st.sampled_from([*names[:1] * 5, *names]), st.sampled_from(schemas))
        )
        found[f"t{i}.key"] = st.sampled_from(keys)
        found[f"t{i}.base"] = seldom(st.sampled_from(["joined", "single"])) if i == 2 else st.none()
        found[f"t{i}.options"] = st.lists(st.sampled_from(of(TABLE_OPTIONS, server)), max_size=2, unique=True).map(tuple)
        for j in range(4):
            found[f"t{i}.c{j}"] = often(column(server, j)) if j < 2 else seldom(column(server, j))
        for j in range(2):
            found[f"t{i}.k{j}"] = seldom(
                st.fixed_dictionaries(
                    {
                        "name": st.sampled_from(name_of("ck", i, j)),
                        "column": st.integers(0, 3),
                        "which": st.integers(0, 5),
                        "comment": seldom(seldom(st.just("it's"))) if server == PG else st.none(),
                    }
                )
            )
            found[f"t{i}.u{j}"] = seldom(
                st.fixed_dictionaries(
                    {
                        "name": st.sampled_from(name_of("uq", i, j)),
                        "columns": columns,
                        "option": seldom(
                            st.sampled_from(
                                {
                                    PG: [
                                        "deferrable=True",
                                        "deferrable=True, initially='DEFERRED'",
                                        "comment='c'",
                                        "postgresql_nulls_not_distinct=True",
                                        "postgresql_include=[{k!r}]",
                                    ],
                                    LITE: ["sqlite_on_conflict='IGNORE'"],
                                    MARIA: ["comment='c'"],
                                }[server]
                            )
                        ),
                    }
                )
            )
            found[f"t{i}.x{j}"] = seldom(
                st.fixed_dictionaries(
                    {
                        "name": st.sampled_from(name_of("ix", i, j)[1:]),
                        "columns": columns,
                        "form": st.sampled_from(["", "", "desc", "expression", "partial", "gin"]),
                        "which": st.integers(0, 5),
                        "option": seldom(st.sampled_from(of(INDEX_OPTIONS, server))),
                    }
                )
            )
            found[f"t{i}.f{j}"] = seldom(
                st.fixed_dictionaries(
                    {
                        "name": st.sampled_from(name_of("fk", i, j)),
                        "to": st.integers(0, 2),
                        "ondelete": st.sampled_from(ACTIONS),
                        "onupdate": st.sampled_from(ACTIONS),
                        "nullable": st.booleans(),
                        "column": st.sampled_from([f"ref_{j}", f"ref_{j}", f"Other {j}"]),
                        "use_alter": st.sampled_from([False, False, True]),
                        "option": seldom(st.sampled_from(["deferrable=True, initially='DEFERRED'", "match='FULL'"]))
                        if server == PG
                        else st.none(),
                        "more": seldom(st.sampled_from(["index=True", "unique=True"])),
                    }
                )
            )
    found["convention"] = seldom(st.sampled_from(CONVENTIONS))
    if server != LITE:
        found["s0"] = seldom(
            st.sampled_from(["'Numbers'", "'Numbers', start=7", "'Numbers', start=5, increment=2, minvalue=3, cycle=True"])
        )
    return found


@st.composite
def pairs(draw: st.DrawFn, server: str) -> tuple[Model, Model]:
    """A model, and what becomes of it: up to six of its parts are other ones."""
    every = slots(server)
    before = draw(st.one_of(st.just({}), *[st.fixed_dictionaries(every)] * 5))
    if not before:
        return {}, draw(st.fixed_dictionaries(every))
    after = dict(before)
    del every["convention"]  # another one makes other names, which are left to Alembic
    for slot in draw(st.lists(st.sampled_from(sorted(every)), min_size=1, max_size=6, unique=True)):
        after[slot] = draw(every[slot])
        old = before[slot]
        if server != PG and slot.endswith(".key") and not {old, after[slot]} <= {"id", "big", "plain"}:
            after[slot] = old  # neither takes another column for the whole key
        if isinstance(old, dict) and isinstance(after[slot], dict) and draw(st.booleans()):  # one fact of it only
            fact = draw(st.sampled_from(sorted(old)))
            if fact == "name" and slot[3:4] in "kf":
                after[slot] = old  # which nothing compares yet
            elif (
                slot[3:4] != "c"
                or fact not in ("family", "type", "default", "computed", "check")
                or old["family"] == after[slot]["family"]
            ):
                after[slot] = {**old, fact: after[slot][fact]}
    return before, after


class Source:
    """The text of a model."""

    def __init__(self, model: Model, server: str) -> None:
        self.model, self.server = model, server
        self.lines = [HEAD]
        self.single = self._slot(2, "base") == "single"

    def _slot(self, i: int, what: str) -> Any:
        return self.model.get(f"t{i}.{what}")

    def text(self) -> str:
        if self.model.get("convention"):
            self.lines.append(f"db.metadata.naming_convention = {self.model['convention']}\n")
        if self.model.get("s0"):
            self.lines.append(f"Sequence({self.model['s0']}, metadata=db.metadata)\n")
        for i in TABLES:
            if self.model.get(f"t{i}"):
                self.table(i)
        return "".join(self.lines)

    def quoted(self, name: str) -> str:
        return f"`{name}`" if self.server == MARIA else '"' + name + '"'

    def key(self, i: int) -> tuple[str | None, list[str]]:
        """(the type of its one column, the parts)."""
        kind = self._slot(i, "key") or "id"
        if self.is_heir(i) and KEYS.get(self._slot(0, "key"), ("",))[0] == "":
            kind = "id"
        if kind == "sequence-default" and self.model[f"t{i}"][1]:  # SQLAlchemy reads it as one of the table's schema
            kind = "sequence"
        type_, text = {**KEYS, **OWN_KEYS[self.server]}[kind]
        return type_, text.replace("{i}", str(i)).split("; ")

    def is_heir(self, i: int) -> bool:
        return bool(i == 2 and self.model.get("t2") and self._slot(2, "base"))

    def is_base(self, i: int) -> bool:
        return i == 0 and self.is_heir(2)

    def place(self, i: int) -> str:
        name, schema = self.model[f"t{i}"]
        return f"{schema}.{name}" if schema else name

    def key_columns(self, i: int) -> list[str]:
        return [part.split("'")[1] for part in self.key(i)[1] if part.startswith("Column")]

    def columns_of(self, i: int) -> dict[int, dict[str, Any]]:
        return {j: self._slot(i, f"c{j}") for j in range(4) if self._slot(i, f"c{j}")}

    def check(self, i: int, j: int, which: int) -> str | None:
        found = self.columns_of(i).get(j)
        choices = CHECKS.get(found["family"]) if found else None
        if not choices or found is None or (self.server == PG and found["family"] == "flag"):
            return None
        return choices[which % len(choices)].replace("{c}", self.quoted(found["name"]))

    def column(self, i: int, j: int, c: dict[str, Any], nullable: bool = False) -> str:
        type_ = c["type"].replace("{i}", str(i)).replace("{j}", str(j))
        parts = [repr(c["name"]), type_]
        source = self.columns_of(i).get(c["computed"][0]) if c["computed"] else None
        computed = source and not source["computed"] and source["family"] == c["family"] and COMPUTED.get(c["family"])
        if source and computed:
            expression = computed[c["computed"][1]].replace("{c}", self.quoted(source["name"]))
            parts.append(f"Computed({expression!r}, persisted={self.server != LITE})")
        elif c["default"]:
            parts.append(f"server_default={c['default']}")
        if c["check"]:
            condition, named = self.check(i, j, c["check"][0]), c["check"][1] and self.server != MARIA
            if condition:
                parts.insert(2, f"CheckConstraint({condition!r}" + (f", name='in_{i}{j}'" if named else "") + ")")
        if not c["nullable"] and not nullable and not computed:
            parts.append("nullable=False")
        if c["comment"]:
            parts.append(f"comment={c['comment']!r}")
        if c["more"]:
            parts.append(c["more"])
        return f"Column({', '.join(parts)})"

    def table(self, i: int) -> None:
        heir = self._slot(2, "base") if self.is_heir(i) else None
        (name, schema), args, kwargs = self.model[f"t{i}"], [], []
        _, columns = self.key(i)
        if heir == "joined":
            type_, names = self.key(0)[0], self.key_columns(0)
            target = self.place(0)
            if type_:
                columns = [f"Column('id', ForeignKey({target + '.' + names[0]!r}), primary_key=True)"]
            else:
                columns = [f"Column({one!r}, Integer, primary_key=True, autoincrement=False)" for one in names]
                args.append(f"ForeignKeyConstraint({names!r}, {[target + '.' + one for one in names]!r})")
        elif heir == "single":
            columns = []
        args += [one for one in columns if not one.startswith("Column")]
        columns = [one for one in columns if one.startswith("Column")]
        for j, c in self.columns_of(i).items():
            if heir == "single":
                c = {**c, "name": "2 " + c["name"][:50], "computed": None, "check": None}
            columns.append(self.column(i, j, c, nullable=heir == "single"))
        if self.is_base(i):
            columns.append("Column('kind', String(20))")
        for j in range(2):
            made, keys = self.foreign_key(i, j)
            columns += made
            args += keys
            args += self.unique(i, j) + self.checked(i, j) + self.index(i, j)
        if (
            i == 1
            and self.server == PG
            and len(self._slot(i, "options") or ()) == 2
            and not self._slot(i, "f0")
            and not self._slot(i, "f1")
        ):
            kwargs.append("prefixes=['UNLOGGED']")
        kwargs += {one.partition("=")[0]: one for one in self._slot(i, "options") or ()}.values()
        if schema:
            kwargs.append(f"schema={schema!r}")
        types = {one.split(", ")[1].rstrip(")") for one in columns}
        kwargs = [one for one in kwargs if "strict" not in one or types <= {"Integer", "Text", "LargeBinary"}]
        if self.server == LITE and (self._slot(i, "key") or "id") not in ("id", "big", "named"):
            kwargs = [one for one in kwargs if "autoincrement" not in one]
        if "sqlite_autoincrement=True" in kwargs:
            kwargs = [one for one in kwargs if "rowid" not in one]
        if not heir and not self.is_base(i) and (self._slot(i, "key") == "none" or i == 1):
            self.lines.append(f"T{i} = Table({', '.join([repr(name), *columns, *args, *kwargs])})\n")
        else:
            self.mapped(i, columns, args, kwargs)

    def mapped(self, i: int, columns: list[str], args: list[str], kwargs: list[str]) -> None:
        """The table as a class."""
        heir = self._slot(2, "base") if self.is_heir(i) else None
        if heir == "single":
            lines = [f"    {chr(97 + number)}2 = {one}\n" for number, one in enumerate(columns)]
            self.lines.append("class T2(T0):\n    __mapper_args__ = {'polymorphic_identity': 'two'}\n" + "".join(lines))
            return
        mapper = ""
        if self.is_base(i):
            mapper = "    __mapper_args__ = {'polymorphic_on': 'kind_', 'polymorphic_identity': 'zero'}\n"
        if heir:
            mapper = "    __mapper_args__ = {'polymorphic_identity': 'two'}\n"
        lines = []
        for number, one in enumerate(columns):
            attribute = "kind_" if one.startswith("Column('kind'") else "id" if number == 0 else f"a{i}_{number}"
            lines.append(f"    {attribute} = {one}\n")
        options = "{" + ", ".join(f"{word.partition('=')[0]!r}: {word.partition('=')[2]}" for word in kwargs) + "}"
        arguments = "(" + "".join(f"{one}, " for one in args) + options + ",)"
        self.lines.append(
            f"class T{i}({'T0' if heir else 'db.Model'}):\n    __tablename__ = {self.model[f't{i}'][0]!r}\n"
            + "".join(lines)
            + f"    __table_args__ = {arguments}\n"
            + mapper
        )

    def foreign_key(self, i: int, j: int) -> tuple[list[str], list[str]]:
        f = self._slot(i, f"f{j}")
        if not f or not self.model.get(f"t{f['to']}") or (self.is_heir(f["to"]) and self.single) or self.is_heir(i):
            return [], []
        if any("MyISAM" in one for one in self._slot(i, "options") or ()):
            return [], []  # which makes an index of it alone
        to = f["to"]
        type_, names = self.key(to)[0], self.key_columns(to)
        if self.is_heir(to):
            type_, names = self.key(0)[0], self.key_columns(0)
            names = ["id"] if type_ else names
        if type_ == "":
            return [], []
        own = [f["column"]] if type_ else [f"{f['column']}_{one}" for one in names]
        nullable = f["nullable"] or "SET NULL" in (f["ondelete"], f["onupdate"]) or to >= i
        rest = ("" if nullable else ", nullable=False") + (f", {f['more']}" if f["more"] and type_ else "")
        columns = [f"Column({one!r}, {type_ or 'Integer'}{rest})" for one in own]
        said = [f"[{', '.join(map(repr, own))}]", f"[{', '.join(repr(self.place(to) + '.' + one) for one in names)}]"]
        said += [f"name={f['name']!r}"] if f["name"] else []
        said += [f"{word}={f[word]!r}" for word in ("ondelete", "onupdate") if f[word]]
        said += ["use_alter=True"] if f["use_alter"] and f["name"] else []
        said += [f["option"]] if f["option"] else []
        return columns, [f"ForeignKeyConstraint({', '.join(said)})"]

    def unique(self, i: int, j: int) -> list[str]:
        u, there = self._slot(i, f"u{j}"), self.columns_of(i)
        names = [there[c]["name"] for c in u["columns"] if c in there] if u else []
        if not names:
            return []
        others = [self._slot(i, "u0")] if j else []
        once = [{c for c in one["columns"] if c in there} for one in others if one]
        once += [{c} for c, found in there.items() if "unique" in (found["more"] or "")]
        if {c for c in u["columns"] if c in there} in once:
            return []  # the same thing twice
        if self.server == MARIA and not u["name"] and any(u["columns"][0] in one for one in once):
            return []  # which of them is called "number_2"?
        words = [*map(repr, names)] + ([f"name={u['name']!r}"] if u["name"] else [])
        if u["option"]:
            words.append(u["option"].replace("{k!r}", repr(self.key_columns(i)[0])))
        return [f"UniqueConstraint({', '.join(words)})"]

    def checked(self, i: int, j: int) -> list[str]:
        k = self._slot(i, f"k{j}")
        condition = self.check(i, k["column"], k["which"]) if k else None
        if not k or not condition:
            return []
        words = [repr(condition)] + ([f"name={k['name']!r}"] if k["name"] else [])
        words += [f"comment={k['comment']!r}"] if k["comment"] and k["name"] else []
        return [f"CheckConstraint({', '.join(words)})"]

    def index(self, i: int, j: int) -> list[str]:
        x, there = self._slot(i, f"x{j}"), self.columns_of(i)
        found = [there[c] for c in x["columns"] if c in there] if x else []
        if not found:
            return []
        parts = [repr(one["name"]) for one in found]
        first, last = found[0], []
        if x["form"] == "gin" and self.server == PG:
            found, parts = found[:1], parts[:1]
            last = ["postgresql_using='gin'"] if any(word in found[0]["type"] for word in GIN) else []
        if x["form"] == "desc":
            parts[0] = f"text({self.quoted(first['name']) + ' DESC'!r})"
        if x["form"] == "expression" and self.server != MARIA:
            text = {"text": "lower({c})", "number": f"({{c}} + {x['which']})"}.get(first["family"])
            parts[0] = f"text({text.replace('{c}', self.quoted(first['name']))!r})" if text else parts[0]
        if x["form"] == "partial" and self.server != MARIA:
            condition = self.check(i, x["columns"][0], x["which"]) if x["columns"][0] in there else None
            last = [f"{self.server}_where=text({condition!r})"] if condition else []
        option = x["option"]
        if option and not last:
            ops = {"text": "text_pattern_ops", "number": "int4_ops"}.get(first["family"], "no_ops")
            option = (
                option.replace("{n!r}", repr(first["name"])).replace("{ops}", ops).replace("{k!r}", repr(self.key_columns(i)[0]))
            )
            last.append(option.replace("{{", "{").replace("}}", "}"))
        return [f"Index({', '.join([repr(x['name']), *parts, *last])})"]


def source(model: Model, server: str) -> str:
    """What a person would write in models.py."""
    return Source(model, server).text()
