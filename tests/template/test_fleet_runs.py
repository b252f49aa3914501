"""Runs over many databases: read by programs, split, interrupted, killed, raced, and of any length."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url

from adopt.server import scratch
from tests.servers import DIALECTS, databases, execute
from tests.template.fleets import application, build, stamped, write_list
from tests.template.kernel import needs_abi
from tests.template.project import Project

New = Callable[[str], str]


def start(project: Project, *arguments: str, **environment: str) -> subprocess.Popen:
    """The command, running."""
    return subprocess.Popen(
        [sys.executable, "-m", "migrations.adopt", *arguments],
        cwd=project.folder,
        env={**os.environ, "FLASK_APP": "shop", "DATABASE_URL": project.database_url, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def copies(folder: Path, count: int, revision: str = "three") -> dict[str, str]:
    """So many SQLite databases at one revision, by name."""
    original = Path(build(f"sqlite:///{folder}/original.db", revision).removeprefix("sqlite:///")).read_bytes()
    for number in range(count):
        (folder / f"c{number}.db").write_bytes(original)
    return {f"c{number}": f"sqlite:///{folder}/c{number}.db" for number in range(count)}


def test_document(fleet, tmp_path):
    """--json is one document: the fact sheet of each database with its name and line, and the exit status."""
    urls = copies(tmp_path, 2)
    execute(urls["c1"], "ALTER TABLE users ADD COLUMN by_hand INTEGER")

    said = json.loads(fleet.adopt("--urls-from", write_list(fleet, **urls), "--json", expect=1))

    found = {one.pop("name"): one for one in said.pop("databases")}
    assert said == {"exit": 1, "interrupted": False, "of": 2, "shard": "1/1", "states": {"current": 1, "drifted": 1}}
    assert [(found[name]["state"], found[name]["line"], found[name]["actions"]) for name in ("c0", "c1")] == [
        ("current", 1, ["stamped three"]),
        ("drifted", 2, []),
    ]
    assert [one["name"] for one in found["c1"]["differences"]] == ["by_hand"]


def test_document_of_databases_that_are_built(fleet, tmp_path):
    """What is stamped and what is built afterwards, in a process that may write, is one document; so is what is built alone."""
    urls = {**copies(tmp_path, 1), "absent": f"sqlite:///{tmp_path}/absent.db", "also": f"sqlite:///{tmp_path}/also.db"}

    mixed = json.loads(fleet.adopt("--urls-from", write_list(fleet, c0=urls["c0"], absent=urls["absent"]), "--json"))
    built = json.loads(fleet.adopt("--urls-from", write_list(fleet, also=urls["also"]), "--json"))

    assert {one["name"]: one["actions"] for one in mixed["databases"]} == {
        "c0": ["stamped three"],
        "absent": ["created", "built up to three"],
    }
    assert (mixed["states"], mixed["exit"], mixed["of"]) == ({"current": 2}, 0, 2)
    assert [(one["name"], one["line"]) for one in built["databases"]] == [("also", 1)]
    assert (built["states"], built["exit"], built["of"]) == ({"current": 1}, 0, 1)


def emails(path: Path) -> list[str]:
    """Those that are in one of the databases."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT email FROM users ORDER BY id")]


LATE_WRITER = """

import atexit, pathlib, sqlite3

pathlib.Path("left.txt").write_text("by the application")
pathlib.Path({path!r}).touch()


def write():
    with sqlite3.connect({path!r}) as connection:
        connection.execute("INSERT INTO users (email) VALUES ('late')")


try:
    write()
except (sqlite3.Error, OSError):
    pass
atexit.register(write)
"""


@needs_abi[1]
def test_application_that_writes_to_a_database_of_the_list(fleet, tmp_path):
    """It is loaded where it can write to none of them, nor to the project."""
    urls = copies(tmp_path, 2)
    before = emails(tmp_path / "c0.db")
    fleet.write("shop.py", (fleet.folder / "shop.py").read_text() + LATE_WRITER.format(path=str(tmp_path / "c0.db")))

    output = fleet.adopt("--urls-from", write_list(fleet, **urls))

    assert output.splitlines()[-1] == "2 of 2 databases: 2 stamped"
    assert emails(tmp_path / "c0.db") == before
    assert not (fleet.folder / "left.txt").exists()


def test_standard_input_and_variables(fleet, tmp_path):
    """No password need be in a file: the list comes from a pipe and names variables, also those in .env.

    It is read once for both processes, the one that stamps and the one that builds.
    """
    urls = copies(tmp_path, 2)
    fleet.write(".env", f"SECOND_URL={urls['c1']}\n")
    run = subprocess.run(
        [sys.executable, "-m", "migrations.adopt", "--urls-from", "-"],
        input=f"FIRST_URL\nsecond = $SECOND_URL\nthird = sqlite:///{tmp_path}/absent.db\n",
        cwd=fleet.folder,
        env={**os.environ, "FLASK_APP": "shop", "DATABASE_URL": fleet.database_url, "FIRST_URL": urls["c0"]},
        capture_output=True,
        text=True,
        check=True,
    )

    lines = run.stdout.splitlines()
    assert sorted(lines[:3]) == [
        "built             third   three",
        "stamped           FIRST_URL   three",
        "stamped           second   three",
    ]
    assert lines[3:] == [
        "",
        "count  state             what to do",
        "    3  current",
        "",
        "3 of 3 databases: 1 built, 1 created, 2 stamped",
    ]


def test_bad_lines_are_told_before_anything_is_done(fleet, tmp_path):
    """Every one of them, without what is in it; no database is stamped."""
    [url] = copies(tmp_path, 1).values()
    fleet.write("list.txt", f"{url}\nMISSING_URL\npostgresql://shop:hun@ter2@db/shop\n")

    assert fleet.adopt("--urls-from", "list.txt", expect=2) == (
        "error: bad-list\n"
        "  list.txt holds 2 lines that name no database:\n"
        "    line 2   the environment variable MISSING_URL is not set\n"
        "    line 3   a URL whose user, password or path is not percent-encoded\n"
        "  This command wrote to no database.\n"
    )
    assert stamped(url) is None


def test_scratch_database_in_the_list(fleet, tmp_path):
    """It would be emptied while it is adopted: it is refused."""
    [url] = copies(tmp_path, 1).values()
    fleet.write("list.txt", f"{url}\n")

    assert fleet.adopt("--urls-from", "list.txt", expect=2, EMPTY_DATABASE_URL=url) == (
        "error: bad-list\n"
        "  list.txt names a scratch database:\n"
        "    line 1   this database is also EMPTY_DATABASE_URL, which is emptied after use\n"
        "  This command wrote to no database.\n"
    )


def test_same_database_twice_is_told(fleet, tmp_path):
    """It is done once, and the other line is named."""
    [url] = copies(tmp_path, 1).values()

    output = fleet.adopt("--urls-from", write_list(fleet, one=url, other=url))

    assert output.startswith("repeated          other   line 2, the same database as one, line 1\nstamped           one   three\n")


def test_shards_cover_the_list_exactly_once(fleet, tmp_path):
    """Three machines do three parts; together they are the list, and what to do next names the part."""
    urls = copies(tmp_path, 7, "two")
    source = write_list(fleet, **urls)

    outputs = [fleet.adopt("--urls-from", source, "--shard", f"{number}/3") for number in (1, 2, 3)]

    names = [re.findall(r"^stamped +(\w+)", output, re.M) for output in outputs]
    assert sorted(name for part in names for name in part) == sorted(urls)
    assert sorted(map(len, names)) == [2, 2, 3]
    assert f"behind            python -m migrations.adopt --urls-from {source} --shard 2/3 --upgrade\n" in outputs[1]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


MANY = 400


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption(number, fleet, tmp_path):
    """What was begun is brought to its end, what was done is said; the same command then does the rest."""
    urls = copies(tmp_path, MANY)
    source = write_list(fleet, **urls)
    with contextlib.closing(sqlite3.connect(str(make_url(urls["c5"]).database), isolation_level=None)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")  # so that not all are done before the signal arrives, however fast they are
        run = start(fleet, "--urls-from", source, "--jobs", "1")
        until(lambda: stamped(urls["c1"]) == ["three"])
        run.send_signal(number)
    said = run.communicate(timeout=90)[0]

    done = [name for name, url in urls.items() if stamped(url)]
    assert run.returncode == 2
    assert 2 <= len(done) < MANY
    assert sorted(re.findall(r"^stamped +(\w+)", said, re.M)) == sorted(done)
    assert said.endswith(
        f"\n{len(done)} of {MANY} databases: {len(done)} stamped\n"
        "Interrupted. Run the same command again: what is done is recognised, and the rest is done.\n"
    )
    again = fleet.adopt("--urls-from", source)
    assert len(re.findall(r"^current +c\d+ ", again, re.M)) == len(done)
    assert again.endswith(f"\n{MANY} of {MANY} databases: {MANY - len(done)} stamped\n")


@pytest.mark.parametrize("dialect", DIALECTS[1:])
def test_killed_run(dialect, new, fleet):
    """Nothing is left half done; the next run goes on and drops the scratch database."""
    urls = {f"c{number}": build(new(dialect), "three") for number in range(3)}
    source = write_list(fleet, **urls)
    own = scratch.prefix(fleet.folder)
    newest = fleet.revisions()[-1]
    newest.write_text(newest.read_text().replace("def upgrade():\n", "def upgrade():\n    __import__('time').sleep(0.5)\n"))
    run = start(fleet, "--urls-from", source)
    until(lambda: any(name.startswith(own) for name in databases(dialect)))
    run.kill()
    run.communicate(timeout=60)

    fleet.adopt("--urls-from", source)

    assert [stamped(url) for url in urls.values()] == [["three"]] * 3
    assert [name for name in databases(dialect) if name.startswith(own)] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_runs_on_one_list(dialect, new, fleet):
    """Both end well, and every database has one true stamp."""
    urls = {f"{revision}{number}": build(new(dialect), revision) for revision in ("one", "two", "three") for number in (1, 2)}
    source = write_list(fleet, **urls)

    runs = [start(fleet, "--urls-from", source) for _ in range(2)]
    said = [run.communicate(timeout=120)[0] for run in runs]

    assert [run.returncode for run in runs] == [0, 0], said
    assert {name: stamped(url) for name, url in urls.items()} == {name: [name[:-1]] for name in urls}


def test_revision_that_leaves_the_process(fleet, tmp_path):
    """What somebody's revision raises, even SystemExit, is the end of one database and not of the run."""
    urls = copies(tmp_path, 2)
    two = fleet.folder / "migrations/versions/two.py"
    two.write_text(two.read_text().replace("def upgrade():\n", "def upgrade():\n    raise SystemExit(0)\n"))

    output = fleet.adopt("--urls-from", write_list(fleet, **urls), expect=2)

    assert sorted(re.findall(r"^uncheckable +(\w+)", output, re.M)) == ["c0", "c1"]


def peak(project: Project, source: str) -> int:
    """The most memory of one run, in KiB."""
    run = start(project, "--urls-from", source)
    with contextlib.closing(run.stdout):
        run.stdout.read()
    _, status, used = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == 0
    return used.ru_maxrss


def test_memory_does_not_grow_with_the_number_of_databases(fleet, tmp_path):
    """Nothing is kept of a database but its line of the list."""
    urls = copies(tmp_path, 1200)
    for name, count in (("few.txt", 300), ("many.txt", 1200)):
        fleet.write(name, "".join(f"{name} = {url}\n" for name, url in list(urls.items())[:count]))

    grown = peak(fleet, "many.txt") - peak(fleet, "few.txt")

    assert grown < 900 * 2  # KiB


BIND = """
app.config["SQLALCHEMY_BINDS"] = {"archive": "sqlite:///" + os.path.abspath("archive.db")}


class Old(db.Model):
    __bind_key__ = "archive"
    id = db.Column(db.Integer, primary_key=True)
"""


def test_databases_of_a_bind(tmp_path):
    """--bind says which of the application's databases the list has others of; a name that is none is told."""
    project = application(tmp_path / "shop", f"sqlite:///{tmp_path}/own.db")
    shop = (project.folder / "shop.py").read_text()
    project.write(
        "shop.py",
        shop.replace("db = SQLAlchemy(app)", BIND.partition("\n\n\n")[0] + "\ndb = SQLAlchemy(app)") + BIND.partition("\n\n")[2],
    )
    project.write(
        "migrations/versions/four.py",
        "import sqlalchemy as sa\nfrom alembic import op\n"
        "revision, down_revision, branch_labels, depends_on = 'four', 'three', None, None\n"
        "def upgrade(engine_name=''):\n    globals()['upgrade_' + engine_name]()\n"
        "def upgrade_():\n    pass\n"
        "def upgrade_archive():\n    op.create_table('old', sa.Column('id', sa.Integer, primary_key=True))\n",
    )
    url = f"sqlite:///{tmp_path}/customer.db"
    execute(url, "CREATE TABLE old (id INTEGER NOT NULL PRIMARY KEY)")
    source = write_list(project, customer=url)

    output = project.adopt("--urls-from", source, "--bind", "archive")
    wrong = project.adopt("--urls-from", source, "--bind", "other", expect=2)

    assert output.startswith("stamped           customer   four\n")
    assert stamped(url) == ["four"]
    assert wrong == (
        "error: no-such-bind\n  there is no bind 'other'; the binds are archive\n  This command wrote to no database.\n"
    )
