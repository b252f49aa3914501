"""Put into a revision what Alembic does not compare, so that it builds what `create_all()` of the models builds.

Alembic proposes tables, columns, types, keys and indexes. This compares what the server says of the models with what it says of
the database, and adds the rest to the operations of Alembic:

    CHECK and EXCLUDE constraints       created, dropped, or both where the condition changed
    server defaults, identities         op.alter_column(..., server_default=...)
    types and collations                op.alter_column(..., type_=...)
    computed columns                    dropped and added again; the server computes their values anew
    types without a cast                op.alter_column(..., postgresql_using=...)
    options of indexes and of unique    dropped and created again
    primary keys                        dropped and created again
    options of tables                   ALTER TABLE
    domains and sequences               CREATE DOMAIN, CREATE SEQUENCE
    foreign keys with use_alter         created after all tables

What no operation can express is returned as lines, to be written by hand.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, MetaData
from sqlalchemy.sql.elements import conv

from ..base.paths import source_bytes
from ..schema import differences, snapshot
from ..schema.sqlite_statement import Statement
from ..server.connecting import literal, literal_for, query
from . import check_constraints, constraint_changes
from .alter_words import options_mysql, options_postgresql, renumbered
from .column_operations import alteration, copied, is_on_column, plain
from .constraint_changes import ConstraintChanges, columns_in
from .constraint_names import shortened
from .equal_sides import leave_what_is_equal
from .extra_operations import LinesOp, execute_all, execute_both, is_change, merged, qualified
from .index_changes import IndexChanges
from .late_foreign_keys import late_foreign_keys
from .renamed_constraints import RenamedConstraints
from .rendering import plain_dialect
from .type_casts import CastOp, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Table

    from ..base.types import ConnectedContext, Difference, Snapshot
    from ..project.targets import Bind


TEXTUAL = re.compile(r"`(?:[^`]|``)+` (?:(?:var)?char|tinytext|text|mediumtext|longtext|enum|set)\b")
SERIALS = {"SMALLINT": "SMALLSERIAL", "INTEGER": "SERIAL", "BIGINT": "BIGSERIAL"}
UNREAD = re.compile(r"\b(COLLATE|AUTOINCREMENT|CHECK|CONFLICT|GENERATED|AS *(?=\()|STRICT|WITHOUT)", re.I)


def complete(context: ConnectedContext, binds: Sequence[Bind], models: Any, upgrade_ops: Any) -> list[str]:
    """Add to `upgrade_ops` what is missing, and return what cannot be written, as lines; `models` is a ModelsSchema."""
    return Completion(context, binds, models, upgrade_ops).run()


def counts(column: Mapping[str, Any]) -> str:
    """How a column of PostgreSQL counts by itself."""
    return "identity" if column.get("identity") else "serial" if column.get("autoincrement") else ""


def is_unread(operation: Any, statements: Mapping[str, str]) -> bool:
    """Whether it drops a table or a column of SQLite of which these statements say what SQLAlchemy does not read."""
    if isinstance(operation, ops.DropTableOp):
        return bool(UNREAD.search(statements[operation.table_name]))
    gone = {one.column_name for one in getattr(operation, "ops", ()) if isinstance(one, ops.DropColumnOp)}
    columns = Statement(statements[operation.table_name]).columns if gone else {}
    return any(UNREAD.search(" ".join(clause)) for name in gone for clause in columns[name])


class Completion(IndexChanges, RenamedConstraints, ConstraintChanges):
    """The work on one comparison."""

    def __init__(self, context: ConnectedContext, binds: Sequence[Bind], models: Any, upgrade_ops: Any) -> None:
        self._connection, self._dialect = context.connection, plain_dialect(context.dialect)
        self._is_sqlite, self._is_postgresql = [context.dialect.name == one for one in ("sqlite", "postgresql")]
        self._is_mysql = not self._is_sqlite and not self._is_postgresql
        self._is_mariadb = getattr(context.dialect, "is_mariadb", False)
        self._models, self._operations, self._script = models, upgrade_ops, context.opts["script"]
        default = context.dialect.default_schema_name
        self._tables = {}
        for bind in binds:
            for table in bind.tables():
                schema = None if table.schema == default else table.schema
                self._tables[(schema + "." if schema else "") + table.name] = table
        schemas = sorted({table.schema for table in self._tables.values() if table.schema})
        self._there = snapshot.take(context.connection, schemas=schemas)
        self._rebuilt: set[str]
        self._said_checks: set[Any]
        self._options_changed, self._retyped, self._rebuilt, self._said_checks = {}, set(), set(), set()
        self._keyed, self._commented, self._gone, self._foreign = set(), [], set(), [[], []]
        self._moved = set()
        self._again = {}  # the columns of MySQL whose whole definition is said again
        self._constraints = constraint_changes.read(self._connection, self._there["tables"])
        self._names_there = check_constraints.names_of(self._connection, self._there["tables"], self._constraints)
        self._statements = check_constraints.statements(self._connection)
        self.left: list[str]
        self._first, self._last, self.left, self._renamed = [], [], [], []

    def run(self) -> list[str]:
        leave_what_is_equal(self._operations, self._models.snapshot, self._there)
        found = differences.compare(self._models.snapshot, self._there)
        changed = {item["table"] for item in found if item["what"] in ("primary key", "unique", "index")}
        late_foreign_keys(self._operations, self._dialect, changed)
        for item in found:
            write = getattr(self, "_" + item["what"].replace(" ", "_"))
            if (not item["table"] or item["table"] in self._there["tables"] and item["table"] in self._tables) and not write(item):
                self.left += differences.lines([item])
        for one in self._operations.ops:
            if isinstance(one, ops.CreateTableOp) and qualified(one) in self._tables:
                self._create_indexes(self._tables[qualified(one)])
                self._number_keys(one)
            if isinstance(one, (ops.CreateTableOp, ops.DropTableOp)):
                self._comments(qualified(one))
            if isinstance(one, ops.DropTableOp):
                facts = self._there["tables"][qualified(one)]
                self._checks_again(qualified(one), facts["columns"])
                one.prefixes = ["UNLOGGED"] * ("UNLOGGED" in facts.get("options", ""))
                one.table_kw["postgresql_partition_by"] = facts.get("partition_by")
                for name, index in facts["indexes"].items() if self._is_sqlite else ():  # of which SQLAlchemy does not read all
                    self._index({"table": one.table_name, "name": name, "kind": "extra", "actual": index["definition"]})
        self._set_checks_apart()
        self._rename_constraints()
        self._write_constraints()
        self._unused_objects()
        self._rebuild_tables()
        self.set_keys_apart()
        return self.left

    def set_keys_apart(self) -> None:
        """What is left where the models were not built anywhere; else the last of the work."""
        for table in self._there["tables"]:
            for one in self._of_table(table):
                if isinstance(one, ops.AlterColumnOp) and one.modify_type is not None:
                    self._retyped.add((table, one.column_name))
                if isinstance(one, (ops.CreateIndexOp, ops.DropIndexOp)) and self._is_mysql:
                    # which keeps an index while a foreign key needs it
                    self._retyped.update((table, column.name) for column in list(one.to_index().columns)[:1])
        self._lifts = self._is_mysql or self._retyped or any(word != "FOREIGN KEY" for _, word in self._keyed)
        self._keys_apart()
        self._operations.ops[:] = merged(self._renamed + self._first + self._operations.ops + self._last)

    # one method for each kind of difference: True where an operation does it, Alembic's or ours

    def _table(self, item: Difference) -> bool:
        return True  # Alembic's

    _view = _comment = _table

    def _enum(self, item: Difference) -> Any:
        return sorted(item["expected"].split(", ")) != sorted(item["actual"].split(", "))  # in another order it is to be made anew

    def _partitioning(self, item: Difference) -> bool:
        return False

    def _check(self, item: Difference) -> Any:
        table = item["table"]
        said = self._models.snapshot["tables"][table]["checks"] + self._there["tables"][table]["checks"]
        if said.count(item["expected"] or item["actual"]) > 1 and self._rebuild(table):  # under two names
            return True
        is_new = item["kind"] == "missing"
        sides = (self._models.check_names, self._names_there)[:: 1 if is_new else -1]
        name, text = self._check_apart(sides, table, item["expected"] or item["actual"])
        if is_new and self._comes_with_a_column(table, name, text):
            return True
        if name is None:
            return self._rebuild(table)
        if not self._is_whole(table, is_new, name):
            condition = is_new and check_constraints.condition_of(self._tables[table], name, self._dialect) or text
            made = check_constraints.create(table, name, condition, self._dialect)
            (self._last if is_new else self._first).append(made if is_new else made.reverse())
        return True

    def _check_apart(self, sides: Iterable[Mapping[Any, Any]], table: str, condition: str) -> Any:
        """(the name, the condition as it is) of such a CHECK that only the first side has; of several, another one each time."""
        found, others = (side.get((table, condition), ()) for side in sides)
        said = {(table, name) for name, _ in others} | self._said_checks
        result = min(found, key=lambda one: (table, one[0]) in said, default=(None, ""))
        self._said_checks.add((table, result[0]))
        return result

    def _is_whole(self, table: str, side: int, name: str) -> Any:
        """Whether it is an EXCLUDE, or has a comment: it is written with that."""
        definition, comment = self._constraint_sides(table)[side].get(name, ("", None))
        is_whole = comment or definition.startswith("EXCLUDE")
        self._keyed.update([(table, definition.split(" ")[0])] if is_whole else [])
        return is_whole

    def _comes_with_a_column(self, table: str, name: str | None, text: str) -> bool:
        """Whether an added column brings it: under its own name, or under the one that the server gives it."""
        said = name and self._quoted_one(name)
        for column in [one.column for one in self._of_table(table) if isinstance(one, ops.AddColumnOp)]:
            checks: list[Any] = [one for one in column.constraints if isinstance(one, CheckConstraint)]
            # a Boolean or an Enum brings its own, whose name may be made by a convention
            bound: list[Any] = [one for one in self._tables[table].constraints if getattr(one, "_type_bound", False)]
            checks += [one for one in bound if column.key in one.columns]
            names = [one.name and self._dialect.identifier_preparer.format_constraint(one) for one in checks]
            if name and None in names:
                names += map(self._quoted_one, ("{}_{}_check".format(table.rpartition(".")[2], column.name), column.name))
                names += [said] * (column.name in text and name.startswith("CONSTRAINT_"))
            if said in names:
                return True
        return False

    def _number_keys(self, operation: Any) -> None:
        """Let foreign keys have the names that MySQL numbers in the order of the models: Alembic writes them in another one."""
        found, every = self._models.constraints.get(qualified(operation), {}), operation.columns
        said = {tuple(columns_in(one[0])): name for name, one in found.items() if one[0].startswith("FOREIGN")}
        nameless = [at for at, one in enumerate(every) if isinstance(one, ForeignKeyConstraint) and one.name is None]
        keys = {at: tuple(column.name for column in every[at].columns) for at in nameless}
        names = [said.get(one, "") for one in sorted(keys.values())]
        if self._is_mysql and "" not in names and names != sorted(names):
            for at, columns in keys.items():
                every[at] = copied(every[at])
                every[at].name = conv(said[columns])

    def _set_checks_apart(self) -> None:
        """Let no new type of a column bring a CHECK: it is one of those that are compared."""
        for one in [one for place in self._operations.ops for one in getattr(place, "ops", ())]:
            if getattr(getattr(one, "modify_type", None), "create_constraint", False):
                one.modify_type = copy.copy(one.modify_type)
                one.modify_type.create_constraint = False

    def _checks_again(self, table: str, dropped: Iterable[str]) -> None:
        """On the way back let these columns of MySQL have the CHECKs inside of them again, which SQLAlchemy does not read."""
        for name in [one for one in dropped if self._there["tables"][table]["columns"][one].get("check")]:
            line = self._constraints.get(table, {}).get(f"`{name}`")
            self._first += [execute_all([], [f"{self._alter(table)}MODIFY {line[0]}"])] if line else []

    def _column(self, item: Difference) -> Any:
        table, name, is_gone = item["table"], item["name"], item["kind"] == "extra"
        side = self._there if is_gone else self._models.snapshot
        if item["kind"] != "changed":
            facts = side["tables"][table]["columns"][name]
            is_key = not is_gone and facts["type"] == "INTEGER" and side["tables"][table]["primary_key"] == [name]
            if is_key if self._is_sqlite else facts.get("autoincrement"):
                self._counting_column(table, name, facts, is_gone)
            self._checks_again(table, [name] * is_gone)
            return True
        wanted, there = (side["tables"][table]["columns"][name] for side in (self._models.snapshot, self._there))
        changed = {fact for fact in set(wanted) | set(there) if wanted.get(fact) != there.get(fact)}
        column = next(one for one in self._tables[table].columns if one.name == name)
        if "computed" in changed or wanted.get("computed") and "type" in changed and not self._is_postgresql:
            return self._computed_anew(table, column)
        keys = [name in one["tables"][table]["primary_key"] for one in (self._models.snapshot, self._there)]
        is_whole = "autoincrement" in changed or wanted.get("check") or there.get("check") or "nullable" in changed and any(keys)
        if self._is_mysql and is_whole:
            self._without(table, name)
            self._again.setdefault(table, set()).add(f"`{name}`")
            return True
        is_counted = self._is_postgresql and counts(wanted) != counts(there)
        if self._is_postgresql:
            self._counting(table, name, wanted, there, changed)
        known = next((one for one in self._of_table(table) if is_on_column(one, name)), None)
        altered = known or alteration(self._tables[table], self._reflected(table).columns[name])
        if is_counted:
            altered.existing_server_default = altered.modify_server_default = False
        altered.modify_nullable = wanted["nullable"] if "nullable" in changed else None
        altered.existing_nullable = there["nullable"]
        if changed & {"default", "identity", "numbering"} and altered.modify_server_default is False:
            altered.modify_server_default = None if counts(wanted) else column.server_default
            if altered.existing_server_default in (False, None):
                altered.existing_server_default = None if counts(there) else self._reflected(table).columns[name].server_default
        if changed & {"type", "collation"} and altered.modify_type is None:
            altered.modify_type = column.type
        if altered.modify_type is not None:
            if there.get("collation"):
                self._rebuild(table)
            if self._is_postgresql:
                cast(altered, self._connection, (there["type"], wanted["type"]), column.server_default)
            if self._is_mysql or isinstance(altered, CastOp):
                self._retyped.add((table, name))
        self._without(table, name)
        if altered.has_changes():
            self._modify(table).ops.append(altered)
        is_default = "default" in changed and wanted["default"] is None and there["default"] is None
        return (
            changed <= {"nullable", "comment", "type", "default", "identity", "numbering", "collation"}
            and not is_default
            or self._rebuild(table)
        )

    def _counting_column(self, table: str, name: str, facts: Mapping[str, Any], is_gone: bool) -> None:
        """Let a column that counts by itself come, or go: the rows that are there get numbers in the same statement."""
        self._without(table, name, ops.AddColumnOp, ops.DropColumnOp)
        place, quoted, every = self._alter(table), self._quoted_one(name), self._operations.ops
        self._moved.add((table, f"`{name}`"))
        if self._is_mysql:  # where it has to be a key in that statement
            self._again.setdefault(table, set()).add(f"`{name}`")
        if not self._is_postgresql:
            return
        words = f"{place}ADD COLUMN {quoted} {SERIALS[facts['type']]}" + f", ALTER {quoted} DROP NOT NULL" * facts["nullable"]
        said = f"COMMENT ON COLUMN {self._quoted(table)}.{quoted} IS {literal(facts['comment'])}" if facts.get("comment") else ""
        made = execute_both(words, f"{place}DROP COLUMN {quoted}", said)
        every.insert(len(every) if is_gone else 0, made.reverse() if is_gone else made)

    def _counting(self, table: str, name: str, wanted: Any, there: Any, changed: set[str]) -> None:
        """Let a column of PostgreSQL count by itself as the models have it; takes what this does out of `changed`."""
        place = f"{self._alter(table)}ALTER COLUMN {self._quoted_one(name)} "
        both: Any
        sides, numbering = (there, wanted), [side.get("numbering", "") for side in (there, wanted)]
        if counts(wanted) != counts(there):
            both = execute_all(*[self._counted(table, name, *pair) for pair in (sides, sides[::-1])])
            (self._last if counts(wanted) else self._first).append(both)
            changed -= {"autoincrement"}
        elif "identity" in changed:
            self._last.append(execute_both(*[place + "SET GENERATED " + side["identity"] for side in sides[::-1]]))
        if counts(wanted) == counts(there) == "identity" and "numbering" in changed:
            sequence = self._sequence_of(table, name)
            both = [renumbered(sequence, place, "SET ", *some) for some in (numbering, numbering[::-1])]
            self._last.append(execute_all(*both))
        changed -= {"identity", "numbering"}
        if counts(wanted) == counts(there) == "serial" and {wanted["type"], there["type"]} <= set(SERIALS) and "type" in changed:
            words = f"ALTER SEQUENCE {self._sequence_of(table, name)} AS "
            self._last.append(execute_both(*[words + side["type"] for side in sides[::-1]]))

    def _counted(self, table: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
        """The statements that let a column of PostgreSQL count by itself as `new` does; the next number stays what it is."""
        there, place = self._quoted(table), f"{self._alter(table)}ALTER COLUMN {self._quoted_one(name)} "
        schema, _, bare = table.rpartition(".")
        prefix = self._quoted_one(schema) + "." if schema else ""
        usual, temporary = self._quoted_one(shortened(bare, name, "seq", 63)), "_alembic_tmp_seq"
        sequence = old and self._sequence_of(table, name) or prefix + usual
        own = f"pg_get_serial_sequence({literal(there)}, {literal(name)})"
        number = "SELECT setval({}, last_value, is_called) FROM {}"
        highest = f"SELECT setval({own}, max({self._quoted_one(name)})) FROM {there} HAVING max({self._quoted_one(name)}) > 0"
        how = " ({})".format(new["numbering"]) if new.get("numbering") else ""
        is_unlogged = "UNLOGGED" in self._there["tables"][table].get("options", "")
        kind = "UNLOGGED " * (is_unlogged and self._connection.dialect.server_version_info >= (15,))  # type: ignore[operator]  # it has said it
        make = "CREATE %sSEQUENCE {} AS %s OWNED BY %s.%s" % (kind, new["type"], there, self._quoted_one(name))
        identity = place + "ADD GENERATED {} AS IDENTITY{}".format(new.get("identity"), how)
        move = [f"ALTER SEQUENCE {sequence} " + words for words in ("OWNED BY NONE", "RENAME TO " + temporary)]
        keep = prefix + temporary
        default = place + f"SET DEFAULT nextval({literal(prefix + usual)})"
        again = [make.format(keep), number.format(literal(keep), sequence), place + "DROP IDENTITY"]
        return {
            ("", "serial"): [make.format(sequence), highest, default],
            ("", "identity"): [identity, highest],
            ("serial", ""): [place + "DROP DEFAULT", "DROP SEQUENCE " + sequence],
            ("identity", ""): [place + "DROP IDENTITY"],
            ("serial", "identity"): [place + "DROP DEFAULT", *move, identity, number.format(own, keep), "DROP SEQUENCE " + keep],
            ("identity", "serial"): [*again, f"ALTER SEQUENCE {keep} RENAME TO {usual}", default],
        }[counts(old), counts(new)]

    def _sequence_of(self, table: str, column: str) -> Any:
        names = (literal_for(self._connection, one) for one in (self._quoted(table), column))
        return query(self._connection, "SELECT pg_get_serial_sequence({}, {})".format(*names))[0][0]

    def _computed_anew(self, table: str, column: Any) -> Any:
        """Drop a computed column and add it again, as the model has it now."""
        place = self._without(table, column.name)
        if self._is_sqlite:
            return self._rebuild(table)
        old = self._reflected(table).columns[column.name]
        schema = self._tables[table].schema
        dropped = ops.DropColumnOp.from_column_and_tablename(schema, self._tables[table].name, old)
        added = ops.AddColumnOp.from_column_and_tablename(schema, self._tables[table].name, plain(column))
        # of MySQL they are taken apart with the constraints
        every = self._tables[table].indexes if self._is_postgresql else ()
        sides = [side["tables"][table]["indexes"] for side in (self._there, self._models.snapshot)]
        indexes = [one for one in every if column.name in one.columns and sides[0].get(one.name) == sides[1][one.name]]
        place.ops += map(ops.DropIndexOp.from_index, indexes)
        place.ops += [dropped, added, *map(ops.CreateIndexOp.from_index, indexes)]
        self._take_apart(table, column.name)
        return True

    def _options(self, item: Difference) -> bool:
        """`item` has the options of a table as a snapshot has them."""
        if self._rebuild(item["table"]):
            return True
        there, wanted, table = item["actual"], item["expected"], item["table"]
        if self._is_mysql:
            lines = self._constraint_sides(table)[0]
            self._options_changed[table] = there, wanted
            if "CHARSET" in "".join(options_mysql(there, wanted)[0]):  # which is that of new columns only
                self._again.setdefault(table, set()).update(name for name, one in lines.items() if TEXTUAL.match(one[0]))
            self._retyped.update((table, name) for name in self._there["tables"][table]["columns"])
            return True
        place = self._alter(table)
        both = [[place + words for words in options_postgresql(*pair)] for pair in ((there, wanted), (wanted, there))]
        self._last.append(execute_all(*both))
        return True

    def _rebuild(self, table: str) -> Any:
        """Whether the server is SQLite, where a table can be made anew with the statement of the models."""
        self._rebuilt.update([table] if self._is_sqlite else [])
        return self._is_sqlite

    def _rebuild_tables(self) -> None:
        """Make them anew after all else; on the way back as they were, after all else, too.

        So are those that lose what SQLAlchemy cannot read. Rows are copied; triggers and indexes stay (see sqlite_rebuild).
        """
        there = self._statements
        losing = {qualified(one) for one in self._operations.ops if there and is_unread(one, there)}
        for table in sorted(self._rebuilt | losing):
            self._first.insert(0, LinesOp([], self._rebuilding(table, there, self._there)))
        for table in sorted(self._rebuilt):
            self._last.append(LinesOp(self._rebuilding(table, self._models.statements, self._models.snapshot), []))

    def _rebuilding(self, table: str, statements: Mapping[str, str], snapshot_: Snapshot) -> list[str]:
        facts = snapshot_["tables"][table]["columns"]
        copied = [name for name in facts if not facts[name].get("computed") and (table, f"`{name}`") not in self._moved]
        columns = ", ".join(map(self._quoted_one, copied))
        new, old = self._quoted("_alembic_tmp_" + table), self._quoted(table)
        body = statements[table][statements[table].index("(") :]
        return [
            line
            for statement in (
                f"CREATE TABLE {new} {body}",
                f"INSERT INTO {new} ({columns}) SELECT {columns} FROM {old}",
                "DROP TABLE " + old,
                f"ALTER TABLE {new} RENAME TO {old}",
            )
            for line in execute_both(statement, "").done
        ]

    def _sequence(self, item: Difference) -> bool:
        if self._own_object(item):
            return True
        both, name = [], self._quoted(item["name"])
        for old, new in ((item["actual"], item["expected"]), (item["expected"], item["actual"])):
            if not self._is_postgresql:
                least = re.search(r"minvalue (\S+)", new).group(1)  # type: ignore[union-attr]  # as the server prints it
                both.append([f"DO SETVAL({name}, {least}, 0)", f"ALTER SEQUENCE {name} {new}"])
                continue
            type_ = f"AS {new.split()[1]} " if old.split()[1] != new.split()[1] else ""
            both.append(renumbered(name, f"ALTER SEQUENCE {name} {type_}", "", old, new))
        self._last.append(execute_all(*both))
        return True

    def _own_object(self, item: Difference) -> Any:
        """Let there be a domain or a sequence that is missing, before all else."""
        if item["kind"] == "missing":
            self._first.append(self._object(item["what"], item["name"], item["expected"]))
        return item["kind"] == "missing"

    _domain = _own_object

    def _object(self, what: str, name: str, words: Any) -> LinesOp:
        words = ["DOMAIN", self._quoted(name), "AS " + words] if what == "domain" else ["SEQUENCE", self._quoted(name), words]
        return execute_both("CREATE " + " ".join(words), "DROP " + " ".join(words[:2]))

    def _unused_objects(self) -> None:
        """Drop those that revisions have made and no model has any more."""
        for what in ("domain", "sequence"):
            there, wanted = (side.get(what + "s", {}) for side in (self._there, self._models.snapshot))
            for name in sorted(set(there) - set(wanted)):
                made, text = self._object(what, name, there[name]), f"CREATE {what.upper()} {self._quoted(name)} "
                if any(text.encode() in source_bytes(revision.path) for revision in self._script.walk_revisions()):
                    self._last.append(made.reverse())

    # what the methods above work on

    def _of_table(self, table: str) -> list[Any]:
        """The operations on one table."""
        return [part for one in self._operations.ops if is_change(one, table) for part in one.ops]

    def _modify(self, table: str) -> Any:
        """Where the operations on one table are collected."""
        for one in self._operations.ops:
            if is_change(one, table):
                return one
        made = ops.ModifyTableOps(self._tables[table].name, [], schema=self._tables[table].schema)
        self._operations.ops.append(made)
        return made

    def _without(self, table: str, column: str, *kinds: type[Any]) -> Any:
        """The same without what Alembic alters of a column, or does of these kinds."""
        place = self._modify(table)
        place.ops[:] = [one for one in place.ops if not is_on_column(one, column, kinds or ops.AlterColumnOp)]
        return place

    def _reflected(self, table: str) -> Table:
        """The table as the database has it."""
        metadata, model = MetaData(), self._tables[table]
        metadata.reflect(self._connection, schema=model.schema, only=[model.name])
        return next(one for one in metadata.tables.values() if (one.name, one.schema) == (model.name, model.schema))

    def _alter(self, table: str) -> str:
        return f"ALTER TABLE {self._quoted(table)} "

    def _quoted(self, name: str) -> str:
        return ".".join(self._quoted_one(part) for part in name.split("."))

    def _quoted_one(self, name: str) -> Any:
        return self._dialect.identifier_preparer.quote(name)
