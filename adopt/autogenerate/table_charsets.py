"""Change the character sets of tables of MySQL and MariaDB.

ALTER TABLE ... CONVERT TO CHARACTER SET refuses columns of foreign keys, makes a MEDIUMTEXT of a TEXT, and takes columns along that
have a character set of their own. So such columns are said again; foreign keys are dropped before, see constraint_changes.
"""

import re

from .alter_words import options_mysql
from .constraint_changes import lines_of
from .extra_operations import execute_all

COLUMN = re.compile(r"^(`(?:[^`]|``)+`) ((?:var)?char|tinytext|text|mediumtext|longtext|enum|set)\b(.*)$")


def operations(connection, changes):
    """The operations for `changes`, {table: (its options there, those wanted)}."""
    quote, result = connection.dialect.identifier_preparer.quote, []
    for table, sides in changes.items():
        again = ["MODIFY " + line for line in lines_of(connection, table) if is_said_again(COLUMN.match(line))]
        words = [options_mysql(*pair) + [", ".join(again)] * bool(again) for pair in (sides, sides[::-1])]
        result.append(execute_all(*[[f"ALTER TABLE {quote(table)} {one}" for one in some] for some in words]))
    return result


def is_said_again(match):
    return match is not None and ("text" in match.group(2) or re.match(r"(\(.*?\))? (CHARACTER SET|COLLATE) ", match.group(3)))
