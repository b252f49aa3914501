"""A small world for one attack: a project, its database, and what is around them; and what of it is another one afterwards."""

from __future__ import annotations

import difflib
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import sqlite3
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from tests.attacks import project
from tests.attacks.attack import Attack
from tests.plain_environ import plain_environ
from tests.servers import SERVERS, engine_for, execute

SERVER_S = 60
FS_IOC_GETFLAGS = 0x80086601
HUGE = 2**30  # bytes of a file that is told by its size
# What git writes whenever somebody looks: not compared.
FLEETING = re.compile(r"project/\.git(/index(\.lock)?|/FETCH_HEAD|/gc\.log)?")


@dataclass(frozen=True)
class Entry:
    """One file, folder or link, as far as a change of it could matter to somebody."""

    mode: int
    owner: tuple[int, int]
    changed_ns: int
    content: str  # of a file the digest, of a link the target
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """All that is compared."""

    files: dict[str, Entry]
    dump: str  # of the database, without alembic_version
    stamp: tuple[str, ...] | None  # what alembic_version holds; None: there is no such table
    server_objects: tuple[str, ...]  # databases and users that the attack, or a run, has made


@dataclass(frozen=True)
class World:
    """Folders project/, outside/, home/ and tmp/ below `folder`; `token` is in the name of all that is made on a server."""

    folder: Path
    attack: Attack
    server: str
    token: str
    url: str
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The project's."""
        return self.folder / "project"

    @property
    def place(self) -> dict[str, object]:
        """The values for the project's literals."""
        url = make_url(self.url)
        return {
            "server": self.server,
            "url": self.url,
            "drivername": url.drivername,
            "host": url.host or "",
            "port": url.port or {"postgresql": 5432}.get(self.server, 3306),
            "user": url.username or "",
            "name": url.database if self.server != "sqlite" else "",
            "path": url.database if self.server == "sqlite" else "",
            "root": str(self.root),
            "outside": str(self.folder / "outside"),
            "tmp": str(self.folder / "tmp"),
            "other": f"other_{self.token}",
            "token": self.token,
            "socket": socket_of(self.server),
        }

    @property
    def variables(self) -> dict[str, str]:
        """The environment of every command here."""
        own = dict(one.split("=", 1) for one in self.attack.options.get("environ", "").split())
        return {
            **plain_environ(),
            "TMPDIR": str(self.folder / "tmp"),
            "HOME": str(self.folder / "home"),
            "ATTACK_WORLD": self.token,
            **{name: value.format(**self.place) for name, value in own.items()},
        }

    @property
    def database_file(self) -> str:
        """The SQLite file, as a path below the world; "" on a server."""
        return os.path.relpath(str(self.place["path"]), self.folder) if self.server == "sqlite" else ""

    @property
    def shared_memory(self) -> Path:
        """Its folder there."""
        return Path("/dev/shm", f"attack_{self.token}")

    def look(self) -> Seen:
        """What there is now."""
        entries = {}
        shared = self.shared_memory.parent.glob(self.shared_memory.name + "*")
        for path in sorted([*self.folder.rglob("*"), *self.shared_memory.rglob("*"), *shared]):
            name = os.path.relpath(path, self.folder)
            if not FLEETING.fullmatch(name):
                with suppress(FileNotFoundError):
                    entries[name] = look_at(path)
        return Seen(entries, self.dump(), self.stamp(), tuple(self.server_objects()))

    def wait_for_server(self) -> None:
        """Until no other session is at work in the database: what an ended process has sent may go on, and write."""
        question = {
            "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND state = 'active'",
            "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE db = :name AND command = 'Query'",
        }.get(self.server)
        until = time.monotonic() + SERVER_S
        while question and time.monotonic() < until:
            with engine_for(SERVERS[self.server]).connect() as connection:
                if not connection.scalar(text(question), {"name": self.place["name"]}):
                    return
            time.sleep(0.5)

    def dump(self) -> str:
        """Structure and rows of the database, as its own tools write them; and of the database beside it on MariaDB."""
        url = make_url(self.url)
        if self.server == "sqlite":
            return dump_sqlite(Path(str(url.database)))
        user = str(make_url(SERVERS[self.server]).username)
        server = ["-h", str(url.host), "-P" if self.server == "mariadb" else "-p", str(self.place["port"])]
        if self.server == "postgresql":
            command = ["pg_dump", *server, "-U", user, "-C", "-T", "alembic_version", str(url.database)]
        else:
            options = ["--skip-comments", "--routines", "--events", f"--ignore-table={url.database}.alembic_version"]
            command = ["mariadb-dump", *server, "-u", user, *options, "--databases", str(url.database)]
            command += [str(self.place["other"])]
        ended = subprocess.run(command, capture_output=True, text=True, errors="backslashreplace", check=False)
        shown = ended.stdout if ended.returncode == 0 else f"no dump: {ended.stderr}"
        shown = re.sub(r"^\\(un)?restrict .*\n", "", shown, flags=re.M)
        return shown.replace(self.token, "TOKEN")

    def stamp(self) -> tuple[str, ...] | None:
        """What alembic_version holds."""
        try:
            if self.server == "sqlite":
                path = Path(str(make_url(self.url).database))
                with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as connection:
                    return tuple(row[0] for row in connection.execute("SELECT version_num FROM alembic_version"))
            with engine_for(self.url).connect() as connection:
                return tuple(connection.scalars(text("SELECT version_num FROM alembic_version")))
        except (sqlite3.Error, SQLAlchemyError):
            return None

    def server_objects(self) -> Iterator[str]:
        """Databases and users that carry the token, or the digest of the project's path, and are not this world's own."""
        if self.server == "sqlite":
            return
        marks = (self.token, hashlib.sha1(str(self.root).encode()).hexdigest()[:10])
        questions = {
            "postgresql": "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles",
            "mariadb": "SELECT schema_name FROM information_schema.schemata UNION ALL SELECT user FROM mysql.user",
        }
        with engine_for(SERVERS[self.server]).connect() as connection:
            for name in connection.scalars(text(questions[self.server])):
                own = (self.place["name"], self.place["other"], f"plain_{self.token}")
                if name not in own and any(mark in str(name) for mark in marks):
                    yield str(name).replace(self.token, "TOKEN")


@cache
def socket_of(server: str) -> str:
    """The folder of PostgreSQL's socket file, MariaDB's file itself; "" for SQLite."""
    if server == "sqlite":
        return ""
    question = "SHOW unix_socket_directories" if server == "postgresql" else "SELECT @@socket"
    with engine_for(SERVERS[server]).connect() as connection:
        return str(connection.scalar(text(question))).partition(",")[0]


def look_at(path: Path) -> Entry:
    """One file, folder or link."""
    status = path.lstat()
    content = ""
    if stat.S_ISLNK(status.st_mode):
        content = str(path.readlink())
    elif stat.S_ISREG(status.st_mode):
        content = hashlib.sha256(path.read_bytes()).hexdigest() if status.st_size < HUGE else str(status.st_size)
    is_folder = stat.S_ISDIR(status.st_mode)
    attributes = tuple(os.listxattr(path, follow_symlinks=False))
    if stat.S_ISREG(status.st_mode):
        attributes += (flags_of(path),)
    return Entry(status.st_mode, (status.st_uid, status.st_gid), 0 if is_folder else status.st_mtime_ns, content, attributes)


def flags_of(path: Path) -> str:
    """What `lsattr` shows, where the file system has it."""
    with path.open("rb") as file, suppress(OSError):
        return fcntl.ioctl(file, FS_IOC_GETFLAGS, bytes(8)).hex()
    return ""


def dump_sqlite(path: Path) -> str:
    """The statements that make the database anew, and what else of it a tool sees."""
    if not path.is_file():
        return "no file"
    if not path.read_bytes():
        return "an empty file"
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        pragmas = [connection.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "application_id", "journal_mode")]
        lines = [line for line in connection.iterdump() if "alembic_version" not in line]
        return "\n".join([str(pragmas), *lines])
    except sqlite3.Error as error:
        return f"no database: {error}"


@cache
def template_of(server: str, name: str) -> str:
    """A PostgreSQL database that others are copied from."""
    execute(SERVERS[server], f"CREATE DATABASE {name}")
    url = make_url(SERVERS[server]).set(database=name)
    execute(url, *project.TABLES[server], *project.ROWS)
    return name


@contextmanager
def template_database(server: str) -> Iterator[str]:
    """The name of the PostgreSQL database that worlds copy, "" for the others, which are filled at once; dropped afterwards."""
    if server != "postgresql":
        yield ""
        return
    name = f"attacks_template_{secrets.token_hex(4)}"
    try:
        yield template_of(server, name)
    finally:
        execute(SERVERS[server], f"DROP DATABASE IF EXISTS {name}")


@contextmanager
def new_world(base: Path, attack: Attack, server: str, template: str = "", tree: Path | None = None) -> Iterator[World]:
    """A world of its own below `base`; `tree` is what the project's folder begins with."""
    token = secrets.token_hex(5)
    folder = base / token
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(lambda: Path("/dev/shm", f"attack_{token}.sem").unlink(missing_ok=True))
        for name in ("outside", "home", "tmp"):
            (folder / name).mkdir(parents=True)
        root = folder / "project"
        if tree:
            shutil.copytree(tree, root, symlinks=True)
        (root / "instance").mkdir(parents=True, exist_ok=True)
        (folder / "outside" / "precious.txt").write_text("precious\n")
        (folder / "tmp" / "others.lock").write_text("1\n")
        if server == "sqlite":
            shared = Path("/dev/shm", f"attack_{token}")
            places = {"outside": folder / "outside/data.db", "tmp": folder / "tmp/data.db", "shm": shared / "data.db"}
            path = places.get(attack.database, root / "instance/shop.db")
            if attack.database == "shm":
                shared.mkdir()
                stack.callback(shutil.rmtree, shared)
            fill_sqlite(path, is_wal=attack.database == "wal")
            url = f"sqlite:///{path}"
        else:
            url = stack.enter_context(server_database(server, token, template))
            if attack.has("login"):
                url = plain_login(server, token, url)
        world = World(folder, attack, server, token, url)
        project.write(root, attack, world.place)
        yield world


def fill_sqlite(path: Path, *, is_wal: bool) -> None:
    """Two tables with two rows each."""
    connection = sqlite3.connect(path)
    if is_wal:
        connection.execute("PRAGMA journal_mode=WAL")
    for statement in (*project.TABLES["sqlite"], *project.ROWS):
        connection.execute(statement)
    connection.commit()
    connection.close()


@contextmanager
def server_database(server: str, token: str, template: str) -> Iterator[str]:
    """The URL of a filled database; whatever carries its token is dropped afterwards."""
    name, other = f"shop_{token}", f"other_{token}"
    url = make_url(SERVERS[server]).set(database=name)
    if server == "postgresql":
        url = url.set(drivername="postgresql+psycopg2")
        execute(SERVERS[server], f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    else:
        execute(SERVERS[server], f"CREATE DATABASE {name}", f"CREATE DATABASE {other}", f"CREATE TABLE {other}.things (id INTEGER)")
        execute(url, *project.TABLES[server], *project.ROWS)
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        drop(server, token)


def plain_login(server: str, token: str, url: str) -> str:
    """The same database for a login that has the tables, and may create neither databases nor users."""
    login = f"plain_{token}"
    if server == "postgresql":
        execute(
            url,
            f"CREATE ROLE {login} LOGIN",
            f"GRANT ALL ON SCHEMA public TO {login}",
            f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {login}",
            f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {login}",
        )
    else:
        execute(url, f"CREATE USER '{login}'@'%'", f"GRANT ALL ON shop_{token}.* TO '{login}'@'%'")
    return make_url(url).set(username=login).render_as_string(hide_password=False)


def drop(server: str, mark: str) -> None:
    """Drop every database and user with this mark in its name."""
    with engine_for(SERVERS[server]).connect() as connection:
        if server == "postgresql":
            names = list(connection.scalars(text(f"SELECT datname FROM pg_database WHERE datname LIKE '%{mark}%'")))
            roles = list(connection.scalars(text(f"SELECT rolname FROM pg_roles WHERE rolname LIKE '%{mark}%'")))
            for name in names:  # a database that has one cannot be dropped
                url = make_url(SERVERS[server]).set(database=name)
                with engine_for(url).connect() as inside:
                    of_it = (
                        "SELECT subname FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = :name)"
                    )
                    subscriptions = list(inside.scalars(text(of_it), {"name": name}))
                engine_for(url).dispose()
                for one in subscriptions:
                    execute(url, f"ALTER SUBSCRIPTION {one} SET (slot_name = NONE)", f"DROP SUBSCRIPTION {one}")
            statements = [f'DROP DATABASE IF EXISTS "{one}" WITH (FORCE)' for one in names]
            statements += [f'DROP ROLE IF EXISTS "{one}"' for one in roles]
        else:
            names = list(connection.scalars(text(f"SHOW DATABASES LIKE '%{mark}%'")))
            users = connection.execute(text(f"SELECT user, host FROM mysql.user WHERE user LIKE '%{mark}%'")).fetchall()
            prepared = [row[3].decode() for row in connection.execute(text("XA RECOVER")) if mark in row[3].decode()]
            statements = [f"XA ROLLBACK '{one}'" for one in prepared]  # they keep their locks for ever
            statements += [f"DROP DATABASE IF EXISTS `{one}`" for one in names]
            statements += [f"DROP USER IF EXISTS '{user}'@'{host}'" for user, host in users if host]
            statements += [f"DROP ROLE IF EXISTS '{user}'" for user, host in users if not host]
    if statements:
        execute(SERVERS[server], *statements)


def differences(before: Seen, after: Seen) -> list[str]:
    """What is another one, each in a few words, beside the files."""
    found = []
    if before.dump != after.dump:
        lines = difflib.unified_diff(before.dump.splitlines(), after.dump.splitlines(), lineterm="", n=0)
        changed = [line for line in lines if not line.startswith(("---", "+++", "@@")) and line[1:].strip()]
        found.append(
            f"database: {changed[0][:100] if changed else 'order'}" + (f" and {len(changed) - 1} more" if changed[1:] else "")
        )
    if before.stamp != after.stamp:
        found.append(f"stamp: {before.stamp} -> {after.stamp}")
    if before.server_objects != after.server_objects:
        found.append(f"server: {sorted(set(before.server_objects) ^ set(after.server_objects))}")
    return found


def changed_files(before: Seen, after: Seen) -> dict[str, str]:
    """The paths of what was made, removed or changed, with how."""
    names = sorted(before.files.keys() | after.files.keys())
    pairs = {name: (before.files.get(name), after.files.get(name)) for name in names}
    return {name: how(old, new) for name, (old, new) in pairs.items() if old != new}


def how(old: Entry | None, new: Entry | None) -> str:
    """In which way an entry is another one."""
    if old is None or new is None:
        return "made" if old is None else "removed"
    words = {
        "content": old.content != new.content,
        "mode": old.mode != new.mode,
        "owner": old.owner != new.owner,
        "attributes": old.attributes != new.attributes,
        "time": old.changed_ns != new.changed_ns,
    }
    return "another " + next(word for word, differs in words.items() if differs)
