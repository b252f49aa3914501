"""Change the character sets of tables of MySQL and MariaDB, with all that is in the way.

ALTER TABLE ... CONVERT TO CHARACTER SET refuses columns of foreign keys, makes a MEDIUMTEXT of a TEXT, and takes columns along that
have a character set of their own. So the foreign keys go before and come back after, and such columns are said again.
"""

import re

from alembic.operations import ops

from ..server.connecting import query
from .alter_words import options_mysql
from .extra_operations import LinesOp, execute, execute_both

KEY = re.compile(r"^(CONSTRAINT (\S+) FOREIGN KEY \((.*?)\) REFERENCES `((?:[^`]|``)+)`.*)$")
COLUMN = re.compile(r"^(`(?:[^`]|``)+`) ((?:var)?char|tinytext|text|mediumtext|longtext|enum|set)\b(.*)$")


def operations(connection, tables, changes, upgrade_ops):
    """The operations for `changes`, {table: (its options there, those wanted)}; `tables` are the names of all."""
    quote = connection.dialect.identifier_preparer.quote
    dropped = {one.constraint_name for table in upgrade_ops.ops for one in getattr(table, "ops", ()) if is_dropped_key(one)}
    lines = {table: definition(connection, quote(table)) for table in sorted(tables)}
    columns = {table: dict(match.groups()[:2] for match in map(COLUMN.match, lines[table]) if match) for table in lines}
    drop, alter, create = [], [], []
    for table, found in lines.items():
        for match in filter(None, map(KEY.match, found)):
            line, name, own, other = match.groups()
            is_text = any(column in columns[table] for column in own.split(", "))
            if is_text and not changes.keys().isdisjoint((table, other.replace("``", "`"))) and name.strip("`") not in dropped:
                place = "ALTER TABLE {} ".format(quote(table))
                drop.append(execute_both(place + "DROP FOREIGN KEY " + name, place + "ADD " + line))
                create.append(drop[-1].reverse())
    for table, sides in changes.items():
        again = ["MODIFY " + line for line in lines[table] if is_said_again(COLUMN.match(line))]
        words = [options_mysql(*pair) + [", ".join(again)] * bool(again) for pair in (sides, sides[::-1])]
        texts = [[execute("ALTER TABLE {} {}".format(quote(table), one)).sqltext for one in some] for some in words]
        alter.append(LinesOp(*[["op.execute({!r})".format(str(one)) for one in some] for some in texts]))
    return drop + alter + create


def definition(connection, table):
    """The lines between the brackets of CREATE TABLE."""
    return [line.strip().rstrip(",") for line in query(connection, "SHOW CREATE TABLE " + table)[0][1].split("\n")[1:-1]]


def is_said_again(match):
    return match is not None and ("text" in match.group(2) or re.match(r"(\(.*?\))? (CHARACTER SET|COLLATE) ", match.group(3)))


def is_dropped_key(operation):
    return isinstance(operation, ops.DropConstraintOp) and operation.constraint_type == "foreignkey"
