"""Each reason to stop says what to do; here a program does that, to the letter, and the next run goes well.

`follow` gets the message and gives what the next run has; lines to paste and commands are taken from the message itself.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.end_to_end.test_guarantees import killed_run
from tests.end_to_end.tools import (
    Project,
    commit_all,
    flask,
    git,
    heads,
    make_project,
    newest,
    run,
    run_copier,
    said,
    stamped_at,
)
from tests.servers import engine_for, execute

ANSWERS = ".copier-answers.yml"


@dataclass(frozen=True)
class Again:
    """What the next command has: answers, options, variables of the environment."""

    data: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


def nothing(_project: Project) -> None:
    """The shape is wrong as it is."""


def answer(_project: Project, message: str) -> Again:
    """The `-d name=value` that the last line names."""
    return Again((message.rstrip().rpartition("-d ")[2].strip('"'),))


def listed_answer(_project: Project, message: str) -> Again:
    """The first `-d name=value` behind a candidate."""
    found = re.search(r"   -d (\S+)$", message, re.M)
    assert found
    return Again((found[1],))


def option(_project: Project, message: str) -> Again:
    """The option that the last line names."""
    return Again(options=tuple(message.rstrip().rpartition(":  ")[2].split()))


def variable(_project: Project, message: str) -> Again:
    """The variable that is to be set, or the one that the application itself asks for."""
    found = re.search(r"Set (\w+) as you do|(\w+) is not set", message)
    assert found
    return Again(env={found[1] or found[2]: "something"})


def commands(project: Project, message: str) -> Again:
    """The indented lines at the end are commands; what they change is committed."""
    found = re.findall(r"^    (\w.*)$", message.rpartition("anged")[2], re.M)
    assert found
    for command in found:
        result = run("sh", "-c", command, cwd=project.root)
        assert result.returncode == 0, result.output
    commit_all(project.top)
    return Again()


def committed(project: Project, _message: str) -> Again:
    """Commit what is there."""
    commit_all(project.top)
    return Again()


def without_line(project: Project, message: str) -> Again:
    """The line of a file that the evidence shows is taken out, and that is committed."""
    found = re.search(r"^    (\S+):(\d+)   ", message, re.M)
    assert found
    path, number = project.root / found[1], int(found[2])
    lines = path.read_text().splitlines(keepends=True)
    del lines[number - 1]
    path.write_text("".join(lines))
    commit_all(project.top)
    return Again()


def edited(path: str, before: str, after: str) -> Callable[..., Again]:
    """An edit that a person makes by the words of the message."""

    def edit(project: Project, _message: str = "") -> Again:
        file = project.root / path
        text = file.read_text()
        assert before in text
        file.write_text(text.replace(before, after))
        commit_all(project.top)
        return Again()

    return edit


def added(path: str, content: str) -> Callable[..., Again]:
    """A file that is there, committed, or lines at the end of one."""

    def add(project: Project, _message: str = "") -> Again:
        (project.root / path).parent.mkdir(exist_ok=True)
        with (project.root / path).open("a") as file:
            file.write(content)
        commit_all(project.top)
        return Again()

    return add


def a_link(project: Project) -> None:
    """migrations/ is a symbolic link to another folder of the repository."""
    (project.root / "elsewhere").mkdir()
    (project.root / "elsewhere" / "kept").touch()
    (project.root / "migrations").symlink_to("elsewhere")
    commit_all(project.top)


def folder_for_link(project: Project, _message: str) -> Again:
    """A folder of its own in the place of the link."""
    (project.root / "migrations").unlink()
    (project.root / "migrations").mkdir()
    commit_all(project.top)
    return Again()


def wsgi(project: Project, message: str) -> Again:
    """The wsgi.py that the last line shows, with what the application takes in the place of the dots."""
    statements = message.rstrip().rpartition(":  ")[2].split("; ")
    lines = "\n".join(statements).replace("...", '{"name": "north", "database": "sqlite:///plant.db"}')
    return added("wsgi.py", lines + "\n")(project)


def taken_back(project: Project) -> None:
    """A run was taken back with git, and its stamp is still in the database."""
    assert run_copier(project).returncode == 0
    git(project.root, "checkout", ".")
    git(project.root, "clean", "-fdq")


def statement(project: Project, message: str) -> Again:
    """The SQL in the last line."""
    execute(project.database_url, message.rstrip().rpartition("\n")[2].strip())
    return Again()


def moved_directory(project: Project, message: str) -> Again:
    """The directory is moved by the command that is shown, and not named any more."""
    edited("app.py", ', directory="db/migrations"', "")(project)
    return commands(project, message)


def said_in_env(project: Project) -> None:
    """env.py says where the stamp is, which `Migrate(...)` does not."""
    edited(
        "migrations/env.py", "            **conf_args\n", "            version_table='alembic_version',\n            **conf_args\n"
    )(project)


def option_moved(project: Project, message: str) -> Again:
    """The argument that the last line shows is given where Flask-Migrate is made, and taken out of env.py."""
    argument = message.rstrip().rpartition("Migrate(..., ")[2].removesuffix(")")
    edited("migrations/env.py", f"            {argument},\n", "")(project)
    return edited("app.py", "Migrate(app, db)", f"Migrate(app, db, {argument})")(project)


def pasted(project: Project, message: str) -> Again:
    """The lines with a plus are added at the end of the application's module."""
    lines = re.findall(r"^ +\+(.*)$", message, re.M)
    assert lines
    return added("app.py", "\n\n" + "".join(f"{line}  # noqa: E402\n" if "import" in line else f"{line}\n" for line in lines))(
        project
    )


def in_latin_1(project: Project) -> None:
    """The module of the application is read by Python, and is not UTF-8."""
    path = project.root / "app.py"
    path.write_bytes(b"# coding: latin-1\n" + path.read_text().encode("latin-1"))
    commit_all(project.top)


def in_utf_8(project: Project, _message: str) -> Again:
    """The same text in UTF-8."""
    path = project.root / "app.py"
    path.write_bytes(path.read_bytes().removeprefix(b"# coding: latin-1\n").decode("latin-1").encode())
    commit_all(project.top)
    return Again()


def in_cli_command(line: str) -> Callable[..., Again]:
    """What stands in the module is a command of `flask` then."""
    return edited("app.py", line, f'@app.cli.command("by-hand")\ndef by_hand():\n    {line}')


def installed(project: Project, message: str) -> Again:
    """The module that is named can be imported."""
    found = re.search(r"Install (\w+) in the project's environment", message)
    assert found
    folder = project.top.parent / "installed"
    folder.mkdir()
    (folder / f"{found[1]}.py").touch()
    return Again(env={"PYTHONPATH": str(folder)})


def used_database(project: Project, _message: str) -> Again:
    """An empty database of the same kind, under the variable that the last line names."""
    variable = re.search(r"run again:  (\w+)=", _message)
    assert variable
    return Again(env={variable[1]: f"sqlite:///{project.top.parent / 'empty.db'}"})


def written_out(project: Project, message: str) -> Again:
    """The model has columns of its own, and what read them, which is named, is gone."""
    assert "take out db.reflect()" in message
    columns = "    id = db.Column(db.Integer, primary_key=True)\n    value = db.Column(db.Float)\n"
    edited("app.py", '    __table__ = db.metadata.tables["reading"]\n', columns)(project)
    return edited("app.py", "with app.app_context():\n    db.reflect()\n", "")(project)


@dataclass(frozen=True)
class Case:
    """A shape, what is wrong with it, the first answers, the reason it stops with, and how that is followed."""

    shape: str
    reference: str
    follow: Callable[[Project, str], Again]
    spoil: Callable[[Project], object] = nothing
    data: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


CASES = {
    "two applications": Case("two_apps", "two-apps", answer),
    "two databases": Case(
        "two_dbs",
        "two-dbs",
        answer,
        edited("shop/__init__.py", "    catalogue_db.init_app(app)", "    if app.debug:\n        catalogue_db.init_app(app)"),
    ),
    "an application of another name": Case("single_module", "unknown-app", listed_answer, data=("app=nope:app",)),
    "a database of another name": Case("single_module", "unknown-db", answer, data=("db=nope:db",)),
    "a factory with arguments": Case("unknown_factory_argument", "app-needs-arguments", wsgi),
    "uncommitted changes": Case("single_module", "dirty-tree", committed, lambda project: touch(project, "app.py")),
    "uncommitted changes, all the same": Case("single_module", "dirty-tree", answer, lambda project: touch(project, "app.py")),
    "ignored migrations": Case("single_module", "migrations-ignored", without_line, added("migrations/.gitignore", "*\n")),
    "answers of another template": Case("single_module", "foreign-answers-file", option, added(ANSWERS, "_src_path: gh:a/b\n")),
    "files in the way": Case("migrations_by_hand", "files-in-the-way", lambda project, _: moved(project, "migrations", "scripts")),
    "a link": Case("single_module", "symbolic-link", folder_for_link, a_link),
    "migrations elsewhere": Case("set_up_elsewhere", "migrations-elsewhere", moved_directory),
    "a run that was taken back": Case("single_module", "already-stamped", statement, taken_back),
    "no Python there": Case("single_module", "no-python", lambda *_: Again(), data=("python=/nowhere",)),
    "a variable that is not set": Case("missing_variable", "app-failed-to-load", variable),
    "a variable that it asks for itself": Case("exits_at_import", "app-exits-while-loading", variable),
    "a configuration that is ignored": Case("ignored_config", "app-failed-to-load", commands),
    "attached in main()": Case("main_only", "app-has-no-database", added("rest/app.py", "\n\ninitialize_app(app)\n")),
    "a database that nothing attaches": Case(
        "single_module",
        "db-not-attached",
        edited("app.py", "db = SQLAlchemy()\n", "db = SQLAlchemy()\ndb.init_app(app)\n"),
        edited("app.py", "db = SQLAlchemy(app)\n", "db = SQLAlchemy()\n"),
    ),
    "models that nothing imports": Case(
        "models_without_database",
        "models-not-loaded",
        edited("app.py", "db = SQLAlchemy(app)\n", "db = SQLAlchemy(app)\n\nimport parking.models  # noqa: E402, F401\n"),
    ),
    "tables that are dropped": Case("drops_tables", "app-drops-tables-while-loading", edited("app.py", "    db.drop_all()\n", "")),
    "Python 2": Case(
        "syntax_error", "no-flask-sqlalchemy", edited("app.py", "print 'todos:', len(todos)", "print('todos:', len(todos))")
    ),
    "a report without a place": Case(
        "single_module", "report-refused", lambda *_: Again(("report=-",)), data=("report=/no/where",)
    ),
    "another repository": Case("single_module", "git-refuses", lambda *_: Again(), env={"GIT_DIR": "/nowhere"}),
    "a place of the stamp in env.py": Case("set_up_by_hand", "option-in-env", option_moved, said_in_env),
    "an application that is not Python 3": Case(
        "factory_package",
        "no-app",
        edited("tracker/__init__.py", "    print 'made'\n", "    print('made')\n"),
        edited("tracker/__init__.py", "    app = Flask(", "    print 'made'\n    app = Flask("),
    ),
    "attached within an expression": Case(
        "single_module",
        "cannot-edit",
        pasted,
        edited("app.py", "db = SQLAlchemy(app)\n", "db = SQLAlchemy()\nis_attached = db.init_app(app) is None\n"),
    ),
    "a module in Latin 1": Case("single_module", "no-flask-sqlalchemy", in_utf_8, in_latin_1),
    "another server": Case(
        "single_module",
        "connection-refused",
        in_cli_command("psycopg2.connect('postgresql://127.0.0.1:1/other')\n"),
        added("app.py", "\n\nimport psycopg2  # noqa: E402\n\npsycopg2.connect('postgresql://127.0.0.1:1/other')\n"),
    ),
    "a program": Case(
        "single_module",
        "app-starts-program-while-loading",
        in_cli_command("subprocess.run([sys.executable, 'seed.py'], check=True)\n"),
        added(
            "app.py", "\n\nimport subprocess, sys  # noqa: E401, E402\n\nsubprocess.run([sys.executable, 'seed.py'], check=True)\n"
        ),
    ),
    "tables that are read from the database": Case(
        "tables_reflected",
        "tables-reflected",
        written_out,
    ),
    "a module that is missing": Case(
        "single_module", "app-failed-to-load", installed, added("app.py", "\nimport rarely_used  # noqa\n")
    ),
    "an unknown bind": Case(
        "single_module",
        "bind-not-configured",
        edited(
            "app.py",
            "db = SQLAlchemy(app)\n",
            'app.config["SQLALCHEMY_BINDS"] = {"others": "sqlite:///others.db"}\ndb = SQLAlchemy(app)\n',
        ),
        added(
            "app.py", '\n\nclass Other(db.Model):\n    __bind_key__ = "others"\n    id = db.Column(db.Integer, primary_key=True)\n'
        ),
    ),
    "two variables": Case(
        "other_variable",
        "variables-differ",
        answer,
        env={"DATABASE_URL": "sqlite:///another.sqlite", "SQLALCHEMY_URI": "sqlite:///parcels.sqlite"},
    ),
}


def touch(project: Project, path: str) -> None:
    """A change that is not committed."""
    with (project.root / path).open("a") as file:
        file.write("# a comment\n")


def moved(project: Project, before: str, after: str) -> Again:
    """A folder has another name."""
    git(project.root, "mv", before, after)
    commit_all(project.top)
    return Again()


@pytest.mark.parametrize("name", CASES)
def test_advice(name: str, tmp_path: Path) -> None:
    """What the message says is done; then the run goes to its end, and what there is of a database is stamped."""
    case = CASES[name]
    project = make_project(case.shape, tmp_path)
    case.spoil(project)
    first = run_copier(project, *case.data, env=case.env)
    assert first.returncode == 1, first.output
    assert f"error: {case.reference}\n" in first.output, said(first)

    again = case.follow(project, said(first))

    result = run_copier(project, *again.data, options=again.options, env=again.env)
    assert result.returncode == 0, said(first) + result.output
    assert heads(project.root)
    if project.database_url:
        assert stamped_at(project.database_url) == newest(project.root)


def test_advice_for_a_scratch_database_that_is_none(tmp_path: Path) -> None:
    """The existing database is not taken for one; an empty one is, which the advice asks for."""
    project = make_project("single_module", tmp_path)
    first = run_copier(project, env={"EMPTY_DATABASE_URL": project.database_url})
    assert "error: scratch-refused\n" in first.output

    result = run_copier(project, env=used_database(project, said(first)).env)

    assert result.returncode == 0, said(first) + result.output
    assert stamped_at(project.database_url) == heads(project.root) != []


def test_advice_for_a_database_that_is_locked(tmp_path: Path) -> None:
    """The other session ends, as the advice says, and the run goes well."""
    project = make_project("single_module", tmp_path)
    with engine_for(project.database_url).connect() as other:
        other.exec_driver_sql("BEGIN EXCLUSIVE")
        first = run_copier(project, env={"MIGRATIONS_LOCK_WAIT_S": "1"})
        assert "error: database-locked\n" in first.output, first.output

    result = run_copier(project)

    assert result.returncode == 0, said(first) + result.output
    assert stamped_at(project.database_url) == heads(project.root) != []


def test_advice_for_models_with_a_schema(tmp_path: Path) -> None:
    """What is left to do by hand can be done as it is said, and makes a directory of Flask-Migrate's."""
    project = make_project("single_module", tmp_path)
    added(
        "app.py",
        '\n\nclass Other(db.Model):\n    __table_args__ = {"schema": "other"}\n    id = db.Column(db.Integer, primary_key=True)\n',
    )(project)
    first = run_copier(project)
    assert "error: schemas-unsupported\n" in first.output, said(first)
    lines = re.search(r"write  (.*)  where[^\n]*,\n  and run:  (flask .*)$", said(first), re.M)
    assert lines

    attached = f"db = SQLAlchemy(app)\n{lines[1]}\n"
    edited("app.py", "db = SQLAlchemy(app)\n", attached)(project)
    edited("app.py", "from flask import", "from flask_migrate import Migrate\nfrom flask import")(project)
    result = flask(project, *lines[2].split()[1:])

    assert result.returncode == 0, said(first) + result.output
    assert (project.root / "migrations" / "env.py").is_file()


CONFIGURED_LATE = """\
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)


def create_app(testing=False):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///dev.db"
    db.init_app(app)
    if testing:
        app.config["TESTING"] = True
    return app
"""
CONFIGURED_BEFORE = """\
    if testing:
        app.config.update(TESTING=True, SQLALCHEMY_DATABASE_URI="sqlite:///:memory:")
    db.init_app(app)
"""


def test_advice_for_tests_that_would_follow_the_variable(tmp_path: Path) -> None:
    """They get a database of their own before it is attached, as the advice says."""
    files = {"app.py": CONFIGURED_LATE, "requirements.txt": "Flask-SQLAlchemy\n", ".gitignore": "instance/\n"}
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    commit_all(tmp_path)
    first = run_copier(tmp_path)
    assert "error: tests-would-follow\n" in first.output, said(first)
    assert "SQLALCHEMY_DATABASE_URI of its own, set before the database is attached, and run again." in said(first)

    late = '    db.init_app(app)\n    if testing:\n        app.config["TESTING"] = True\n'
    (tmp_path / "app.py").write_text(CONFIGURED_LATE.replace(late, CONFIGURED_BEFORE))
    commit_all(tmp_path)
    result = run_copier(tmp_path)

    assert result.returncode == 0, said(first) + result.output
    assert heads(tmp_path)


def test_advice_for_an_interrupted_run_whose_files_were_changed(tmp_path: Path) -> None:
    """What git shows is taken back and the record removed, by the command that is shown; then all is done from the start."""
    project = make_project("single_module", tmp_path)
    killed_run(project.root, tmp_path, KILL_AT_WRITE="12")
    for path in git(project.root, "diff", "--name-only").split():
        touch(project, path)
    first = run_copier(project)
    assert "error: changed-since\n" in first.output, said(first) + git(project.root, "status", "--short")

    git(project.root, "checkout", ".")
    git(project.root, "clean", "-fdq")
    again = commands(project, said(first))
    result = run_copier(project, *again.data)

    assert result.returncode == 0, said(first) + result.output
    assert stamped_at(project.database_url) == heads(project.root) != []


INDEXED = """\
    text = db.Column(db.Text, nullable=False)
    __table_args__ = (db.Index("ix_of_an_administrator", "text"),)
"""


@pytest.mark.parametrize("is_right", ["models", "database"])
def test_advice_for_a_database_that_differs(is_right: str, tmp_path: Path) -> None:
    """Both ways that `-d on_drift=stop` names end with a stamped database."""
    project = make_project("single_module", tmp_path)
    execute(project.database_url, "CREATE INDEX ix_of_an_administrator ON note (text)")
    first = run_copier(project, "on_drift=stop")
    assert "error: database-differs\n" in first.output

    if is_right == "models":
        execute(project.database_url, "DROP INDEX ix_of_an_administrator")
        words = re.search(r"verify and stamp it:  python (.*)$", said(first), re.M)
        assert words
        result = run(sys.executable, *words[1].split(), cwd=project.root)
    else:
        edited("app.py", "    text = db.Column(db.Text, nullable=False)\n", INDEXED)(project)
        for baseline in (project.root / "migrations" / "versions").glob("*.py"):
            baseline.unlink()
        result = run_copier(project, *answer(project, said(first)).data)

    assert result.returncode == 0, said(first) + result.output
    assert stamped_at(project.database_url) == heads(project.root) != []
    check = flask(project, "db", "check", app=False)
    assert check.returncode == 0, check.output
