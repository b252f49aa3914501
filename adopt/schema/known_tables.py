"""Tables that were seen before are not read again: the same text in two catalogues is the same table.

Many databases of one application have the same tables. SQLite and MySQL keep, or print, the text of CREATE TABLE, and everything
that a snapshot has of a table follows from it. Reading the texts takes a fraction of the time that reflecting the tables takes.

    SQLite           the rows of sqlite_master for the table, its indexes, and the tables it may refer to
    MySQL, MariaDB   SHOW CREATE TABLE, without the next number of AUTO_INCREMENT

The order of its constraints and indexes, in which a revision and `create_all()` differ, does not count.
"""

from __future__ import annotations

import collections
import contextlib
import re
import threading
from typing import TYPE_CHECKING, Any

from ..server.connecting import query
from ..server.servers.mysql import quoted
from .normal import table_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection

    from ..base.types import TableFacts


MOST_TEXT = 4 * 2**20  # characters; what is made of them takes some five times as much
SQLITE_ROWS = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('table', 'index') ORDER BY type DESC, name"
AUTO_INCREMENT = re.compile(r"^(\) ENGINE=\w+) AUTO_INCREMENT=\d+", re.M)


class Known:
    """What tables are, by the text that describes them; what was not asked for longest is forgotten first."""

    def __init__(self, most_text: int = MOST_TEXT) -> None:
        self._most_text, self._text = most_text, 0
        self._tables: collections.OrderedDict[Any, TableFacts] = collections.OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> TableFacts | None:
        with self._lock:
            if key not in self._tables:
                return None
            self._tables.move_to_end(key)
            return self._tables[key]

    def add(self, key: Any, table: TableFacts) -> None:
        with self._lock:
            if key not in self._tables:
                self._text += size(key)
            self._tables[key] = table
            while self._text > self._most_text:
                self._text -= size(self._tables.popitem(last=False)[0])

    def clear(self) -> None:
        with self._lock:
            self._tables.clear()
            self._text = 0


KNOWN = Known()


def size(key: Any) -> int:
    return len(key) if isinstance(key, str) else sum(map(size, key)) if isinstance(key, tuple) else 0


def tables(connection: Connection, names: Sequence[str], schema: str | None, read: Callable[..., Any]) -> dict[str, TableFacts]:
    """{name: table} for `names`; `read(names)` gives those that are not known yet. They are shared: nobody may change them.

    A table that changes while it is read is not remembered: its text is looked at before and after.
    """
    found = texts(connection, names, schema)
    result: dict[str, Any] = {name: KNOWN.get(key) for name, key in found.items()}
    unknown = [name for name in names if result.get(name) is None]
    if unknown:
        result.update(read(unknown))
        again = texts(connection, unknown, schema)
        for name in unknown:
            if name in found and found[name] == again.get(name):
                KNOWN.add(found[name], result[name])
    return result


def texts(connection: Connection, names: Sequence[str], schema: str | None) -> dict[str, Any]:
    """{name: all that the table follows from, hashable}; tables of which that cannot be said are not in it."""
    dialect = connection.dialect
    if dialect.name == "sqlite" and not schema:
        return sqlite_texts(names, query(connection, SQLITE_ROWS))
    # MySQL 8 may print the names that a foreign key refers to in another case, and SQLAlchemy corrects that from other tables.
    if dialect.name in ("mysql", "mariadb") and not getattr(dialect, "_needs_correct_for_88718_96365", False):
        return mysql_texts(connection, names, schema)
    return {}


def sqlite_texts(names: Sequence[str], rows: Sequence[Any]) -> dict[str, Any]:
    """A table that refers to another without naming its columns means the other's primary key: that one's rows count too."""
    own: Any = collections.defaultdict(list)
    for row in rows:
        own[row[2].lower()].append((*row[:3], row[3] and table_text(row[3])))
    own = {name: tuple(found) for name, found in own.items()}
    odd = {name for name in own if not re.match(r"^\w+$", name)}
    result = {}
    for name in names:
        statements = " ".join(row[3] or "" for row in own.get(name.lower(), ())).lower()
        if not statements or re.match(r"\s*create\s+virtual", statements):  # its module may read anything
            continue
        others = odd.union(re.findall(r"\w+", statements)).intersection(own) if "references" in statements else ()
        result[name] = ("sqlite", name, own[name.lower()]) + tuple(own[other] for other in sorted(others))
    return result


def mysql_texts(connection: Connection, names: Sequence[str], schema: str | None) -> dict[str, Any]:
    dialect = connection.dialect
    kind = tuple(getattr(dialect, fact, None) for fact in ("name", "is_mariadb", "server_version_info", "_server_ansiquotes"))
    result = {}
    with contextlib.closing(connection.connection.cursor()) as cursor:  # SQLAlchemy would take as long as the server
        for name in names:
            cursor.execute("SHOW CREATE TABLE " + ".".join(quoted(part) for part in (schema, name) if part))
            text = cursor.fetchall()[0][1]
            text = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
            result[name] = kind + (table_text(AUTO_INCREMENT.sub(r"\1", text)),)
    return result
