"""An application that reaches its database all the same, by a program of its own: whichever way the run ends, that is seen."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.end_to_end.test_guarantees import FACTORY, MODELS, write_project
from tests.end_to_end.tools import commit_all, git, heads, rows, run_copier, stamped_at, tree_bytes
from tests.servers import SERVERS, databases_of_runs, execute, new_database, require_server

# The client of a server, and its options for the user, the port, the database and a statement.
TOOLS = {"postgresql": ("psql", "-U", "-p", "-d", "-c"), "mariadb": ("mariadb", "-u", "-P", "-D", "-e")}
REACH = """\
    import os, signal, time
    command = {command!r}
    os.waitpid(os.posix_spawn(command[0], command, os.environ), 0)
    {then}
"""
INSERT = "INSERT INTO {} (name) VALUES ('eve')"
ENDS = {
    "goes on": ("postgresql", "pass", "database-changed"),
    "raises": ("mariadb", "raise RuntimeError('no')", "database-changed"),
    "dies": ("postgresql", "os.kill(os.getpid(), signal.SIGKILL)", "database-changed"),
}


def write_reaching(root: Path, server: str, url: str, statement: str, then: str) -> None:
    """The project of test_guarantees.py, whose factory runs the server's own client."""
    write_project(root, url)
    place, (tool, *options) = make_url(url), TOOLS[server]
    values = zip(options, (place.username, str(place.port), place.database, statement), strict=True)
    command = [shutil.which(tool), "-h", place.host, *[word for pair in values for word in pair]]
    more = REACH.format(command=command, then=then)
    (root / "app.py").write_text(MODELS + FACTORY.format(url=url, more=more))
    commit_all(root)


@pytest.mark.parametrize("end", ENDS)
def test_rows_are_written(end: str, tmp_path: Path) -> None:
    """The rows are named, "Nothing was changed" is not said, nothing is stamped, and the tree is as it was."""
    server, then, reference = ENDS[end]
    require_server(server)
    with new_database(server) as url:
        root = tmp_path / "project"
        write_reaching(root, server, url, INSERT.format('"user"' if server == "postgresql" else "user"), then)
        tree = tree_bytes(root)

        result = run_copier(root)

        assert result.returncode != 0, result.output
        assert re.search(rf"^error: {reference}$", result.stderr, re.M), result.output
        assert re.search(r"^ +(\S+: )?rows of (public\.)?user were written: ", result.stderr, re.M), result.output
        assert "othing was changed." not in result.stderr
        assert stamped_at(url) == []
        assert len(rows(url)["user"]) > 2  # or it was no attack
    assert tree_bytes(root) == tree
    assert git(root, "status", "--porcelain") == ""


WRITER = """
import sys, time
from tests.servers import execute
while True:
    execute(sys.argv[1], sys.argv[2])
    print("written", flush=True)
    time.sleep(0.1)
"""


def test_a_database_that_is_in_use(database_url: str, tmp_path: Path) -> None:
    """Others write rows all the time, each over a connection of its own: the database is stamped, and one row says so."""
    root = tmp_path / "project"
    write_project(root, database_url)
    name, value = ("user", "UUID()") if "mysql" in database_url else ('"user"', "'c' || random()")
    many = f"INSERT INTO {name} (name) VALUES ({value})"
    with subprocess.Popen([sys.executable, "-c", WRITER, database_url, many], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()

        result = run_copier(root)

        process.kill()
    assert result.returncode == 0, result.output
    assert stamped_at(database_url) == heads(root) != []
    (row,) = re.findall(r"^unclear .*", result.stderr, re.M)
    assert re.search(r": (file \S+ (is new|changed)|.*rows of (public\.)?user were written: ).*, perhaps by others$", row)
    assert "nothing else in it was written" not in result.stderr


@pytest.mark.parametrize("server", TOOLS)
def test_a_table_is_made(server: str, tmp_path: Path) -> None:
    """DDL is an error, whoever did it."""
    require_server(server)
    with new_database(server) as url:
        root = tmp_path / "project"
        write_reaching(root, server, url, "CREATE TABLE IF NOT EXISTS evil (id INT)", "pass")

        result = run_copier(root)

        assert result.returncode != 0, result.output
        assert "error: database-changed\n" in result.stderr
        assert re.search(r"^ +table (public\.)?evil is new$", result.stderr, re.M), result.output
        assert stamped_at(url) == []
        execute(url, "DROP TABLE evil")


def test_a_database_of_the_run_that_stays(postgresql_url: str, tmp_path: Path) -> None:
    """The server does not drop it, as it has a subscription: the run went well, and its report says so."""
    root = tmp_path / "project"
    write_project(root, postgresql_url)
    subscription = "CREATE SUBSCRIPTION keeps CONNECTION '' PUBLICATION p WITH (connect = false, slot_name = NONE)"

    with ThreadPoolExecutor() as pool:
        run = pool.submit(run_copier, root)
        while not run.done() and not databases_of_runs(root):
            time.sleep(0.01)
        (name,) = databases_of_runs(root)[:1]
        kept = make_url(postgresql_url).set(database=name).render_as_string(hide_password=False)
        execute(kept, subscription)
        result = run.result()
    try:
        assert result.returncode == 0, result.output
        assert stamped_at(postgresql_url) == heads(root)
        (note,) = re.findall(r"^note +(A database .*)", result.output, re.M)
        assert note.startswith("A database that this run had made could not be dropped: ")
        assert note.endswith("; the next run tries again")
        assert databases_of_runs(root) == [name]
    finally:
        execute(kept, "DROP SUBSCRIPTION keeps")
        execute(SERVERS["postgresql"], f'DROP DATABASE "{name}"')
