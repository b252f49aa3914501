"""SQL of the project's own that changes tables."""

from __future__ import annotations

import pytest

from hooks.detect.own_statements import find_own_statements
from tests.detect.tools import Text

CHANGING = {
    "text": 'db.session.execute(text("ALTER TABLE pet ADD COLUMN age INTEGER"))',
    "in lines": 'connection.execute(\n    """\n    alter table pet\n    add column age integer\n    """\n)',
    "f-string": 'for name in NEW:\n    cursor.execute(f"ALTER TABLE pet ADD COLUMN {name} TEXT")',
    "a name": 'STATEMENT = "ALTER TABLE pet ADD COLUMN age INTEGER"\nengine.execute(STATEMENT)',
    "a list": 'STATEMENTS = ["CREATE INDEX ix ON pet (age)"]\ncursor.execute(STATEMENTS[0])',
    "unique": 'connection.exec_driver_sql("CREATE UNIQUE INDEX ix ON pet (age)")',
}
NOT_CHANGING = {
    "read": 'db.session.execute(text("SELECT * FROM pet"))',
    "spoken of": 'print("ALTER TABLE pet is to be run by hand")',
    "in a comment": "# ALTER TABLE pet ADD COLUMN age INTEGER\ndb.session.execute(text(QUERY))",
    "of rows": "db.session.execute(text(\"INSERT INTO log VALUES ('ALTER TABLE pet')\"))",
    "of the server": 'cursor.execute("ALTER TABLESPACE fast OWNER TO me")',
}


@pytest.mark.parametrize("code", CHANGING.values(), ids=CHANGING)
def test_found(code: str) -> None:
    """With the line of the call; those of tests are none."""
    found = find_own_statements(Text({"shop/upgrade.py": code, "tests/test_upgrade.py": code}).index)

    assert [(one.path, ".execute(" in one.text or ".exec_driver_sql(" in one.text) for one in found] == [("shop/upgrade.py", True)]


@pytest.mark.parametrize("code", NOT_CHANGING.values(), ids=NOT_CHANGING)
def test_not_found(code: str) -> None:
    """What only says so."""
    assert find_own_statements(Text({"shop/upgrade.py": code}).index) == ()
