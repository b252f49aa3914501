"""Constraints that are there under another name than the one that the models give them, themselves or by a naming convention.

PostgreSQL        ALTER TABLE item RENAME CONSTRAINT old_key TO fk_item
MySQL, MariaDB    ALTER TABLE item DROP FOREIGN KEY old_key, ADD CONSTRAINT fk_item FOREIGN KEY ...
SQLite            the table is made anew

Earlier revisions, which say no name or a part of it, give the name of a convention to a new database as well: there is nothing to
rename there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy.sql.elements import conv

from ..schema.normal import table_text
from ..schema.sqlite_statement import Statement
from .completion_part import Part
from .extra_operations import execute_both

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Table

    from .extra_operations import LinesOp


OF_ALEMBIC = "UNIQUE", "KEY", "`"  # and what is no constraint


def given_names(table: Table, preparer: Any) -> dict[str, bool]:
    """{name that the models give one of its constraints, quoted as in a statement: whether a convention makes it}."""
    found = {}
    for one in table.constraints:
        if isinstance(one.name, str):
            name = preparer.format_constraint(one)  # a convention may have it as a part
            found[name] = isinstance(one.name, conv) or name != preparer.quote(str(one.name))
    return found


class RenamedConstraints(Part):
    """The part of a Completion that is about them; `_renamed` are done before all else, and on the way back after it."""

    _constraints: dict[str, dict[str, Any]]
    _constraint_sides: Callable[[str], list[dict[str, Any]]]
    _added: Callable[[str, str], str]
    _dropped: Callable[[str, str], str]
    _renamed: list[LinesOp]
    _statements: dict[str, str]
    _modify: Callable[[str], Any]

    def _rename_constraints(self) -> None:
        for table in sorted(set(self._tables).intersection(self._there["tables"], self._models.snapshot["tables"])):
            given = given_names(self._tables[table], self._dialect.identifier_preparer)
            if given and self._is_sqlite:
                both = [one[table] for one in (self._statements, self._models.statements)]
                if len(set(map(table_text, both))) == 1:
                    continue
                there, wanted = (Statement(one).constraint_names() for one in both)
                known = {name for names in there.values() for name in names}
                for same in set(there).intersection(wanted):
                    for name in wanted[same] - known:
                        is_made = given.get(self._quoted_one(name))
                        if is_made or is_made is False and not same[1].startswith(OF_ALEMBIC):
                            self._rebuild(table)
                            self._leave(table, [name, *there[same]])
            elif given:
                self._rename_on_server(table, given)

    def _rename_on_server(self, table: str, given: dict[str, bool]) -> None:
        there, wanted = self._constraint_sides(table)
        # MySQL knows no IF EXISTS here: what a convention makes is left alone there
        left = {name: one[0] for name, one in there.items() if name not in wanted and not one[0].startswith(OF_ALEMBIC[1:])}
        for new in sorted(wanted):
            old = next((name for name in sorted(left) if left[name] == wanted[new][0]), None)
            names = [re.sub("^KEY ", "", name or "") for name in (old, new)]
            is_made = given.get(self._quoted_one(names[1]))
            if old is not None and new not in there and is_made in (False, self._is_postgresql or self._is_mariadb):
                there[new], definition = there.pop(old), left.pop(old)
                self._leave(table, names)
                self._renamed.append(
                    execute_both(*[self._renaming(table, definition, is_made, *one) for one in (names, names[::-1])])
                )

    def _renaming(self, table: str, definition: str, is_made: bool, old: str, new: str) -> str:
        """The statement that gives a constraint another name, where it has not got that already."""
        place = self._alter(table)
        if self._is_postgresql:
            statement = f"{place}RENAME CONSTRAINT {self._quoted_one(old)} TO {self._quoted_one(new)}"
            return f"DO $$ BEGIN {statement}; EXCEPTION WHEN undefined_object THEN END $$" if is_made else statement
        words = [self._dropped(old, definition), self._added(new, definition)]
        if is_made:
            words[0] = re.sub("(KEY|CONSTRAINT|INDEX) ", r"\1 IF EXISTS ", words[0], count=1)
            words[1] = re.sub("(KEY|CONSTRAINT(?!.* FOREIGN)) ", r"\1 IF NOT EXISTS ", words[1], count=1)
        return place + ", ".join(words)

    def _leave(self, table: str, names: Collection[str]) -> None:
        """Take out what Alembic does with unique constraints and indexes of these names."""
        for one in self._of_table(table):
            if getattr(one, "constraint_name", getattr(one, "index_name", None)) in names:
                self._modify(table).ops.remove(one)
