"""Keys and constraints that differ where Alembic sees no difference, or has no words: they are written as the server says them.

op.execute('ALTER TABLE item DROP CONSTRAINT uq_name')
op.execute('ALTER TABLE item ADD CONSTRAINT uq_name UNIQUE (name) INCLUDE (id)')

Alembic compares the columns of a unique constraint as a set, and no primary keys; it knows no MATCH of a foreign key that is there,
and no comments. What it does write stays where it has all the words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy import ForeignKeyConstraint, inspect
from sqlalchemy.sql.elements import conv

from ..server.catalogue import FIRST_OID
from ..server.connecting import literal, query
from .alter_words import options_mysql
from .completion_part import Part
from .constraint_names import CREATED, columns_of
from .extra_operations import execute_all, execute_both, is_change, qualified
from .rendering import with_lists

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sqlalchemy.engine import Connection

    from ..base.types import Difference
    from .extra_operations import LinesOp


NAMES = """
SELECT n.nspname, c.relname, n.nspname = current_schema(), k.conname, pg_get_constraintdef(k.oid),
  obj_description(k.oid, 'pg_constraint')
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND c.oid >= {first}"""
OF_MYSQL = re.compile(r"(?:CONSTRAINT `(.+?)` )?((?:\w+ )?KEY|CHECK)(?: `(.+?)`)? (.*)$")
REFERRING = re.compile(r"FOREIGN KEY .*? REFERENCES ((?:\"[^\"]*\"|`[^`]*`|[\w.])+) ?(\(.*?\))")
PLAIN = re.compile(r"(UNIQUE|PRIMARY|UNIQUE KEY) \([^()]*\)$|FOREIGN KEY (?!.*( MATCH | NOT VALID|SET \w+ \())|CHECK ")


def read(connection: Connection, tables: Iterable[str]) -> dict[str, dict[str, Any]]:
    """{table: {name: (definition, comment)}} of these tables; of SQLite nothing, of MySQL also
    the indexes, as {"KEY " + name: ...}, and the columns, as {"`" + name + "`": ...}.
    """
    result: dict[str, dict[str, Any]] = {}
    if connection.dialect.name == "postgresql":
        for schema, table, is_default, name, *said in query(connection, NAMES.format(first=FIRST_OID)):
            result.setdefault(table if is_default else schema + "." + table, {})[name] = tuple(said)
    elif connection.dialect.name != "sqlite":
        there = set(inspect(connection).get_table_names())
        for table in there.intersection(tables):
            found, lines = result.setdefault(table, {}), lines_of(connection, table)
            found.update((line[: line.index("` ") + 1], (line, None)) for line in lines if line.startswith("`"))
            for name, kind, index, said in [one.groups() for one in map(OF_MYSQL.match, lines) if one]:
                found[name or index and "KEY " + index or "PRIMARY"] = kind + " " + said, None
    return result


def lines_of(connection: Connection, table: str) -> list[str]:
    """The lines between the brackets of CREATE TABLE."""
    statement = "SHOW CREATE TABLE " + connection.dialect.identifier_preparer.quote(table)
    return [line.strip().rstrip(",") for line in query(connection, statement)[0][1].split("\n")[1:-1]]


class ConstraintChanges(Part):
    """The part of a Completion that is about them; `_keyed` are {(table, how the definitions begin that differ)}."""

    _constraints: dict[str, dict[str, Any]]
    _options_changed: dict[str, tuple[str, str]]
    _keyed: set[tuple[str, str]]
    _commented: list[tuple[str, str]]
    _gone: set[tuple[str, str]]
    _foreign: list[list[Any]]
    _again: dict[str, set[str]]
    _moved: set[tuple[str, str]]
    _lifts: Any  # whether foreign keys are in the way

    def _constraint(self, item: Difference) -> bool:
        if not self._is_sqlite:
            self._keyed.add((item["table"], item["what"].upper()))
        elif (
            item["what"] == "primary key"
            or "ON CONFLICT" in item["actual"] + item["expected"]
            or item["kind"] == "changed"
            and item["name"] not in [getattr(one, "constraint_name", "") for one in self._of_table(item["table"])]
        ):
            self._rebuild(item["table"])
        return True

    _primary_key = _unique = _foreign_key = _constraint

    def _constraint_comment(self, item: Difference) -> bool:
        self._commented.append((item["table"], item["name"]))
        return True

    def _constraint_sides(self, table: str) -> list[dict[str, Any]]:
        """{name: (definition, comment)} of the database and of the models."""
        return [side.get(table, {}) for side in (self._constraints, self._models.constraints)]

    def _write_constraints(self) -> None:
        for table, word in sorted(self._keyed):
            there, wanted = [
                {name: one for name, one in side.items() if one[0].startswith(word)} for side in self._constraint_sides(table)
            ]
            for name in sorted(wanted):
                same = sorted((other for other in there if there[other] == wanted[name]), key=lambda other: other != name)
                if same:
                    del wanted[name], there[same[0]]
            self._leave_to_alembic(table, there, wanted)
            if word == "FOREIGN KEY":
                self._gone.update((table, name) for name in there)
                self._foreign[0] += [self._both(table, name, *one).reverse() for name, one in sorted(there.items())]
                self._foreign[1] += [self._both(table, name, *one) for name, one in sorted(wanted.items())]
                continue
            every = [*there.values(), *wanted.values()]
            self._retyped.update((table, column) for one in every for column in columns_in(one[0]))
            if self._is_postgresql:
                self._first += [self._both(table, name, *one).reverse() for name, one in sorted(there.items())]
                self._last += [self._both(table, name, *one) for name, one in sorted(wanted.items())]
            elif there or wanted:
                self._altered_at_once(table, there, wanted)
        for table in sorted({**self._again, **self._options_changed}):
            self._altered_at_once(table, {}, {})
        for table, name in self._commented:
            sides = [side.get(name) or ("", None) for side in self._constraint_sides(table)]
            said = sides[1][0] or sides[0][0]
            if not any(one == table and said.startswith(word) for one, word in self._keyed):
                self._last.append(execute_both(*[self._said(table, name, one[1]) for one in sides[::-1]]))

    def _altered_at_once(self, table: str, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        """In MySQL, where a column that counts has to be in a key all the time, and no column of a key can be NULL: before all
        else, here and on the way back, unless it needs a column that is not there yet.
        """
        place: Any  # the words, then the list
        pairs = ((there, wanted, self._there, self._first), (wanted, there, self._models.snapshot, self._last))
        again, lines = self._again.pop(table, ()), self._constraint_sides(table)
        options = self._options_changed.pop(table, ("", ""))
        for old, new, side, early in pairs:
            lines, options = lines[::-1], options[::-1]
            changed, after = options_mysql(*options[::-1])
            words = [*changed, *[self._dropped(name, old[name][0]) for name in sorted(old)]]
            for name in sorted(again):
                is_moved = (table, name) in self._moved
                if name in lines[0]:
                    words.append(("ADD COLUMN " if is_moved else "MODIFY ") + lines[0][name][0])
                elif is_moved:
                    words.append("DROP COLUMN " + name)
            words += [self._added(name, new[name][0]) for name in sorted(new)]
            place = self._alter(table)
            made = execute_all([place + ", ".join(words), *[place + one for one in after]], [])
            named = {column for one in new.values() for column in columns_in(one[0])}
            late = self._last if early is self._first else self._first
            place = early if named.issubset({*side["tables"][table]["columns"], *(name.strip("`") for name in again)}) else late
            place = place if there or wanted else self._first
            place.append(made if side is self._there else made.reverse())

    def _both(self, table: str, name: str, definition: str, comment: str | None) -> LinesOp:
        place = self._alter(table)
        words = place + self._added(name, definition), place + self._dropped(name, definition)
        return execute_both(*words, self._said(table, name, comment))

    def _take_apart(self, table: str, column: str) -> None:
        """Drop what a column would take along with it, and make it again."""
        there, wanted = self._constraint_sides(table)
        for name, one in sorted(there.items()):
            if wanted.get(name) == one and name[0] != "`" and re.search(rf"\b{re.escape(column)}\b", one[0]):
                self._last.append(self._both(table, name, *one))
                self._first.append(self._last[-1].reverse())

    def _keys_apart(self) -> None:
        """Drop foreign keys before all else, and make them after all else: those that come or go where a key changes, and those
        that are in the way of a change of `_retyped`, {(table, column)}.

        MySQL changes no type of a column, and drops no primary key and no index, that a foreign key needs. PostgreSQL refuses a
        foreign key between two types that are not alike, and one to what is not unique.
        """
        place: Any
        gone = {qualified(one) for one in self._operations.ops if isinstance(one, ops.DropTableOp)}
        first, last = self._foreign
        dropped, apart, is_in_the_way = set(self._gone), set(), False
        for place in [one for one in self._operations.ops if isinstance(one, ops.ModifyTableOps)]:
            for one in list(place.ops):
                is_dropped = isinstance(one, ops.DropConstraintOp) and one.constraint_type == "foreignkey"
                dropped.update([(qualified(place), one.constraint_name)] if is_dropped else [])
                if (self._lifts or gone) and (is_dropped or isinstance(one, ops.CreateForeignKeyOp)):
                    place.ops.remove(one)
                    (first if is_dropped else last).append(ops.ModifyTableOps(place.table_name, [one], schema=place.schema))
        for table, found in sorted(self._constraints.items()):
            for name, one in sorted(found.items()):
                referring = REFERRING.match(one[0])
                if referring and (table, name) not in dropped:
                    ends = {(table, column) for column in columns_in(one[0])}
                    ends |= {(re.sub('["`]', "", referring.group(1)), column) for column in columns_in(referring.group(2))}
                    if ends.isdisjoint(self._retyped):
                        continue
                    if table in gone:
                        is_in_the_way = True
                    else:
                        apart.add((table, name))
                        last.append(self._both(table, name, *one))
                        first.append(last[-1].reverse())
        both = set(self._there["tables"]).intersection(self._models.snapshot["tables"]) if self._models and self._is_mysql else ()
        for table in sorted(both):
            there, wanted = [execute_all(list(some), []) for some in self._unused(table, apart)]
            first += [there] if there.done else []
            last[:0] = [wanted.reverse()] if wanted.done else []
        place, going = self._going(gone)
        if is_in_the_way:
            first += going
        elif self._models and not self._is_mysql and self._names_again(gone):
            self._first += going
        else:
            self._operations.ops[place:place] = going
        self._first[:0], self._last = first, self._last + last

    def _names_again(self, gone: Collection[str]) -> bool:
        """Whether a new table has an index or a constraint that is called as one of these tables: there can be one in a schema."""
        there, wanted = self._there["tables"], self._models.snapshot["tables"]
        sides = (there, self._constraints, gone), (wanted, self._models.constraints, set(wanted).difference(there))
        names = [
            {name for table in some for name in (*tables[table]["indexes"], *constraints.get(table, ()))}
            for tables, constraints, some in sides
        ]
        return not names[0].isdisjoint(names[1])

    def _going(self, gone: Collection[str]) -> tuple[int, list[Any]]:
        """(the place, what drops these tables), taken out of all else: those that refer to others first.

        Of tables that refer to each other, the keys go before, and come back after them.
        """
        refers: dict[str, dict[str, str]] = {}
        for table in gone:
            found = {name: REFERRING.match(one[0]) for name, one in self._constraints.get(table, {}).items()}
            refers[table] = {name: re.sub('["`]', "", one.group(1)) for name, one in found.items() if one}
        left, ordered = sorted(gone), []
        while left:
            free = [one for one in left if not any(one in refers[other].values() for other in left if other != one)]
            ordered += free or left[:1]
            left = [one for one in left if one not in ordered]
        every = self._operations.ops
        going = [place for place, one in enumerate(every) if getattr(one, "table_name", None) and qualified(one) in gone]
        made = [every.pop(place) for place in going[::-1]][::-1]
        made.sort(key=lambda one: ordered.index(qualified(one)))
        keys = []
        for drop in [one for one in made if isinstance(one, ops.DropTableOp)]:
            table = qualified(drop)
            before = ordered[: ordered.index(table)]
            names = sorted(name for name, other in refers[table].items() if other in before)
            keys += [self._both(table, name, *self._constraints[table][name]).reverse() for name in names]
            parts: Any = drop._reverse
            parts.columns = [one for one in parts.columns if not isinstance(one, ForeignKeyConstraint) or one.name not in names]
        return min(going, default=0), keys + made

    def _unused(self, table: str, apart: Collection[tuple[str, str]]) -> Iterator[list[str]]:
        """For each side the statements that drop the indexes that MySQL has made for foreign keys which are dropped by then.

        They are called as a column is where a key had no name in CREATE TABLE, and as the key is where a revision made it.
        """
        sides = self._constraint_sides(table)
        for side, other, seen in zip(sides, sides[::-1], (self._there, self._models.snapshot)):  # noqa: B905 -- as many
            keys = [one[0] for name, one in side.items() if one not in other.values() or (table, name) in apart]
            columns = [columns_in(one) for one in keys if one.startswith("FOREIGN")]
            changed = [name for name, one in side.items() if other.get(name) != one and one[0].startswith("KEY")]
            names = [name for name in changed if columns_in(side[name][0]) in columns]
            columns = [columns_in(side[name][0]) for name in names]
            of_keys = {name for name, one in side.items() if one[0].startswith("FOREIGN") and columns_in(one[0]) in columns}
            if_ = "IF EXISTS " if self._is_mariadb else ""
            every = {name[4:] for name in names if if_ or side is sides[0]}
            every |= of_keys.difference(other) if if_ or not every else set()
            place = f"{self._alter(table)}DROP INDEX {if_}"
            yield [place + self._quoted_one(name) for name in sorted(every.difference(seen["tables"][table]["indexes"]))]

    def _comments(self, table: str) -> None:
        """What says them of a new table, or again of one that was dropped, whose constraints SQLAlchemy has not read as a whole."""
        there, wanted = self._constraint_sides(table)
        found, place = sorted((there or wanted).items()), self._alter(table)
        partly = [
            (name, one[0]) for name, one in found if there and self._is_postgresql and one[0][0] != "P" and not PLAIN.match(one[0])
        ]
        words = [place + f"DROP CONSTRAINT IF EXISTS {self._quoted_one(name)}, {self._added(name, said)}" for name, said in partly]
        made = execute_all(words + [self._said(table, name, comment) for name, (_, comment) in found if comment], [])
        (self._first if there else self._last).append(made.reverse() if there else made)

    def _said(self, table: str, name: str, comment: str | None) -> str:
        words = "COMMENT ON CONSTRAINT {} ON {} IS {}"
        return words.format(self._quoted_one(name), self._quoted(table), literal(comment) if comment else "NULL")

    def _leave_to_alembic(self, table: str, there: dict[str, Any], wanted: dict[str, Any]) -> None:
        """Take out what an operation of Alembic's drops or creates, or such an operation that has not the words for it."""
        for place in [one for one in self._operations.ops if is_change(one, table)]:
            for one in list(place.ops):
                side = there if isinstance(one, ops.DropConstraintOp) else wanted if isinstance(one, CREATED) else {}
                name = getattr(one, "constraint_name", None)
                if name not in side and side is wanted:  # it has none, or one that SQLAlchemy cuts
                    name = next((other for other in side if columns_in(side[other][0]) == columns_of(one)), None)
                    if name and name not in self._constraints.get(table, {}):
                        one.constraint_name, one._orig_constraint = conv(name), None
                if name in side and PLAIN.match(side[name][0]) and not side[name][1]:
                    del side[name]
                elif name in side:
                    place.ops.remove(one)

    def _added(self, name: str, definition: str) -> str:
        quoted, key = self._quoted_one(re.sub("^KEY ", "", name)), re.match("(?!FOREIGN)[A-Z ]*KEY", definition)
        if self._is_postgresql or not key:
            return f"ADD CONSTRAINT {quoted} {with_lists(definition)}"
        return "ADD " + (definition if name == "PRIMARY" else definition.replace("KEY", "KEY " + quoted, 1))

    def _dropped(self, name: str, definition: str) -> str:
        word = "CONSTRAINT"
        if not self._is_postgresql:
            words = {"PRIMARY": "PRIMARY KEY", "CHECK": word, "FOREIGN": "FOREIGN KEY"}
            word = words.get(definition.partition(" ")[0], "INDEX")
        return "DROP " + (word if word == "PRIMARY KEY" else word + " " + self._quoted_one(re.sub("^KEY ", "", name)))


def columns_in(definition: str) -> list[str]:
    """The columns in the first brackets of a definition."""
    return [part.strip(' "`') for part in re.search(r"\((.*?)\)|$", definition).group(1).split(",")]  # type: ignore[union-attr]
