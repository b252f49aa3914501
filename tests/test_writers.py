"""One function writes to an existing database besides an upgrade; a second one would need a way in: each way in is listed here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADOPT = "adopt/"

# What opens a database so that it could be written to, and why that is none that exists.
MAY_OPEN = {
    ADOPT + "server/engines.py": "makes the engines of the files below",
    ADOPT + "server/readonly.py": "the server or SQLite refuses every write on it",
    ADOPT + "server/scratch.py": "a scratch database, proven empty",
    ADOPT + "server/play.py": "a scratch database, to give it a login of its own",
    ADOPT + "server/connecting.py": "to make, find and drop scratch databases, and to make one that is absent",
    ADOPT + "server/servers/mysql.py": "the same",
    ADOPT + "server/servers/postgresql.py": "the same",
    ADOPT + "server/servers/sqlite.py": "the same",
    ADOPT + "verdict/stamp.py": "the one function: it writes the rows of alembic_version",
    ADOPT + "history/upgrading.py": "an upgrade through env.py, where it was asked for or the database is empty",
    "hooks/inside/guard/sqlite_driver.py": "wraps the driver while the application loads, and refuses writes",
}
OPENERS = {"create_engine", "open_connection", "sqlite3.connect", "engines.engine"}

# What runs revisions, and where.
MAY_RUN = {
    ADOPT + "history/upgrading.py": "adopt --upgrade, and an absent or empty database",
    ADOPT + "commands/readiness.py": "deploy: `flask db upgrade` itself",
    ADOPT + "commands/preview.py": "offline, into a text",
    ADOPT + "commands/checking.py": "up and down on a scratch database",
    ADOPT + "commands/rehearsal.py": "up on a scratch database",
    "hooks/inside/baseline/prove.py": "up and down on a scratch database",
}
RUNNERS = {f"{module}.{name}" for module in ("command", "flask_migrate") for name in ("upgrade", "downgrade", "stamp")}

MAY_WRITE_VERSIONS = {ADOPT + "verdict/stamp.py"}
WRITES = {"insert", "update", "delete"}


def nodes() -> Iterator[tuple[str, ast.AST]]:
    """(file, node) of everything that runs in a project's Python."""
    for folder in ("adopt", "template/migrations", "hooks/inside"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                yield path.relative_to(ROOT).as_posix(), node


def calls() -> list[tuple[str, str]]:
    """(file, what is called, as it is written)."""
    return [(file, ast.unparse(node.func)) for file, node in nodes() if isinstance(node, ast.Call)]


def attributes() -> list[tuple[str, str]]:
    """(file, what is named with a dot, as it is written)."""
    return [(file, ast.unparse(node)) for file, node in nodes() if isinstance(node, ast.Attribute)]


def test_what_opens_a_database_for_writing():
    """Every file that does is listed with the reason why no existing database is written to."""
    opening = {file for file, called in calls() if called in OPENERS}

    assert opening - set(MAY_OPEN) == set()
    assert ADOPT + "verdict/stamp.py" in opening


def test_what_runs_revisions():
    """Every file that does is listed with where they run."""
    running = {file for file, called in calls() if called in RUNNERS}

    assert running - set(MAY_RUN) == set()
    assert ADOPT + "history/upgrading.py" in running


def test_rows_of_alembic_version_are_written_by_the_stamp_alone():
    """Nothing else inserts, changes or deletes them; the retrofit, adopt and the fleet all go through it.

    Whoever names the function counts, not only who calls it: the commands hand it to the process that keeps the databases.
    """
    by_text = {
        path.relative_to(ROOT).as_posix()
        for folder in ("adopt", "template/migrations", "hooks")
        for path in (ROOT / folder).rglob("*.py")
        if any(f"_version.{write}(" in path.read_text() or f"table.{write}()" in path.read_text() for write in WRITES)
    }
    stamping = {file for file, named in attributes() if named.endswith(("stamp.stamp", "adopt('stamp').stamp"))}

    assert by_text == MAY_WRITE_VERSIONS
    assert stamping == {ADOPT + "commands/attempts.py", ADOPT + "verdict/adopting.py", "hooks/inside/keeper.py"}
