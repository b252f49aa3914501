"""A picture of the schema for migrations/SCHEMA.md: Mermaid, which GitHub and GitLab draw as they show the page.

    erDiagram
        users {
            INTEGER id PK
            VARCHAR(120) email UK
        }
        orders {
            INTEGER id PK
            INTEGER user_id FK
        }
        users ||--o{ orders : "user_id"

What is drawn are the models, so no database is needed. Syntax: https://mermaid.js.org/syntax/entityRelationshipDiagram.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import UniqueConstraint

from ..autogenerate.rendering import ddl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Table
    from sqlalchemy.engine import Dialect


HEADING = "## Schema"
ABOUT = "Drawn from the models by `make db-migrate` and `make db-history`, or by  python -m migrations.adopt diagram"
LONGEST = 45000  # Mermaid refuses to draw 50,000 characters, and 500 lines between tables
MOST_LINES = 450


def section(diagrams: Any) -> str:
    """The section of the page that shows `diagrams`, {name of the bind or "": Mermaid text}."""
    parts = [HEADING, "", ABOUT]
    for name, text in diagrams.items():
        parts += ["", "### " + name] * bool(name) + ["", "```mermaid", text, "```"]
    return "\n".join(parts) + "\n"


def put_into(page: str, section: str) -> str:
    """The page with this section, where it has one already, else at its end."""
    before, found, after = ("\n" + page).partition("\n" + HEADING + "\n")
    if not found:
        return page.rstrip("\n") + "\n\n" + section
    following = re.search(r"^## ", after, re.MULTILINE)
    rest = "\n" + after[following.start() :] if following else ""
    return (before + "\n").lstrip("\n") + section + rest


def drawn(tables: Sequence[Table], dialect: Dialect) -> str:
    """The diagram of `tables` with as much in it as Mermaid draws: all columns, the keys, or the tables alone."""
    tables = sorted((table for table in tables if not table.info.get("is_view")), key=lambda table: table.fullname)
    lines = sorted({line for table in tables for line in _relations(table, {one.fullname for one in tables})})
    columns: Callable[[Any], list[Any]]
    for columns in (_all, _keys, lambda table: []):
        text = "\n".join(["erDiagram"] + [_entity(table, columns(table), dialect) for table in tables] + lines)
        if len(text) <= LONGEST and len(lines) <= MOST_LINES:
            return text
    return f'erDiagram\n    "{len(tables)} tables are more than Mermaid draws"'


def _all(table: Table) -> Any:
    return list(table.columns)


def _keys(table: Table) -> Any:
    return [column for column in table.columns if column.primary_key or column.foreign_keys]


def _entity(table: Table, columns: Any, dialect: Dialect) -> Any:
    name = _quoted(table.fullname)
    if not columns:
        return "    " + name
    unique = _unique(table)
    rows = []
    for column in columns:
        marks = [("PK", column.primary_key), ("FK", column.foreign_keys), ("UK", frozenset([column.name]) in unique)]
        keys = ", ".join(mark for mark, holds in marks if holds and not (mark == "UK" and column.primary_key))
        rows.append(" ".join(filter(None, ("       ", _word(_type(column, dialect)), _word(column.name), keys))))
    return "\n".join(["    " + name + " {"] + rows + ["    }"])


def _relations(table: Table, known: Any) -> Iterator[str]:
    """One line for each foreign key to a table of the diagram: how many rows may stand at either end."""
    unique = _unique(table) | {frozenset(column.name for column in table.primary_key.columns)}
    for key in table.foreign_key_constraints:
        target = key.elements[0].target_fullname.rpartition(".")[0]
        if target not in known:
            continue
        columns = [element.parent for element in key.elements]
        parent = "|o" if any(column.nullable for column in columns) else "||"
        child = "o|" if frozenset(column.name for column in columns) in unique else "o{"
        label = ", ".join(column.name for column in columns).replace('"', "'")
        yield f'    {_quoted(target)} {parent}--{child} {_quoted(table.fullname)} : "{label}"'


def _unique(table: Table) -> Any:
    """The sets of columns whose values stand in one row only, the primary key aside."""
    found = {frozenset(column.name for column in one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)}
    for index in table.indexes:
        names = [column.name for column in index.columns]
        if index.unique and len(names) == len(index.expressions):
            found.add(frozenset(names))
    return found | {frozenset([column.name]) for column in table.columns if column.unique}


def _type(column: Any, dialect: Dialect) -> str:
    """The type without what Mermaid cannot read: VARCHAR(120), NUMERIC, TIMESTAMP_WITH_TIME_ZONE."""
    text = ddl(column.type, dialect) or type(column.type).__name__
    return re.sub(r"\((?!\d+\)).*?\)", "", text)


def _word(text: str) -> str:
    text = re.sub(r"[^\w()\[\]-]+", "_", text.strip(), flags=re.ASCII)
    return text if re.match(r"[A-Za-z]", text) else "x" + text


def _quoted(name: str) -> str:
    return name if re.match(r"^[A-Za-z_][\w-]*$", name, re.ASCII) else '"' + name.replace('"', "'") + '"'
