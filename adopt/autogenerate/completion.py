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

from alembic.operations import ops
from sqlalchemy import CheckConstraint, MetaData

from ..schema import differences, snapshot
from ..server.connecting import literal, query
from . import check_constraints, constraint_changes, table_charsets
from .alter_words import options_postgresql, renumbered
from .column_operations import alteration, is_alteration, plain
from .constraint_changes import ConstraintChanges
from .equal_sides import leave_what_is_equal
from .extra_operations import LinesOp, execute_all, execute_both, merged, qualified
from .index_changes import IndexChanges
from .late_foreign_keys import late_foreign_keys
from .rendering import plain_dialect
from .type_casts import CastOp, cast

INTEGERS = {"SMALLINT", "INTEGER", "BIGINT"}
ALTERED = ("type", "default", "identity", "numbering", "collation")


def complete(context, binds, models, upgrade_ops):
    """Add to `upgrade_ops` what is missing, and return what cannot be written, as lines; `models` is a ModelsSchema."""
    completion = Completion(context, binds, models, upgrade_ops)
    completion.run()
    return completion.left


class Completion(IndexChanges, ConstraintChanges):
    """The work on one comparison."""

    def __init__(self, context, binds, models, upgrade_ops):
        self._connection, self._dialect = context.connection, plain_dialect(context.dialect)
        self._models, self._operations, self._script = models, upgrade_ops, context.opts["script"]
        default = context.dialect.default_schema_name
        self._tables = {}
        for bind in binds:
            for table in bind.tables():
                schema = None if table.schema == default else table.schema
                self._tables[(schema + "." if schema else "") + table.name] = table
        schemas = sorted({table.schema for table in self._tables.values() if table.schema})
        self._there = snapshot.take(context.connection, schemas=schemas)
        self._options_changed, self._retyped, self._rebuilt = {}, set(), set()
        self._keyed, self._commented, self._gone = set(), [], set()
        self._constraints = constraint_changes.read(self._connection, self._there["tables"])
        self._names_there = check_constraints.names_of(self._connection, self._there["tables"], self._constraints)
        self._first, self._last, self.left = [], [], []

    def run(self):
        late_foreign_keys(self._operations, self._dialect)
        leave_what_is_equal(self._operations, self._models.snapshot, self._there)
        found = differences.compare(self._models.snapshot, self._there)
        for item in found:
            write = getattr(self, "_" + item["what"].replace(" ", "_"), None)
            is_both = item["table"] in self._there["tables"] and item["table"] in self._tables
            if write is not None and (is_both or not item["table"]) and not write(item):
                self.left.append(differences.lines([item])[0])
        for one in self._operations.ops:
            if isinstance(one, ops.CreateTableOp) and qualified(one) in self._tables:
                self._create_indexes(self._tables[qualified(one)])
            if isinstance(one, (ops.CreateTableOp, ops.DropTableOp)):
                self._comments(qualified(one))
        self._write_constraints()
        self._unused_objects()
        if self._options_changed:
            self._first += table_charsets.operations(self._connection, self._options_changed)
        if self._dialect.name in ("mysql", "mariadb"):
            self._retyped.update(self._indexed())
        if self._retyped:
            self._keys_apart()
        self._rebuild_tables()
        self._operations.ops[:] = merged(self._first + self._operations.ops + self._last)

    # one method for each kind of difference: True where an operation does it, Alembic's or ours

    def _table(self, item):
        return True  # Alembic's

    _view = _comment = _table

    def _enum(self, item):
        return sorted(item["expected"].split(", ")) != sorted(item["actual"].split(", "))  # in another order it is to be made anew

    def _partitioning(self, item):
        return False

    def _check(self, item):
        table = item["table"]
        if item["kind"] == "missing":
            name = self._models.check_names.get((table, item["expected"]))
            if self._comes_with_a_column(table, name):
                return True
            if name is None:
                return self._rebuild(table)
            if self._is_whole(table, 1, name):
                return True
            condition = check_constraints.condition_of(self._tables[table], name, self._dialect) or item["expected"]
            done = check_constraints.create(table, name, condition, self._dialect)
            self._last.append(LinesOp(done, check_constraints.drop(table, name, self._dialect)))
            return True
        name = self._names_there.get((table, item["actual"]))
        if name is None:
            return self._rebuild(table)
        if self._is_whole(table, 0, name):
            return True
        done = check_constraints.drop(table, name, self._dialect)
        self._first.append(LinesOp(done, check_constraints.create(table, name, item["actual"], self._dialect)))
        return True

    def _is_whole(self, table, side, name):
        """Whether it is an EXCLUDE, or has a comment: it is written with that."""
        definition, comment = self._constraint_sides(table)[side].get(name, ("", None))
        is_whole = comment or definition.startswith("EXCLUDE")
        self._keyed.update([(table, definition.split(" ")[0])] if is_whole else [])
        return is_whole

    def _comes_with_a_column(self, table, name):
        """Whether an added column brings it: under its own name, or under the one that the server gives it."""
        for column in [one.column for one in self._of_table(table) if isinstance(one, ops.AddColumnOp)]:
            checks = [one for one in column.constraints if isinstance(one, CheckConstraint)]
            type_ = getattr(column.type, "impl", column.type)  # which brings its own where it is a Boolean or an Enum
            checks += [type_] if getattr(type_, "create_constraint", False) else []
            names = [str(one.name or None) for one in checks]
            names += ["{}_{}_check".format(table.rpartition(".")[2], column.name), str(column.name)] * ("None" in names)
            if str(name) in names:
                return True
        return False

    def _column(self, item):
        if item["kind"] != "changed":
            return True
        table, name = item["table"], item["name"]
        wanted, there = (side["tables"][table]["columns"][name] for side in (self._models.snapshot, self._there))
        changed = {fact for fact in set(wanted) | set(there) if wanted.get(fact) != there.get(fact)}
        column = next(one for one in self._tables[table].columns if one.name == name)
        is_mysql = self._dialect.name in ("mysql", "mariadb")
        if "computed" in changed or wanted.get("computed") and "type" in changed and self._dialect.name != "postgresql":
            return self._computed_anew(table, column)
        if wanted.get("identity") and there.get("identity") and changed & {"identity", "numbering"}:
            place = f"ALTER TABLE {self._quoted(table)} ALTER COLUMN {self._quoted_one(name)} "
            if "identity" in changed:
                self._last.append(execute_both(*[place + "SET GENERATED " + side["identity"] for side in (wanted, there)]))
            if "numbering" in changed:
                said = [side.get("numbering", "") for side in (there, wanted)]
                both = [renumbered(self._sequence_of(table, name), place, "SET ", *some) for some in (said, said[::-1])]
                self._last.append(execute_all(*both))
            changed -= {"identity", "numbering"}
        if "identity" in changed and "autoincrement" not in changed:
            self._identity(table, name, wanted, there)
            changed -= {"identity", "numbering"}
        is_serial = self._dialect.name == "postgresql" and wanted.get("autoincrement") and there.get("autoincrement")
        if is_serial and {wanted["type"], there["type"]} <= INTEGERS and "type" in changed:
            words = f"ALTER SEQUENCE {self._sequence_of(table, name)} AS "
            self._last.append(execute_both(*[words + side["type"] for side in (wanted, there)]))
        known = next((one for one in self._of_table(table) if is_alteration(one, name)), None)
        operation = known or alteration(self._tables[table], self._reflected(table).columns[name])
        if "nullable" in changed and operation.modify_nullable is None:
            operation.modify_nullable = wanted["nullable"]
        if changed & {"default", "identity", "numbering"} and operation.modify_server_default is False:
            operation.modify_server_default = column.server_default
            if operation.existing_server_default in (False, None):
                operation.existing_server_default = self._reflected(table).columns[name].server_default
        if changed & {"type", "collation"} and operation.modify_type is None:
            operation.modify_type = column.type
        if operation.modify_type is not None:
            if there.get("collation"):
                self._rebuild(table)
            if self._dialect.name == "postgresql":
                cast(operation, self._connection, (there["type"], wanted["type"]), column.server_default)
            if is_mysql or isinstance(operation, CastOp):
                self._retyped.add((table, name))
        if known is None and operation.has_changes():
            self._modify(table).ops.append(operation)
        is_default = "default" in changed and wanted["default"] is None and there["default"] is None
        return changed <= {"nullable", "comment", *ALTERED} and not is_default or self._rebuild(table)

    def _identity(self, table, name, wanted, there):
        """Let a column count by itself, or no more; it can while it is NOT NULL."""
        place = f"ALTER TABLE {self._quoted(table)} ALTER COLUMN {self._quoted(name)} "
        for side in (wanted, there):
            if side.get("identity"):
                how = " ({})".format(side["numbering"]) if side.get("numbering") else ""
                words = "ADD GENERATED {} AS IDENTITY{}".format(side["identity"], how)
                both = execute_both(place + words, place + "DROP IDENTITY")
                (self._last if side is wanted else self._first).append(both if side is wanted else both.reverse())

    def _sequence_of(self, table, column):
        said = f"SELECT pg_get_serial_sequence({literal(self._quoted(table))}, {literal(column)})"
        return query(self._connection, said)[0][0]

    def _computed_anew(self, table, column):
        """Drop a computed column and add it again, as the model has it now."""
        place = self._modify(table)
        place.ops[:] = [one for one in place.ops if not is_alteration(one, column.name)]
        if self._dialect.name == "sqlite":
            return self._rebuild(table)
        old = self._reflected(table).columns[column.name]
        schema = self._tables[table].schema
        dropped = ops.DropColumnOp.from_column_and_tablename(schema, self._tables[table].name, old)
        added = ops.AddColumnOp.from_column_and_tablename(schema, self._tables[table].name, plain(column))
        # of MySQL they are taken apart with the constraints
        every = self._tables[table].indexes if self._dialect.name == "postgresql" else ()
        sides = [side["tables"][table]["indexes"] for side in (self._there, self._models.snapshot)]
        indexes = [one for one in every if column.name in one.columns and sides[0].get(one.name) == sides[1][one.name]]
        place.ops += map(ops.DropIndexOp.from_index, indexes)
        place.ops += [dropped, added, *map(ops.CreateIndexOp.from_index, indexes)]
        self._take_apart(table, column.name)
        return True

    def _options(self, item):
        """`item` has the options of a table as a snapshot has them."""
        if self._rebuild(item["table"]):
            return True
        there, wanted = item["actual"], item["expected"]
        if self._dialect.name in ("mysql", "mariadb"):
            self._options_changed[item["table"]] = there, wanted
            self._retyped.update((item["table"], name) for name in self._there["tables"][item["table"]]["columns"])
            return True
        place = "ALTER TABLE {} ".format(self._quoted(item["table"]))
        both = [[place + words for words in options_postgresql(*pair)] for pair in ((there, wanted), (wanted, there))]
        self._last.append(execute_all(*both))
        return True

    def _indexed(self):
        """(table, first column) of the indexes that come or go: MySQL keeps one while a foreign key needs it."""
        for table in self._there["tables"]:
            for one in self._of_table(table):
                if isinstance(one, (ops.CreateIndexOp, ops.DropIndexOp)):
                    for column in list(one.to_index().columns)[:1]:
                        yield table, column.name

    def _rebuild(self, table):
        """Whether the server is SQLite, where a table can be made anew with the statement of the models."""
        self._rebuilt.update([table] if self._dialect.name == "sqlite" else [])
        return self._dialect.name == "sqlite"

    def _rebuild_tables(self):
        """Make them anew after all else; on the way back as they were, after all else, too.

        The rows are copied; triggers and indexes stay (see sqlite_rebuild).
        """
        there = check_constraints.statements(self._connection) if self._rebuilt else {}
        for table in sorted(self._rebuilt):
            self._first.insert(0, LinesOp([], self._rebuilding(table, there, self._there)))
            self._last.append(LinesOp(self._rebuilding(table, self._models.statements, self._models.snapshot), []))

    def _rebuilding(self, table, statements, snapshot_):
        facts = snapshot_["tables"][table]["columns"]
        columns = ", ".join(self._quoted(name) for name in facts if not facts[name].get("computed"))
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

    def _sequence(self, item):
        if self._own_object(item):
            return True
        both, name = [], self._quoted(item["name"])
        for old, new in ((item["actual"], item["expected"]), (item["expected"], item["actual"])):
            type_ = f"AS {new.split()[1]} " if old.split()[1] != new.split()[1] else ""
            both.append(renumbered(name, f"ALTER SEQUENCE {name} {type_}", "", old, new))
        self._last.append(execute_all(*both))
        return True

    def _own_object(self, item):
        """Let there be a domain or a sequence that is missing, before all else."""
        if item["kind"] == "missing":
            self._first.append(self._object(item["what"], item["name"], item["expected"]))
        return item["kind"] == "missing"

    _domain = _own_object

    def _object(self, what, name, words):
        words = ["DOMAIN", self._quoted(name), "AS " + words] if what == "domain" else ["SEQUENCE", self._quoted(name), words]
        return execute_both("CREATE " + " ".join(words), "DROP " + " ".join(words[:2]))

    def _unused_objects(self):
        """Drop those that revisions have made and no model has any more."""
        for what in ("domain", "sequence"):
            there, wanted = (side.get(what + "s", {}) for side in (self._there, self._models.snapshot))
            for name in sorted(set(there) - set(wanted)):
                made = self._object(what, name, there[name])
                if any(f"CREATE {what.upper()} {self._quoted(name)} " in text for text in self._texts()):
                    self._last.append(made.reverse())

    def _texts(self):
        for revision in self._script.walk_revisions():
            with open(revision.path, encoding="utf-8") as file:
                yield file.read()

    # what the methods above work on

    def _of_table(self, table):
        """The operations on one table."""
        return [
            part
            for one in self._operations.ops
            if isinstance(one, ops.ModifyTableOps) and qualified(one) == table
            for part in one.ops
        ]

    def _modify(self, table):
        """Where the operations on one table are collected."""
        for one in self._operations.ops:
            if isinstance(one, ops.ModifyTableOps) and qualified(one) == table:
                return one
        made = ops.ModifyTableOps(self._tables[table].name, [], schema=self._tables[table].schema)
        self._operations.ops.append(made)
        return made

    def _reflected(self, table):
        """The table as the database has it."""
        metadata, model = MetaData(), self._tables[table]
        metadata.reflect(self._connection, schema=model.schema, only=[model.name])
        return next(one for one in metadata.tables.values() if (one.name, one.schema) == (model.name, model.schema))

    def _quoted(self, name):
        return ".".join(self._quoted_one(part) for part in name.split("."))

    def _quoted_one(self, name):
        return self._dialect.identifier_preparer.quote(name)
