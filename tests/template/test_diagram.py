"""The picture of the schema in migrations/SCHEMA.md."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from adopt.commands.diagram import drawn, put_into, section

METADATA = sa.MetaData()
USERS = sa.Table(
    "users",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(120), unique=True, nullable=False),
    sa.Column("balance", sa.Numeric(10, 2)),
    sa.Column("mood", sa.Enum("good", "bad, really", name="mood")),
    sa.Column("seen at", sa.DateTime(timezone=True)),
)
PROFILES = sa.Table("profiles", METADATA, sa.Column("user_id", sa.ForeignKey("users.id"), primary_key=True))
ORDERS = sa.Table(
    "order-lines",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("parent_id", sa.ForeignKey("order-lines.id")),
    sa.Column("elsewhere_id", sa.ForeignKey("unknown.id"), nullable=False),
    schema=None,
)
sa.Table("unknown", METADATA, sa.Column("id", sa.Integer, primary_key=True))
REPORT = sa.Table("report", METADATA, sa.Column("id", sa.Integer, primary_key=True), info={"is_view": True})

DRAWN = """\
erDiagram
    order-lines {
        INTEGER id PK
        INTEGER user_id FK
        INTEGER parent_id FK
        INTEGER elsewhere_id FK
    }
    profiles {
        INTEGER user_id PK, FK
    }
    users {
        INTEGER id PK
        VARCHAR(120) email UK
        NUMERIC balance
        mood mood
        TIMESTAMP_WITH_TIME_ZONE seen_at
    }
    order-lines |o--o{ order-lines : "parent_id"
    users ||--o{ order-lines : "user_id"
    users ||--o| profiles : "user_id\""""


def test_tables_columns_and_how_many_rows_refer_to_one():
    """Keys are marked, optional and single references look so; views and tables elsewhere are not drawn."""
    assert drawn([USERS, PROFILES, ORDERS, REPORT], postgresql.dialect()) == DRAWN


@pytest.mark.parametrize(
    ("tables", "columns", "first"),
    [
        (20, 5, "erDiagram\n    t0 {"),
        (300, 20, "erDiagram\n    t0 {\n        INTEGER c0 PK\n    }"),
        (5000, 1, 'erDiagram\n    "5000 tables'),
    ],
)
def test_large_schema(tables, columns, first):
    """What Mermaid would refuse to draw is drawn with less in it."""
    metadata = sa.MetaData()
    for number in range(tables):
        sa.Table(f"t{number}", metadata, *[sa.Column(f"c{place}", sa.Integer, primary_key=not place) for place in range(columns)])

    text = drawn(metadata.tables.values(), postgresql.dialect())

    assert text.startswith(first)
    assert len(text) <= 45000


PAGE = "# The schema of this project\n\nWords.\n"
SECTION = """\
## Schema

Drawn from the models by `make db-migrate` and `make db-history`, or by  python -m migrations.adopt diagram

```mermaid
erDiagram
```
"""


def test_section_is_added_at_the_end_and_replaced_in_its_place():
    """Everything around it stays, and a second run changes nothing."""
    once = put_into(PAGE, section({"": "erDiagram"}))
    later = once + "\n## Ours\n\nMore.\n"

    assert once == PAGE + "\n" + SECTION
    assert put_into(once, section({"": "erDiagram"})) == once
    assert put_into(later, section({"": "erDiagram"})) == later
    assert put_into(later, section({"": "erDiagram\n    a"})) == later.replace("erDiagram\n", "erDiagram\n    a\n")


def test_one_picture_for_each_database():
    """Binds have a heading each."""
    page = put_into(PAGE, section({"": "erDiagram", "archive": "erDiagram"}))

    assert page.endswith("```mermaid\nerDiagram\n```\n\n### archive\n\n```mermaid\nerDiagram\n```\n")
