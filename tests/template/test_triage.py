"""What each difference means for the rows of a database, and what is advised: on snapshots alone, and on real databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from adopt.rows.triage import triage
from adopt.schema import differences

ADVICE = tuple[str, str, str, "int | None"]


class Counted:
    """Stands for the counts of a database: every question has one answer."""

    def __init__(self, count: int | None) -> None:
        self._count = count

    def __getattr__(self, name: str) -> Callable[..., int | None]:
        return lambda *asked: self._count


def column(type_: str = "VARCHAR(20)", *, nullable: bool = True, default: str | None = None, **more: Any) -> dict[str, Any]:
    return {"type": type_, "nullable": nullable, "default": default, **more}


def schema(dialect: str = "postgresql", enums: dict[str, list[str]] | None = None, **tables: dict[str, Any]) -> dict[str, Any]:
    """A snapshot; each table is given by what differs from one with a key and nothing else."""
    whole = {}
    for name, facts in tables.items():
        columns = {"id": column("INTEGER", nullable=False), **facts.get("columns", {})}
        empty: dict[str, Any] = {"primary_key": ["id"], "foreign_keys": [], "unique": [], "indexes": {}, "checks": []}
        whole[name] = {**empty, **facts, "columns": columns}
    return {"dialect": dialect, "tables": whole, "enums": enums or {}, "views": [], "extension_tables": []}


def of(**columns: dict[str, Any]) -> dict[str, Any]:
    """One table, `users`, with these columns."""
    return schema(users={"columns": columns})


def judged(expected: dict[str, Any], actual: dict[str, Any], count: int | None = 0) -> list[ADVICE]:
    found = triage(differences.compare(expected, actual), expected, actual, Counted(count))
    return [(one["class"], f"{one['table']}.{one['name']}".strip("."), one["advice"], one["rows"]) for one in found]


def key(options: str = "") -> dict[str, Any]:
    return {"columns": ["id"], "refers_to": "teams(id)", "options": options}


PLAIN = of(name=column())
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], int | None, list[ADVICE]]] = {
    "a table that is missing": (
        schema(users={}, teams={}),
        schema(users={}),
        0,
        [("models-ahead", "teams", "Create the table; no row is in its way.", None)],
    ),
    "a table that may be renamed": (
        schema(users={"columns": {"name": column()}}),
        schema(members={"columns": {"name": column("TEXT")}}),
        5,
        [
            (
                "models-ahead",
                "users",
                "If it is members, which has the same columns and no model, rename that table instead of making this one.",
                None,
            )
        ],
    ),
    "a column that is missing": (
        PLAIN,
        of(),
        5,
        [("models-ahead", "users.name", "Add the column; rows that are there get NULL.", None)],
    ),
    "one with a default": (
        of(name=column(nullable=False, default="'x'")),
        of(),
        5,
        [("models-ahead", "users.name", "Add the column; rows that are there get its default.", None)],
    ),
    "one without a value for the rows": (
        of(name=column(nullable=False)),
        of(),
        5,
        [
            (
                "dangerous",
                "users.name",
                "5 rows would have no value: give the column a server_default, or add it as NULL, fill it, and make it NOT NULL"
                " then.",
                5,
            )
        ],
    ),
    "the same without rows": (
        of(name=column(nullable=False)),
        of(),
        0,
        [("models-ahead", "users.name", "Add the column; the table has no row.", None)],
    ),
    "the same where nobody could count": (
        of(name=column(nullable=False)),
        of(),
        None,
        [
            (
                "dangerous",
                "users.name",
                "Some rows would have no value: give the column a server_default, or add it as NULL, fill it, and make it NOT NULL"
                " then.",
                None,
            )
        ],
    ),
    "a column only there, with values": (
        of(),
        PLAIN,
        1,
        [("dangerous", "users.name", "1 row has a value in it: add it to the model, or save it before the column is dropped.", 1)],
    ),
    "a column only there, without values": (
        of(),
        PLAIN,
        0,
        [("database-ahead", "users.name", "Add it to the model, or drop it; no row has a value in it.", None)],
    ),
    "one that the application cannot fill": (
        of(),
        of(name=column(nullable=False)),
        0,
        [
            (
                "database-ahead",
                "users.name",
                "Add it to the model, or drop it; no row has a value in it. Until then the application cannot insert a row, for the"
                " column is NOT NULL without a default.",
                None,
            )
        ],
    ),
    "a column that may be renamed": (
        of(nickname=column(), age=column("INTEGER")),
        of(nick=column(), size=column("BIGINT")),
        20000,
        [
            (
                "dangerous",
                "users.nick",
                "More than 10000 rows have a value in it: add it to the model, or save them before the column is dropped. If it is"
                " nickname of the model under its old name, rename it, and the values stay.",
                20000,
            ),
            (
                "dangerous",
                "users.size",
                "More than 10000 rows have a value in it: add it to the model, or save them before the column is dropped.",
                20000,
            ),
            ("models-ahead", "users.age", "Add the column; rows that are there get NULL.", None),
            (
                "models-ahead",
                "users.nickname",
                "Add the column; rows that are there get NULL. If it is nick under a new name, rename that column instead, and the"
                " values stay.",
                None,
            ),
        ],
    ),
    "a type that only widens": (
        of(name=column("VARCHAR(80)")),
        PLAIN,
        5,
        [("models-ahead", "users.name", "Change the type; every value fits.", None)],
    ),
    "a type that narrows": (
        of(name=column("VARCHAR(10)")),
        PLAIN,
        5,
        [
            (
                "dangerous",
                "users.name",
                "5 rows have a value that does not fit VARCHAR(10): change them first, or say VARCHAR(20) in the model.",
                5,
            )
        ],
    ),
    "a type that narrows, without values": (
        of(name=column("VARCHAR(10)")),
        PLAIN,
        0,
        [
            (
                "database-ahead",
                "users.name",
                "Change the type, or say VARCHAR(20) in the model; no row has a value in it.",
                None,
            )
        ],
    ),
    "a type of which nobody knows whether it narrows": (
        of(name=column("VARCHAR(10)")),
        PLAIN,
        None,
        [
            (
                "dangerous",
                "users.name",
                "Some rows have a value that does not fit VARCHAR(10): change them first, or say VARCHAR(20) in the model.",
                None,
            )
        ],
    ),
    "a type of another kind": (
        of(name=column("TIMESTAMP")),
        PLAIN,
        1,
        [
            (
                "dangerous",
                "users.name",
                "1 row has a value of this type, which TIMESTAMP may cut or refuse: convert it first, or say VARCHAR(20) in the"
                " model.",
                1,
            )
        ],
    ),
    "NOT NULL where rows have no value": (
        of(name=column(nullable=False)),
        PLAIN,
        1,
        [("dangerous", "users.name", "1 row has no value: give it one first, or say nullable=True in the model.", 1)],
    ),
    "NOT NULL where every row has one": (
        of(name=column(nullable=False)),
        PLAIN,
        0,
        [("models-ahead", "users.name", "Make it NOT NULL; every row has a value.", None)],
    ),
    "NOT NULL only there": (
        PLAIN,
        of(name=column(nullable=False)),
        0,
        [
            (
                "database-ahead",
                "users.name",
                "Say nullable=False in the model, or drop NOT NULL; until then the database refuses rows that the models allow.",
                None,
            )
        ],
    ),
    "several facts of one column, the gravest counts": (
        of(name=column("VARCHAR(80)", nullable=False, default="'x'")),
        PLAIN,
        2,
        [("dangerous", "users.name", "2 rows have no value: give them one first, or say nullable=True in the model.", 2)],
    ),
    "a default only there": (
        PLAIN,
        of(name=column(default="'new'::character varying")),
        5,
        [
            (
                "database-ahead",
                "users.name",
                "Say it in the model as server_default, or drop it: rows that are written without this column get it.",
                None,
            )
        ],
    ),
    "a default only in the models": (
        of(name=column(default="'new'::character varying")),
        PLAIN,
        5,
        [("models-ahead", "users.name", "Set the default; rows that are there keep their values.", None)],
    ),
    "a default spelled differently": (
        of(name=column("TIMESTAMP", default="CURRENT_TIMESTAMP"), size=column("INTEGER", default="'0'::integer")),
        of(name=column("TIMESTAMP", default="now()"), size=column("INTEGER", default="0")),
        5,
        [("cosmetic", f"users.{name}", "One default in two spellings.", None) for name in ("name", "size")],
    ),
    "numbers by a sequence, and by an identity": (
        of(number=column("INTEGER", identity="BY DEFAULT"), other=column("INTEGER", identity="ALWAYS")),
        of(number=column("INTEGER", autoincrement=True), other=column("INTEGER", autoincrement=True)),
        5,
        [
            ("models-ahead", "users.other", "Make it an identity, which gives the numbers of new rows.", None),
            ("cosmetic", "users.number", "The database gives the numbers of new rows either way.", None),
        ],
    ),
    "a comment": (
        schema(users={"comment": "people", "columns": {"name": column(comment="full")}}),
        PLAIN,
        5,
        [("cosmetic", name, "Nothing depends on a comment.", None) for name in ("users.name", "users")],
    ),
    "a primary key that does not tell the rows apart": (
        schema(users={"primary_key": ["id"]}),
        schema(users={"primary_key": []}),
        3,
        [
            (
                "dangerous",
                "users",
                "6 rows would not be told apart by this key: make them different first, or say the other key in the model.",
                6,
            )
        ],
    ),
    "a foreign key that is missing, with orphans": (
        schema(users={"foreign_keys": [key()]}, teams={}),
        schema(users={}, teams={}),
        1,
        [("dangerous", "users", "1 row refers to a row that is not there: mend or delete it first.", 1)],
    ),
    "a foreign key with another rule": (
        schema(users={"foreign_keys": [key("ON DELETE CASCADE")]}, teams={}),
        schema(users={"foreign_keys": [key()]}, teams={}),
        1,
        [
            ("models-ahead", "users", "Add the foreign key; every row has what it refers to.", None),
            ("models-ahead", "users", "The one of the models, with another rule, takes its place.", None),
        ],
    ),
    "a foreign key only there": (
        schema(users={}, teams={}),
        schema(users={"foreign_keys": [key()]}, teams={}),
        1,
        [
            (
                "database-ahead",
                "users",
                "Say it in the model, or drop it: until then the database refuses rows that the models allow.",
                None,
            )
        ],
    ),
    "unique, where values repeat": (
        schema(users={"columns": {"name": column()}, "unique": [{"columns": ["name"], "name": None}]}),
        PLAIN,
        1,
        [
            (
                "dangerous",
                "users",
                "1 value stands in several rows: make the rows different first, or take the rule out of the model.",
                1,
            )
        ],
    ),
    "unique under another name": (
        schema(users={"columns": {"name": column()}, "unique": [{"columns": ["name"], "name": "uq_users_name"}]}),
        schema(users={"columns": {"name": column()}, "unique": [{"columns": ["name"], "name": "unique_name"}]}),
        1,
        [
            (
                "cosmetic",
                "users.uq_users_name",
                "The same rule under another name: rename unique_name to it, or give it that name in the model.",
                None,
            )
        ],
    ),
    "an index under another name": (
        schema(users={"indexes": {"ix_users_id": {"unique": False, "definition": "(id)"}}}),
        schema(users={"indexes": {"idx_id": {"unique": False, "definition": "(id)"}}}),
        1,
        [
            (
                "cosmetic",
                "users.idx_id",
                "The same rule under another name: rename it to ix_users_id, or give that one this name in the model.",
                None,
            ),
            (
                "cosmetic",
                "users.ix_users_id",
                "The same rule under another name: rename idx_id to it, or give it that name in the model.",
                None,
            ),
        ],
    ),
    "a unique index where a constraint is": (
        schema(users={"columns": {"name": column()}, "indexes": {"ix_users_name": {"unique": True, "definition": "(name)"}}}),
        schema(users={"columns": {"name": column()}, "unique": [{"columns": ["name"], "name": None}]}),
        1,
        [
            (
                "cosmetic",
                name,
                "The same rule in another form: nothing depends on whether it is a constraint or a unique index.",
                None,
            )
            for name in ("users", "users.ix_users_name")
        ],
    ),
    "an index on a column that cannot be added as it is": (
        schema(
            users={
                "columns": {"name": column(nullable=False)},
                "indexes": {"ix_name": {"unique": False, "definition": "(name)"}},
            }
        ),
        of(),
        2,
        [
            (
                "dangerous",
                "users.name",
                "2 rows would have no value: give the column a server_default, or add it as NULL, fill it, and make it NOT NULL"
                " then.",
                2,
            ),
            ("dangerous", "users.ix_name", "It needs name, which cannot be added as it is: see that column first.", 2),
        ],
    ),
    "an index only there": (
        of(),
        schema(users={"indexes": {"idx_id": {"unique": False, "definition": "(id)"}}}),
        1,
        [
            (
                "database-ahead",
                "users.idx_id",
                "Say it in the model as an Index, or drop it: queries may need it to be fast.",
                None,
            )
        ],
    ),
    "a condition that rows do not satisfy": (
        schema(users={"checks": ["id > 9"]}),
        of(),
        2,
        [
            (
                "dangerous",
                "users",
                "2 rows do not satisfy it: mend them first, or take the condition out of the model.",
                2,
            )
        ],
    ),
    "labels of an enum that are missing": (
        schema(users={"columns": {"mood": column("mood")}}, enums={"mood": ["ok", "new"]}),
        schema(users={"columns": {"mood": column("mood")}}, enums={"mood": ["ok"]}),
        2,
        [("models-ahead", "mood", "Add 'new' to the type: ALTER TYPE ... ADD VALUE.", None)],
    ),
    "labels that only the database has, with rows": (
        schema(users={"columns": {"mood": column("mood")}}, enums={"mood": ["ok"]}),
        schema(users={"columns": {"mood": column("mood")}}, enums={"mood": ["ok", "sad"]}),
        1,
        [
            (
                "dangerous",
                "mood",
                "1 row has 'sad': change it first, or say the label in the Enum of the model as well.",
                1,
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_classes_and_advice(case: str):
    """The class follows from what would happen to the rows; the advice says what to do about it."""
    expected, actual, count, wanted = CASES[case]

    assert judged(expected, actual, count) == wanted
