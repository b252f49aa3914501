"""SQLite: a scratch database is a file in a folder of its own, beside a second file that its owner keeps locked."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
from typing import TYPE_CHECKING, Any

from ...base.urls import replace, sqlite_path
from ..connecting import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import URL


CONTENTS = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"


class SQLite:
    def __init__(self, url: URL, connect_args: object) -> None:
        self.url = url
        self._locks: dict[str, sqlite3.Connection] = {}

    def create(self, name: str) -> tuple[URL, Sequence[str]]:
        folder = _folder(name)
        os.mkdir(folder, 0o700)
        lock = sqlite3.connect(os.path.join(folder, "in-use.db"), isolation_level=None, check_same_thread=False)
        lock.execute("BEGIN EXCLUSIVE")  # ends with the process, however that ends
        with open(_mark(folder), "w"):
            pass  # from now on a free lock means that its owner is gone
        self._locks[name] = lock
        return replace(self.url, database=os.path.join(folder, "scratch.db"), query={}), ()

    def create_missing(self) -> None:
        """Nothing: connecting makes the file; the folder must be there."""

    def drop(self, name: str) -> bool:
        if name in self._locks:
            self._locks.pop(name).close()
        shutil.rmtree(_folder(name), ignore_errors=True)
        return not os.path.exists(_folder(name))

    def unused(self, prefix: str) -> list[Any]:
        return sorted(name for name in os.listdir(tempfile.gettempdir()) if name.startswith(prefix) and _is_unused(_folder(name)))

    def objects(self) -> list[Any]:
        return [name for type_, name in self._query() if type_ in ("table", "view")]

    def contents(self) -> list[str]:
        return ["{} {}".format(*one) for one in self._query()]

    def exists(self) -> bool:
        return os.path.exists(sqlite_path(self.url))  # type: ignore[arg-type]  # a file: no scratch database is in memory

    def empty(self, existed: bool) -> None:
        path: Any = sqlite_path(self.url)  # a file: a scratch database is in no memory
        if not existed:
            for ending in ("", "-journal", "-wal", "-shm"):
                if os.path.exists(path + ending):
                    os.remove(path + ending)
            return
        found = self._query()
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            for type_, name in found:
                if type_ in ("table", "view"):  # which take their indexes and triggers with them
                    connection.execute(f"DROP {type_.upper()} {quoted(name)}")

    def _query(self) -> list[Any]:
        path: Any = sqlite_path(self.url)  # a file: a scratch database is in no memory
        if not os.path.exists(path):
            return []
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return connection.execute(CONTENTS).fetchall()


def _folder(name: str) -> str:
    return os.path.join(tempfile.gettempdir(), name)


def _mark(folder: str) -> str:
    return os.path.join(folder, "locked")


def _is_unused(folder: str) -> bool:
    try:
        if os.path.islink(folder) or (hasattr(os, "getuid") and os.stat(folder).st_uid != os.getuid()):
            return False
        if not os.path.exists(_mark(folder)):
            return time.time() - os.stat(folder).st_mtime > 60  # younger: another run is about to lock it
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "in-use.db"), timeout=0, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
    except (FileNotFoundError, sqlite3.OperationalError):  # dropped meanwhile, or locked
        return False
    return True
