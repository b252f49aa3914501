"""Whether a role of MySQL sees every table of a database: it shows only those that the role has a privilege on.

A role with privileges on single tables would miss the others, and the database would be taken for one before they were made.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


GRANT = re.compile(r"^GRANT (?P<what>.+?) ON (?:TABLE )?(?P<database>\*|`(?:[^`]|``)+`)\.(?P<table>\*|`(?:[^`]|``)+`) TO ")


def sees_part(grants: Sequence[str], database: str) -> bool:
    """Whether `grants`, the lines of SHOW GRANTS, name tables of `database` one by one, and none gives a privilege on all of it.

    What comes by a role is not in those lines: where nothing names a table, everything counts as seen.
    """
    found = [match.groupdict() for match in map(GRANT.match, grants) if match]
    names_tables = any(one["table"] != "*" and unquoted(one["database"]) == database for one in found)
    return names_tables and not any(one["table"] == "*" and one["what"] != "USAGE" and covers(one, database) for one in found)


def covers(grant: Mapping[str, str], database: str) -> bool:
    """Whether a grant on `name`.* is one on this database; "%" and "_" stand for any characters, "\\_" for itself."""
    if grant["database"] == "*":
        return True
    pattern = ""
    for escaped, character in re.findall(r"\\(.)|(.)", unquoted(grant["database"]), re.S):
        pattern += {"%": ".*", "_": "."}.get(character, re.escape(escaped or character))
    return re.match(pattern + r"\Z", database, re.S) is not None


def unquoted(name: str) -> str:
    return name[1:-1].replace("``", "`")
