"""Constraints that are there under another name than the one that the models give them.

PostgreSQL        ALTER TABLE item RENAME CONSTRAINT old_key TO fk_item
MySQL, MariaDB    ALTER TABLE item DROP FOREIGN KEY old_key, ADD CONSTRAINT fk_item FOREIGN KEY ...
SQLite            the table is made anew

No difference is a name that the server has made up, nor one that a naming convention makes: earlier revisions, which say no name or
a part of it, give that to a new database as well. Unique constraints are Alembic's, which compares their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.sql.elements import conv

from ..schema.normal import table_text
from ..schema.sqlite_statement import Statement
from .completion_part import Part
from .extra_operations import execute_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Table

    from .extra_operations import LinesOp


OF_ALEMBIC = "UNIQUE", "KEY", "`"  # and what is no constraint


def given_names(table: Table, preparer: Any) -> set[str]:
    """The names that the models give its constraints themselves, quoted as in a statement."""
    found = set()
    for one in table.constraints:
        if isinstance(one.name, str) and not isinstance(one.name, conv):
            quoted = preparer.quote(str(one.name))
            found.update([quoted] if preparer.format_constraint(one) == quoted else [])  # a convention may have it as a part
    return found


class RenamedConstraints(Part):
    """The part of a Completion that is about them; `_renamed` are done before all else, and on the way back after it."""

    _constraints: dict[str, dict[str, Any]]
    _constraint_sides: Callable[[str], list[dict[str, Any]]]
    _added: Callable[[str, str], str]
    _dropped: Callable[[str, str], str]
    _renamed: list[LinesOp]
    _statements: dict[str, str]

    def _rename_constraints(self) -> None:
        for table in sorted(set(self._tables).intersection(self._there["tables"], self._models.snapshot["tables"])):
            given = given_names(self._tables[table], self._dialect.identifier_preparer)
            if not given:
                continue
            if self._is_sqlite:
                both = [one[table] for one in (self._statements, self._models.statements)]
                if len(set(map(table_text, both))) == 1:
                    continue
                there, wanted = (Statement(one).constraint_names() for one in both)
                known = {name for names in there.values() for name in names}
                new = [wanted[same] - known for same in there if same in wanted and not same[1].startswith(OF_ALEMBIC)]
                if any(self._quoted_one(name) in given for names in new for name in names):
                    self._rebuild(table)
            else:
                self._rename_on_server(table, given)

    def _rename_on_server(self, table: str, given: set[str]) -> None:
        there, wanted = self._constraint_sides(table)
        left = {name: one[0] for name, one in there.items() if name not in wanted and not one[0].startswith(OF_ALEMBIC)}
        for new in sorted(wanted):
            old = next((name for name in sorted(left) if left[name] == wanted[new][0]), None)
            if old is not None and new not in there and self._quoted_one(new) in given:
                there[new], definition = there.pop(old), left.pop(old)
                both = [[self._renaming(table, pair, definition)] for pair in ((old, new), (new, old))]
                self._renamed.append(execute_all(*both))

    def _renaming(self, table: str, names: Sequence[str], definition: str) -> str:
        """The statement that gives a constraint the second of two names."""
        place = f"ALTER TABLE {self._quoted(table)} "
        if self._is_postgresql:
            return "{}RENAME CONSTRAINT {} TO {}".format(place, *map(self._quoted_one, names))
        return f"{place}{self._dropped(names[0], definition)}, {self._added(names[1], definition)}"
