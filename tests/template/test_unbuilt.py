"""What a database has beside tables and no revision makes is said, on each server; nothing is decided by it."""

from __future__ import annotations

import json
import secrets

import pytest
from sqlalchemy import make_url

from adopt.autogenerate.models_schema import ModelsSchema
from adopt.schema import objects, unbuilt
from adopt.server.connecting import sql
from adopt.verdict import adopting
from tests.servers import engine_for, execute
from tests.template.states import History, everything, inside, stamped

STEPS = {
    "first": "op.create_table('users', sa.Column('id', sa.Integer, primary_key=True), sa.Column('email', sa.String(120)),"
    " sa.Column('touched', sa.Integer))"
}
POSTGRESQL = (
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.touched := 1; RETURN NEW; END'",
    "CREATE FUNCTION double(number integer, more double precision) RETURNS integer LANGUAGE sql AS 'SELECT number * 2'",
    "CREATE PROCEDURE tidy() LANGUAGE sql AS 'DELETE FROM users WHERE email IS NULL'",
    "CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer)",
    "CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE PROCEDURE touch()",
    "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own ON users USING (true)",
    "CREATE RULE keep AS ON DELETE TO users DO INSTEAD NOTHING",
    "CREATE SEQUENCE invoices",
    "CREATE DOMAIN short AS varchar(5)",
    "CREATE TYPE pair AS (one integer, other integer)",
    "CREATE TYPE mood AS ENUM ('good', 'bad')",
    'CREATE VIEW "Emails" AS SELECT email FROM users',
    "CREATE MATERIALIZED VIEW counts AS SELECT count(*) AS number FROM users",
)
MARIADB = (
    "CREATE FUNCTION doubled(number INTEGER) RETURNS INTEGER DETERMINISTIC RETURN number * 2",
    "CREATE PROCEDURE tidy() DELETE FROM users WHERE email IS NULL",
    "CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW SET NEW.touched = 1",
    "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM users WHERE email IS NULL",
    "CREATE VIEW emails AS SELECT email FROM users",
    "CREATE SEQUENCE invoices",
)
SQLITE = (
    "CREATE TRIGGER touch AFTER UPDATE ON users BEGIN SELECT 1; END",
    "CREATE VIEW emails AS SELECT email FROM users",
)
SAID = {
    "postgresql": (
        "1 aggregate: total(integer)                               pg_dump --schema-only",
        "1 domain: short                                           pg_dump --schema-only",
        "2 functions: double(integer, double precision), touch()   SELECT pg_get_functiondef("
        "'double(integer, double precision)'::regprocedure)",
        "1 materialized view: counts                               SELECT pg_get_viewdef('counts'::regclass)",
        "1 policy: own on users                                    SELECT * FROM pg_policies WHERE policyname = 'own'",
        "1 procedure: tidy()                                       SELECT pg_get_functiondef('tidy()'::regprocedure)",
        "1 table with row level security: users                    ALTER TABLE users ENABLE ROW LEVEL SECURITY",
        "1 rule: keep on users                                     SELECT pg_get_ruledef(oid) FROM pg_rewrite"
        " WHERE rulename = 'keep' AND ev_class = 'users'::regclass",
        "1 sequence: invoices                                      SELECT * FROM invoices",
        "1 trigger: touch on users                                 SELECT pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgname = 'touch' AND tgrelid = 'users'::regclass",
        "2 types: mood, pair                                       pg_dump --schema-only",
        "1 view: \"Emails\"                                          SELECT 'CREATE VIEW ' || '\"Emails\"' || ' AS' ||"
        " pg_get_viewdef('\"Emails\"')",
    ),
    "mysql": (
        "1 event: nightly            SHOW CREATE EVENT `nightly`",
        "1 function: doubled         SHOW CREATE FUNCTION `doubled`",
        "1 procedure: tidy           SHOW CREATE PROCEDURE `tidy`",
        "1 sequence: invoices        SHOW CREATE SEQUENCE `invoices`",
        "1 trigger: touch on users   SHOW CREATE TRIGGER `touch`",
        "1 view: emails              SHOW CREATE VIEW `emails`",
    ),
    "sqlite": (
        "1 trigger: touch on users   SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'touch'",
        "1 view: emails              SELECT sql FROM sqlite_master WHERE type = 'view' AND name = 'emails'",
    ),
}
FIRST = {"postgresql": "aggregates", "mysql": "functions", "sqlite": "triggers"}
ADVICE = (
    "note      no revision makes those, so that a new database goes without; to bring them in, write what such a statement shows"
    ' into a revision, as op.execute("..."), with DROP ... IF EXISTS before it for databases that have them:  flask db revision'
    ' -m "{}"\n'
)


@pytest.fixture
def shop(database_url: str, tmp_path) -> History:
    return History(tmp_path / "shop", database_url, STEPS)


@pytest.fixture
def postgresql_shop(postgresql_url: str, tmp_path) -> History:
    return History(tmp_path / "shop", postgresql_url, STEPS)


def backend(url: str) -> str:
    return make_url(url).get_backend_name()


def statements(url: str) -> tuple[str, ...]:
    return {"postgresql": POSTGRESQL, "mysql": MARIADB, "sqlite": SQLITE}[backend(url)]


def found_in(shop: History) -> list[dict]:
    found, _ = json.JSONDecoder().raw_decode(shop.adopt("status", "--json"))  # notes follow it, on stderr
    return found["databases"][0]["unbuilt"]


def test_status_and_adopt_name_them(shop):
    """By kind, with what shows the definition; the database counts as what it was without them, and is not touched."""
    shop.build("first", stamp="first")
    execute(shop.database_url, *statements(shop.database_url))
    before = everything(shop.database_url)

    said = shop.adopt("status")

    rest = "".join(f"unbuilt   {line}\n" for line in SAID[backend(shop.database_url)])
    rest += ADVICE.format(FIRST[backend(shop.database_url)])
    assert said == f"current   {shop.shown} is at first (head), and its schema matches\n" + rest
    assert shop.adopt() == (f"adopted   {shop.shown} is stamped with first already (head), and its schema matches\n" + rest)
    assert everything(shop.database_url) == before


def test_a_database_that_has_them_is_stamped(shop):
    """They keep nothing from being verified."""
    shop.build("first")
    execute(shop.database_url, *statements(shop.database_url))

    assert shop.adopt().startswith(f"verified  the revisions up to first build the schema of {shop.shown}\nstamped   first,")
    assert stamped(shop.database_url) == ["first"]


def test_the_statements_show_the_definitions(shop):
    """Each runs, and has something to show."""
    shop.build("first", stamp="first")
    execute(shop.database_url, *statements(shop.database_url))

    found = found_in(shop)

    asked = [one["definition"] for one in found if one["definition"].startswith(("SELECT", "SHOW"))]
    assert len(asked) >= 2
    with engine_for(shop.database_url).connect() as connection:
        for statement in asked:
            assert connection.execute(sql(statement)).first(), statement


def test_what_a_revision_makes_is_not_named(shop):
    """Once op.execute makes them, also in a revision that is pending, a new database has them, and nothing is said.

    Views and enum types are part of the schema that a revision is recognised by, then.
    """
    shop.build("first", stamp="first")
    wanted = [statement for statement in statements(shop.database_url) if " VIEW " not in statement and " ENUM " not in statement]
    execute(shop.database_url, *wanted)
    shop.revision("others", "first", "\n".join(f"op.execute({statement!r})" for statement in wanted))

    said = shop.adopt("status", expect=3)

    assert said == (
        f"behind    {shop.shown} is at first and its schema matches\npending   1 revision: others\nnext      flask db upgrade\n"
    )


def test_what_is_nobodys_own(postgresql_shop):
    """Neither what an extension brought, nor sequences of columns, nor what is on a table of others or in another schema."""
    url = postgresql_shop.database_url
    postgresql_shop.build("first", stamp="first")
    execute(
        url,
        "CREATE EXTENSION hstore",
        "CREATE TABLE theirs (id serial PRIMARY KEY, number integer GENERATED ALWAYS AS IDENTITY)",
        "CREATE RULE keep AS ON DELETE TO theirs DO INSTEAD NOTHING",
        "ALTER TABLE theirs ENABLE ROW LEVEL SECURITY",
        "CREATE SCHEMA elsewhere",
        "CREATE FUNCTION elsewhere.one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    )

    assert found_in(postgresql_shop) == []
    assert "unbuilt" not in postgresql_shop.adopt("status")


def test_triggers_of_partitions_count_once(postgresql_url, tmp_path):
    """A partition has a copy of the trigger of its table."""
    table = "op.execute('CREATE TABLE users (id integer PRIMARY KEY, email varchar) PARTITION BY RANGE (id)')"
    part = "\nop.execute('CREATE TABLE users_1 PARTITION OF users FOR VALUES FROM (0) TO (9)')"
    shop = History(tmp_path / "shop", postgresql_url, {"first": table + part})
    shop.build("first", stamp="first")
    touch = "CREATE TRIGGER touch AFTER UPDATE ON users FOR EACH ROW EXECUTE PROCEDURE touch()"
    execute(postgresql_url, POSTGRESQL[0], touch)

    assert [(one["kind"], one["table"]) for one in found_in(shop)] == [("function", None), ("trigger", "users")]


def test_a_role_that_may_not_read_a_catalogue(postgresql_shop):
    """It is told which kind is not known, and everything else goes on."""
    role = f"test_{secrets.token_hex(6)}"
    owner = postgresql_shop.database_url
    postgresql_shop.build("first", stamp="first")
    execute(owner, *POSTGRESQL[:1], f"CREATE ROLE {role} LOGIN CREATEDB", "REVOKE SELECT ON pg_policy, pg_trigger FROM PUBLIC")
    try:
        execute(owner, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
        postgresql_shop.database_url = make_url(owner).set(username=role).render_as_string()
        # scratch databases are made from template0, where everybody may still read everything
        assert postgresql_shop.adopt("status").splitlines()[1:4] == [
            "unbuilt   1 function: touch()                                   SELECT pg_get_functiondef('touch()'::regprocedure)",
            "unbuilt   policies: not known, for the role may not read them",
            "unbuilt   triggers: not known, for the role may not read them",
        ]
        assert [one["name"] for one in found_in(postgresql_shop)] == ["touch()", None, None]
    finally:
        execute(owner, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_what_models_make_and_the_role_may_not_read(database_url, monkeypatch):
    """It is none of what is named, and `flask db migrate` goes on."""
    monkeypatch.setattr(objects, "allowed", lambda connection, query: None)

    with engine_for(database_url).connect() as connection:
        assert ModelsSchema(connection, ()).objects == []


def test_a_role_of_mariadb_is_shown_its_own(mariadb_url, tmp_path):
    """The server hides what a role has no privilege on; nothing fails for it."""
    role = f"test_{secrets.token_hex(6)}"
    shop = History(tmp_path / "shop", mariadb_url, STEPS)
    shop.build("first", stamp="first")
    name = make_url(mariadb_url).database
    execute(mariadb_url, *MARIADB, f"CREATE USER {role}@'%'", f"GRANT SELECT ON {name}.* TO {role}@'%'")
    execute(mariadb_url, f"GRANT ALL ON `scratch\\_%`.* TO {role}@'%'")
    try:
        shop.database_url = make_url(mariadb_url).set(username=role).render_as_string()
        assert {one["kind"] for one in found_in(shop)} <= {"view", "sequence"}
    finally:
        execute(mariadb_url, f"DROP USER {role}@'%'")


def test_a_list_of_databases_is_not_asked(shop, monkeypatch):
    """Adopting without being asked for them sends the database no query more."""
    shop.build("first", stamp="first")
    execute(shop.database_url, *statements(shop.database_url))
    sent: list[str] = []
    dialect = type(engine_for(shop.database_url).dialect)

    def noting(name):
        run = getattr(dialect, name)

        def noted(self, cursor, statement, *others):
            if others[-1].engine.url.database == make_url(shop.database_url).database:
                sent.append(statement)
            return run(self, cursor, statement, *others)

        monkeypatch.setattr(dialect, name, noted)

    with inside(shop) as database:
        for name in ("do_execute", "do_execute_no_params"):  # listeners do not hear of engines of ours
            noting(name)
        found = adopting.adopt(database, write=False)
        few = len(sent)
        more = adopting.adopt(database, write=False, with_objects=True)

    assert (found.state, found.unbuilt) == ("current", ())
    assert (more.state, len(more.unbuilt) > 1) == ("current", True)
    assert few > 0
    assert not [statement for statement in sent[:few] if "trigger" in statement]
    assert [statement for statement in sent[few:] if "trigger" in statement]


def test_many_of_one_kind():
    """The first five are named."""
    found = [
        {"kind": "view", "name": f"v{number}", "table": None, "definition": f"SHOW CREATE VIEW `v{number}`"} for number in range(7)
    ]

    assert unbuilt.lines(found) == ["7 views: v0, v1, v2, v3, v4 and 2 more   SHOW CREATE VIEW `v0`"]
    assert unbuilt.lines([]) == []
    assert unbuilt.advice([]) == ""


def test_one_only():
    """One is spoken of as one."""
    found = [{"kind": "policy", "name": "own", "table": "users", "definition": "SELECT 1"}]

    assert unbuilt.lines(found) == ["1 policy: own on users   SELECT 1"]
    assert unbuilt.advice(found) == (
        "no revision makes that, so that a new database goes without; to bring it in, write what the statement shows into a"
        ' revision, as op.execute("..."), with DROP ... IF EXISTS before it for databases that have it:  flask db revision'
        ' -m "policies"'
    )
