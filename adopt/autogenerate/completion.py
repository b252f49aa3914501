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

import re

from alembic.operations import ops
from sqlalchemy import CheckConstraint, MetaData, Sequence, UniqueConstraint, inspect
from sqlalchemy.schema import CreateSequence, DropSequence

from ..schema import differences, snapshot
from ..server.connecting import literal, query
from . import check_constraints, table_charsets
from .alter_words import identity_words, options_postgresql
from .column_operations import alteration, is_alteration, plain, with_collation
from .equal_sides import leave_what_is_equal
from .extra_operations import LinesOp, execute_both, qualified
from .index_changes import IndexChanges
from .key_changes import KeyChanges
from .keys_apart import keys_apart
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


class Completion(IndexChanges, KeyChanges):
    """The work on one comparison."""

    def __init__(self, context, binds, models, upgrade_ops):
        self._connection, self._dialect = context.connection, plain_dialect(context.dialect)
        self._models, self._operations = models, upgrade_ops
        default = context.dialect.default_schema_name
        self._tables, self._metadatas = {}, [metadata for bind in binds for metadata in bind.metadatas()]
        for bind in binds:
            for table in bind.tables():
                schema = None if table.schema == default else table.schema
                self._tables[(schema + "." if schema else "") + table.name] = table
        schemas = sorted({table.schema for table in self._tables.values() if table.schema})
        self._there = snapshot.take(context.connection, schemas=schemas)
        self._names_there, self._options_changed, self._retyped = None, {}, set()
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
        self._sequences()
        self._unused_domains()
        if self._options_changed:
            changes = (self._there["tables"], self._options_changed, self._operations)
            self._first += table_charsets.operations(self._connection, *changes)
        if self._retyped:
            apart = keys_apart(self._connection, self._there["tables"], self._retyped, self._operations.ops)
            self._first[:0] = apart
            self._last += [one.reverse() for one in apart]
        self._operations.ops[:0] = self._first
        self._operations.ops += self._last

    # one method for each kind of difference: True where an operation does it, Alembic's or ours

    def _table(self, item):
        return True  # Alembic's

    _view = _enum = _foreign_key = _comment = _table

    def _partitioning(self, item):
        return False

    def _check(self, item):
        table = item["table"]
        if item["kind"] == "missing":
            name = self._models.check_names.get((table, item["expected"]))
            if self._comes_with_a_column(table, name):
                return True
            if name is None:
                return False
            condition = check_constraints.condition_of(self._tables[table], name, self._dialect) or item["expected"]
            done = check_constraints.create(table, name, condition, self._dialect)
            self._last.append(LinesOp(done, check_constraints.drop(table, name, self._dialect)))
            return True
        name = self._check_names_there().get((table, item["actual"]))
        if name is None:
            return False
        done = check_constraints.drop(table, name, self._dialect)
        self._first.append(LinesOp(done, check_constraints.create(table, name, item["actual"], self._dialect)))
        return True

    def _check_names_there(self):
        if self._names_there is None:
            self._names_there = check_constraints.names_of(self._connection, self._there["tables"])
        return self._names_there

    def _comes_with_a_column(self, table, name):
        """Whether an added column brings it: under its own name, or under the one that the server gives it."""
        for column in [one.column for one in self._of_table(table) if isinstance(one, ops.AddColumnOp)]:
            checks = [one for one in column.constraints if isinstance(one, CheckConstraint)]
            type_ = getattr(column.type, "impl", column.type)  # which brings its own where it is a Boolean or an Enum
            checks += [type_] if getattr(type_, "create_constraint", False) else []
            names = [str(one.name) if one.name else None for one in checks]
            names += ["{}_{}_check".format(table.rpartition(".")[2], column.name), str(column.name)] if None in names else []
            if name in names:
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
        if "computed" in changed or is_mysql and wanted.get("computed") and "type" in changed:
            return self._computed_anew(table, column)
        if wanted.get("identity") and there.get("identity") and changed & {"identity", "numbering"}:
            place = "ALTER TABLE {} ALTER COLUMN {} ".format(self._quoted(table), self._quoted(name))
            words = [identity_words(*sides) for sides in ((there, wanted), (wanted, there))]
            self._last.append(execute_both(*[place + one for one in words]))
            changed -= {"identity", "numbering"}
        if "identity" in changed and "autoincrement" not in changed:
            self._identity(table, name, wanted, there)
            changed -= {"identity", "numbering"}
        is_serial = self._dialect.name == "postgresql" and wanted.get("autoincrement") and there.get("autoincrement")
        if is_serial and {wanted["type"], there["type"]} <= INTEGERS and "type" in changed:
            said = "SELECT pg_get_serial_sequence({}, {})".format(literal(self._quoted(table)), literal(name))
            words = "ALTER SEQUENCE {} AS ".format(query(self._connection, said)[0][0])
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
            operation.existing_type = with_collation(operation.existing_type, there.get("collation"))
            if self._dialect.name == "postgresql":
                cast(operation, self._connection, (there["type"], wanted["type"]), column.server_default)
            if is_mysql or isinstance(operation, CastOp):
                self._retyped.add((table, name))
        if known is None and operation.has_changes():
            self._modify(table).ops.append(operation)
        is_default = "default" in changed and wanted["default"] is None and there["default"] is None
        return changed <= {"nullable", "comment", *ALTERED} and not is_default

    def _identity(self, table, name, wanted, there):
        """Let a column count by itself, or no more; it can while it is NOT NULL."""
        place = "ALTER TABLE {} ALTER COLUMN {} ".format(self._quoted(table), self._quoted(name))
        for side in (wanted, there):
            if side.get("identity"):
                how = re.sub("START", "START WITH", re.sub("INCREMENT", "INCREMENT BY", side.get("numbering", "")))
                words = "ADD GENERATED {} AS IDENTITY{}".format(side["identity"], how and " ({})".format(how))
                both = execute_both(place + words, place + "DROP IDENTITY")
                (self._last if side is wanted else self._first).append(both if side is wanted else both.reverse())

    def _computed_anew(self, table, column):
        """Drop a computed column and add it again, as the model has it now."""
        if self._dialect.name == "sqlite":
            return False
        old = self._reflected(table).columns[column.name]
        place = self._modify(table)
        place.ops[:] = [one for one in place.ops if not is_alteration(one, column.name)]
        schema = self._tables[table].schema
        dropped = ops.DropColumnOp.from_column_and_tablename(schema, self._tables[table].name, old)
        added = ops.AddColumnOp.from_column_and_tablename(schema, self._tables[table].name, plain(column))
        place.ops += [dropped, added]
        return True

    def _unique(self, item):
        if item["kind"] != "changed":
            return True
        table, name = self._tables[item["table"]], item["name"]
        if any(getattr(one, "constraint_name", None) == name for one in self._of_table(item["table"])):
            return True
        wanted = [one for one in table.constraints if isinstance(one, UniqueConstraint) and str(one.name) == name]
        there = [
            one for one in self._reflected(item["table"]).constraints if isinstance(one, UniqueConstraint) and one.name == name
        ]
        if not wanted or not there or self._dialect.name == "sqlite":
            return False
        place = self._modify(item["table"])
        place.ops += [ops.DropConstraintOp.from_constraint(there[0]), ops.CreateUniqueConstraintOp.from_constraint(wanted[0])]
        return True

    def _options(self, item):
        """`item` has the options of a table as a snapshot has them."""
        if self._dialect.name == "sqlite":
            return False
        there, wanted = item["actual"], item["expected"]
        if self._dialect.name in ("mysql", "mariadb"):
            self._options_changed[item["table"]] = there, wanted
            return True
        place = "ALTER TABLE " + self._dialect.identifier_preparer.format_table(self._tables[item["table"]])
        for done, undone in zip(options_postgresql(there, wanted), options_postgresql(wanted, there)):  # noqa: B905 -- as long
            self._last.append(LinesOp(*[["op.execute(%r)" % (place + " " + words)] for words in (done, undone)]))
        return True

    def _domain(self, item):
        if item["kind"] != "missing":
            return False
        name = self._quoted(item["name"])
        statement = "CREATE DOMAIN {} AS {}".format(name, item["expected"])
        self._first.append(execute_both(statement, "DROP DOMAIN " + name))
        return True

    def _unused_domains(self):
        """Drop the domains that only dropped columns had."""
        for name, definition in sorted(self._there.get("domains", {}).items()):
            users = [
                (table, column)
                for table, one in self._there["tables"].items()
                for column, facts in one["columns"].items()
                if facts["type"].split(" COLLATE ")[0] == name
            ]
            if name not in self._models.snapshot["domains"] and users and all(self._goes(*user) for user in users):
                quoted = self._quoted(name)
                self._last.append(execute_both("DROP DOMAIN " + quoted, "CREATE DOMAIN {} AS {}".format(quoted, definition)))

    def _goes(self, table, column):
        """Whether a column is dropped, or gets another type."""
        if any(isinstance(one, ops.DropTableOp) and qualified(one) == table for one in self._operations.ops):
            return True
        return any(
            isinstance(one, ops.DropColumnOp)
            and one.column_name == column
            or is_alteration(one, column)
            and one.modify_type is not None
            for one in self._of_table(table)
        )

    def _sequences(self):
        """Create the sequences that the models name and the database has not."""
        if self._dialect.name != "postgresql":
            return
        columns = [column for table in self._tables.values() for column in table.columns]
        named = [column.default for column in columns if isinstance(column.default, Sequence)]
        every = [one for metadata in self._metadatas for one in getattr(metadata, "_sequences", {}).values()]
        named += [one for one in every if getattr(one, "column", None) is None]
        inspector, there = inspect(self._connection), {}
        for sequence in {(one.schema, one.name): one for one in named if not one.optional}.values():
            if sequence.schema not in there:
                there[sequence.schema] = set(inspector.get_sequence_names(schema=sequence.schema))
            if sequence.name not in there[sequence.schema]:
                words = [
                    " ".join(str(ddl(sequence).compile(dialect=self._dialect)).split()) for ddl in (CreateSequence, DropSequence)
                ]
                self._first.append(execute_both(*words))

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
        return ".".join(self._dialect.identifier_preparer.quote(part) for part in name.split("."))
