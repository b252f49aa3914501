"""Databases of a checkout: found, written out as text to be compared, and put back.

A SQLite file below the checkout is found by its first bytes. A database elsewhere is named in `<name>.env`:

    # database: postgresql:///cupcakes_db

`pg_dump` and `mysqldump` write those of servers out, so that sequences, collations and privileges are compared too.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlparse

MAGIC = b"SQLite format 3\x00"
VERSION_TABLE = "alembic_version"


def sqlite_files(root: Path) -> list[Path]:
    """Every SQLite file below `root`, `.git` left out."""
    found = []
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and ".git" not in path.relative_to(root).parts:
            with path.open("rb") as file:
                if file.read(len(MAGIC)) == MAGIC:
                    found.append(path)
    return found


def dump_sqlite(path: Path) -> str:
    """Schema and rows as SQL, without the table of Alembic."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
        lines = [line for line in connection.iterdump() if not re.match(rf'(CREATE TABLE|INSERT INTO) "?{VERSION_TABLE}\b', line)]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    return "\n".join([*lines, f"-- user_version {version}"])


def sqlite_stamp(path: Path) -> list[str]:
    """The revisions that a SQLite file is stamped with."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (VERSION_TABLE,)).fetchone():
            return []
        return [row[0] for row in connection.execute(f"SELECT version_num FROM {VERSION_TABLE}")]


class Outside:
    """A database outside of the checkout, named by URL: a server's, or a SQLite file at an absolute path."""

    def __init__(self, url: str, scratch: Path) -> None:
        self.parts = urlparse(url)
        self.kind = self.parts.scheme.partition("+")[0]
        self.name = self.parts.path.lstrip("/")
        self.path = Path("/" + self.name)
        self.kept = scratch / "kept-database"

    def arguments(self) -> list[str]:
        """How the client programs are told the server; none: their defaults."""
        host, port, user = self.parts.hostname, self.parts.port, self.parts.username
        letter_of_user = "-U" if self.kind == "postgresql" else "-u"
        letter_of_port = "-p" if self.kind == "postgresql" else "-P"
        words = ["-h", "127.0.0.1" if host == "localhost" else host] if host else []
        words += [letter_of_port, str(port)] if port else []
        words += [letter_of_user, user] if user else []
        return words + ([f"--password={self.parts.password}"] if self.parts.password and self.kind == "mysql" else [])

    def client(self, program: str, *words: str, feed: bytes = b"") -> bytes:
        """The output of a client program that must go well."""
        environ = {"PGPASSWORD": self.parts.password or "", "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        ended = subprocess.run([program, *self.arguments(), *words], input=feed, capture_output=True, env=environ, check=False)
        if ended.returncode:
            raise RuntimeError(f"{program} {self.name}: {ended.stderr.decode(errors='replace').strip()}")
        return ended.stdout

    def dump(self, *, whole: bool = False) -> bytes:
        """Schema and rows as SQL, without the table of Alembic unless it is the `whole`."""
        if self.kind == "sqlite":
            return dump_sqlite(self.path).encode()
        if self.kind == "postgresql":
            less = [] if whole else [f"--exclude-table={VERSION_TABLE}"]
            return re.sub(rb"(?m)^\\(un)?restrict .*\n", b"", self.client("pg_dump", *less, self.name))
        less = [] if whole else [f"--ignore-table={self.name}.{VERSION_TABLE}"]
        return self.client("mysqldump", "--skip-dump-date", "--no-tablespaces", *less, self.name)

    def keep(self) -> None:
        """Keep its whole content, to be put back by `restore`."""
        if self.kind == "sqlite":
            shutil.copy2(self.path, self.kept)
        else:
            self.kept.write_bytes(self.dump(whole=True))

    def restore(self) -> None:
        """Put back what `keep` has kept, whatever happened in between."""
        if self.kind == "sqlite":
            shutil.copy2(self.kept, self.path)
        elif self.kind == "postgresql":
            self.client("dropdb", "--if-exists", "--force", self.name)
            self.client("createdb", self.name)
            self.client("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.name, feed=self.kept.read_bytes())
        else:
            self.client("mysql", "-e", f"DROP DATABASE IF EXISTS `{self.name}`; CREATE DATABASE `{self.name}`")
            self.client("mysql", self.name, feed=self.kept.read_bytes())

    def stamp(self) -> list[str]:
        """The revisions that it is stamped with."""
        if self.kind == "sqlite":
            return sqlite_stamp(self.path)
        rows_of_postgresql = rb"(?s)COPY [\w.]*alembic_version.*?;\n(.*?)\\\."
        rows_of_mysql = rb"INSERT INTO `alembic_version` VALUES\s*([^;]*)"
        found = re.findall(rows_of_postgresql if self.kind == "postgresql" else rows_of_mysql, self.dump(whole=True))
        return re.findall(r"\w+", b" ".join(found).decode())
