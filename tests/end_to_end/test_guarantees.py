"""Each guarantee, attacked by a whole project and the one command, on real databases."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url

from tests.end_to_end.test_retrofit import prefix
from tests.end_to_end.tools import (
    commit_all,
    flask,
    git,
    heads,
    make_project,
    make_template,
    rows,
    run,
    run_copier,
    schema,
    stamped_at,
    tree_bytes,
)
from tests.servers import databases, engine_for, execute, new_database

MODELS = """\
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), nullable=False, unique=True)
"""
FACTORY = """\


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = {url!r}
    db.init_app(app)
    with app.app_context():
        db.create_all()
{more}
    return app
"""
# what is said instead where tests at work beside this one make databases on its server
NOT_CLEAR = re.compile(
    r"  No file was changed, and nothing was stamped\.\n  Not clear of \S+: (database|login) .*, perhaps by others\.\n"
)
CREATE = "from app import create_app, db, User; app = create_app(); app.app_context().push(); db.create_all(); "
INSERT = "db.session.add_all([User(name=n) for n in ('ada', 'bob')]); db.session.commit()"


def write_project(root: Path, url: str) -> None:
    """A factory in app.py that attaches and creates its tables; committed, with two rows in its database."""
    root.mkdir()
    (root / "app.py").write_text(MODELS + FACTORY.format(url=url, more=""))
    seeded = run(sys.executable, "-c", CREATE + INSERT, cwd=root)
    assert seeded.returncode == 0, seeded.output
    (root / "requirements.txt").write_text("Flask\nFlask-SQLAlchemy\n")
    (root / ".gitignore").write_text("*.db\n__pycache__/\n")
    commit_all(root)


ATTACKS = {
    "seeds on every start": "    db.session.add(User(name='seeded'))\n    db.session.commit()",
    "seeds when empty": "    if not User.query.first():\n        db.session.add(User(name='seeded'))\n        db.session.commit()",
    "queries": "    app.config['USERS'] = User.query.count()",
    "deletes rows": "    db.session.query(User).delete()\n    db.session.commit()",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_code_that_runs_while_loading_cannot_reach_the_database(attack: str, database_url: str, tmp_path: Path) -> None:
    """Guarantees 1 and 2: whatever the factory does, rows, tables and sequences are the same; only the stamp is new."""
    root = tmp_path / "project"
    body = "\n".join("    " + line for line in ATTACKS[attack].splitlines())
    write_project(root, database_url)
    (root / "app.py").write_text(MODELS + FACTORY.format(url=database_url, more=body))
    commit_all(root)
    before, tables = rows(database_url), schema(database_url)

    result = run_copier(root)

    assert rows(database_url) == before
    assert schema(database_url) == tables
    assert result.returncode == 0, result.output
    assert stamped_at(database_url) == heads(root) != []


def test_application_that_drops_its_tables_is_refused(database_url: str, tmp_path: Path) -> None:
    """Guarantee 2: `drop_all()` does nothing here; each `flask db` command would drop the tables, so it is a reason to stop."""
    root = tmp_path / "project"
    write_project(root, database_url)
    (root / "app.py").write_text(MODELS + FACTORY.format(url=database_url, more="        db.drop_all()\n        db.create_all()"))
    commit_all(root)
    before, tree = rows(database_url), tree_bytes(root)

    result = run_copier(root)

    assert result.returncode != 0
    line = next(number for number, text in enumerate((root / "app.py").read_text().splitlines(), 1) if "drop_all" in text)
    said = NOT_CLEAR.sub("  Nothing was changed.\n", result.stderr)
    assert (
        "error: app-drops-tables-while-loading\n"
        "  The application drops its tables whenever it is loaded, and every `flask db` command loads it.\n"
        f"    app.py:{line}   db.drop_all()\n"
        "  Nothing was changed.\n"
        "  Move that into a CLI command or a script of its own, and run again.\n"
    ) in said
    assert (rows(database_url), tree_bytes(root)) == (before, tree)


def test_application_that_seeds_still_starts_on_an_empty_database(tmp_path: Path) -> None:
    """Guarantee 5: what needs its tables while it loads keeps its create_all(), for a database without any table."""
    root, url = tmp_path / "project", f"sqlite:///{tmp_path / 'app.db'}"
    write_project(root, url)
    (root / "app.py").write_text(
        MODELS + FACTORY.format(url=url, more="        db.session.add(User(name='x'))\n        db.session.commit()")
    )
    commit_all(root)

    result = run_copier(root)

    assert result.returncode == 0, result.output
    assert "        if not db.inspect(db.engine).get_table_names():\n            db.create_all()\n" in (root / "app.py").read_text()
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    started = run(sys.executable, "-m", "flask", "routes", cwd=root, env={"DATABASE_URL": empty})
    assert started.returncode == 0, started.output
    assert rows(empty)["user"] == [(1, "x")]


def test_application_that_ignores_the_variable(tmp_path: Path) -> None:
    """Guarantees 3 and 8: the scratch database is another one all the same, and the report does not claim what does not hold."""
    root, url = tmp_path / "project", f"sqlite:///{tmp_path / 'app.db'}"
    write_project(root, url)
    stubborn = MODELS + FACTORY.format(url=url, more="").replace(
        "    db.init_app(app)", "    app.config.update(load())\n    db.init_app(app)"
    )
    load = f"def load():\n    return {{'SQLALCHEMY_' + 'DATABASE_URI': {url!r}}}\n\n\n"
    stubborn = stubborn.replace("def create_app", load + "def create_app")
    (root / "app.py").write_text(stubborn)
    commit_all(root)
    before = rows(url)

    result = run_copier(root)

    assert result.returncode == 0, result.output
    assert rows(url) == before
    assert stamped_at(url) == heads(root)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    followed = run(
        sys.executable,
        "-c",
        "import app; print(app.create_app().config['SQLALCHEMY_DATABASE_URI'])",
        cwd=root,
        env={"DATABASE_URL": other},
    )
    assert (followed.stdout.strip() == other) != ("does not follow DATABASE_URL" in result.output)


def test_empty_database_url_that_is_the_existing_database_is_refused(database_url: str, tmp_path: Path) -> None:
    """Guarantee 3: a scratch database that is not empty is never used."""
    root = tmp_path / "project"
    write_project(root, database_url)
    tree, before = tree_bytes(root), rows(database_url)

    result = run_copier(root, env={"EMPTY_DATABASE_URL": database_url})

    assert result.returncode != 0
    assert "error: scratch-refused" in result.stderr
    assert rows(database_url) == before
    assert tree_bytes(root) == tree
    assert stamped_at(database_url) == []


def test_role_that_may_not_create_databases(tmp_path: Path) -> None:
    """Guarantee 8: without a scratch database the baseline is called unverified and nothing is stamped; EMPTY_DATABASE_URL verifies
    it.
    """
    role = f"reader_{os.getpid()}"
    with new_database("postgresql") as url, new_database("postgresql") as empty:
        own = make_url(url).set(username=role, password="s3cret word%", host="127.0.0.1").render_as_string(hide_password=False)
        execute(url, f"CREATE ROLE {role} LOGIN PASSWORD 's3cret word%'", f"GRANT ALL ON SCHEMA public TO {role}")
        execute(empty, f"GRANT ALL ON SCHEMA public TO {role}")
        try:
            root = tmp_path / "project"
            write_project(root, own)
            result = run_copier(root)
            assert result.returncode == 0, result.output
            shown = make_url(own).render_as_string(hide_password=True)
            assert [line for line in result.output.splitlines() if "the role may not create" in line] == [
                "unverified the role may not create databases, so the baseline was not run, the application was loaded on the"
                f" existing database, read-only, and {shown} was not compared and not stamped; with an empty database of its kind:"
                "  EMPTY_DATABASE_URL=... python -m migrations.adopt"
            ]
            assert "create_all() kept for an empty database" in result.output  # whether it starts without was not tried
            assert stamped_at(url) == []
            assert "s3cret" not in result.output

            git(root, "reset", "-q", "--hard")
            git(root, "clean", "-qfdx", "-e", "*.db")
            mine = (
                make_url(empty).set(username=role, password="s3cret word%", host="127.0.0.1").render_as_string(hide_password=False)
            )
            result = run_copier(root, env={"EMPTY_DATABASE_URL": mine})
            assert result.returncode == 0, result.output
            assert "s3cret" not in result.output
            assert stamped_at(url) == heads(root) != []
            assert inspect(engine_for(empty)).get_table_names() == []
        finally:
            execute(url, f"REASSIGN OWNED BY {role} TO CURRENT_USER")
            execute(empty, f"DROP OWNED BY {role}")
            execute(url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


# Put in front of every Python of the run: the hook kills itself instead of putting the nth file in its place.
KILL_AT_WRITE = """\
import os, signal, sys
from pathlib import Path

wanted, replace = int(os.environ.get("KILL_AT_WRITE", "0")), Path.replace


def counted(self, target):
    global wanted
    wanted -= 1
    if wanted == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)


if wanted and sys.orig_argv[1].endswith("__main__.py"):
    Path.replace = counted
"""
# Added to an application: the first CREATE TABLE that its process runs, on the scratch database, kills it and the hook.
KILL_AT_CREATE_TABLE = """

import os
import signal

from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "before_cursor_execute")
def kill(connection, cursor, statement, *rest):
    if os.environ.get("KILL_AT_CREATE_TABLE") and "CREATE TABLE notebook" in statement:
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_run(root: Path, tmp_path: Path, **env: str) -> None:
    """Run the command such that it is killed with SIGKILL on the way."""
    folder = tmp_path / "site"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(KILL_AT_WRITE)
    result = run_copier(root, env={"PYTHONPATH": str(folder), **env})
    assert result.returncode != 0, result.output
    assert "stamped  " not in result.output


@pytest.mark.parametrize("write", [2, 4, 6, 9])
def test_killed_while_files_are_written_the_next_run_completes(write: int, tmp_path: Path) -> None:
    """Guarantee 4: half-written edits are taken back first, then everything is done once."""
    project = make_project("shop_factory", tmp_path)
    before = rows(project.database_url)
    killed_run(project.root, tmp_path, KILL_AT_WRITE=str(write))
    assert stamped_at(project.database_url) == []

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert len(heads(project.root)) == 1
    assert stamped_at(project.database_url) == heads(project.root)
    assert rows(project.database_url) == before
    assert (project.root / "shop" / "__init__.py").read_text().count("migrate.init_app") == 1
    assert not list(project.root.rglob("*.partial"))
    assert not (project.root / ".git" / "copier-flask-migrate").exists()


@pytest.mark.parametrize("write", [2, 6])
def test_killed_run_then_refused_run_leaves_the_tree_as_it_was(write: int, tmp_path: Path) -> None:
    """Guarantee 4: also when the second run ends early, nothing of the first one stays."""
    project = make_project("shop_factory", tmp_path)
    tree = tree_bytes(project.root)
    killed_run(project.root, tmp_path, KILL_AT_WRITE=str(write))

    result = run_copier(project, "app=nowhere:app")

    assert result.returncode != 0
    assert tree_bytes(project.root) == tree


def test_killed_while_the_baseline_runs_the_next_run_completes(database_url: str, tmp_path: Path) -> None:
    """Guarantees 3 and 4: the scratch database of the killed run is dropped by the next."""
    dialect = {"postgresql": "postgresql", "mysql": "mariadb"}.get(make_url(database_url).get_backend_name(), "")
    project = make_project("single_module", tmp_path, database_url)
    app = project.root / "app.py"
    app.write_text(app.read_text() + KILL_AT_CREATE_TABLE)
    commit_all(project.root)
    before, tree = rows(database_url), tree_bytes(project.root)
    killed_run(project.root, tmp_path, KILL_AT_CREATE_TABLE="1")
    changed = {path for path, content in tree.items() if tree_bytes(project.root).get(path) != content}
    assert changed == set()

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert stamped_at(database_url) == heads(project.root)
    assert len(heads(project.root)) == 1
    assert rows(database_url) == before
    if dialect:
        assert not {name for name in databases(dialect) if name.startswith(prefix(str(project.root)))}


def test_dirty_tree_is_refused(tmp_path: Path) -> None:
    """Guarantee 4: uncommitted changes stay apart; `allow_dirty` overrides it, and untracked files do not count."""
    project = make_project("single_module", tmp_path)
    (project.root / "notes.txt").write_text("untracked\n")
    app = project.root / "app.py"
    app.write_text(app.read_text() + "\n# edited\n")
    tree = tree_bytes(project.root)

    refused = run_copier(project)
    unchanged = tree_bytes(project.root) == tree
    allowed = run_copier(project, "allow_dirty=true")

    assert refused.returncode != 0
    assert "error: dirty-tree" in refused.stderr
    assert "app.py" in refused.stderr
    assert unchanged
    assert allowed.returncode == 0, allowed.output


def test_a_database_that_git_tracks(tmp_path: Path) -> None:
    """Its rows are no change to commit or to stash; the stamp is in it, and the report says what a checkout would do to it."""
    project = make_project("single_module", tmp_path)
    path = Path(make_url(project.database_url).database or "").relative_to(project.root)
    git(project.root, "add", "-f", str(path))
    git(project.root, "commit", "-qm", "data")
    execute(project.database_url, "INSERT INTO notebook (title) VALUES ('later')")
    before = rows(project.database_url)
    assert git(project.root, "status", "--porcelain").strip() == f"M {path}"

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert (stamped_at(project.database_url), rows(project.database_url)) == (heads(project.root), before)
    assert f"note       {path} is a database that git tracks: a checkout or a stash puts its rows back" in result.stderr


def test_no_password_is_shown_or_stored(tmp_path: Path) -> None:
    """Guarantee 7: not in the output, not in the answers, in no file that git tracks but the one that had it before."""
    role = f"owner_{os.getpid()}"
    with new_database("postgresql") as url:
        execute(url, f"CREATE ROLE {role} LOGIN CREATEDB PASSWORD 'hunter2!x'", f"GRANT ALL ON SCHEMA public TO {role}")
        try:
            own = make_url(url).set(username=role, password="hunter2!x", host="127.0.0.1").render_as_string(hide_password=False)
            root = tmp_path / "project"
            write_project(root, "sqlite:///unused.db")
            source = (root / "app.py").read_text()
            (root / "app.py").write_text(source.replace("'sqlite:///unused.db'", "__import__('os').environ['SHOP_DB']"))
            commit_all(root)
            env = {"SHOP_DB": own}
            made = run(sys.executable, "-c", CREATE + INSERT, cwd=root, env=env)
            assert made.returncode == 0, made.output

            result = run_copier(root, env=env)

            assert result.returncode == 0, result.output
            assert stamped_at(url) == heads(root)
            assert "hunter2" not in result.output
            assert not [path for path, content in tree_bytes(root).items() if b"hunter2" in content]
        finally:
            execute(url, f"REASSIGN OWNED BY {role} TO CURRENT_USER", f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_copier_update_touches_neither_revisions_nor_database(tmp_path: Path) -> None:
    """Guarantee 9: an update brings the template's new files; the hook says nothing in any of Copier's folders."""
    template = make_template(tmp_path / "template", tag="v1.0.0")
    project = make_project("shop_factory", tmp_path)
    first = run_copier(project, template=template)
    assert first.returncode == 0, first.output
    commit_all(project.root)
    env_py = (template / "template" / "migrations" / "env.py").read_text()
    make_template(template, tag="v1.1.0", edits={"template/migrations/env.py": env_py + "\n# newer\n"})
    before, revision = rows(project.database_url), heads(project.root)
    content = {path: raw for path, raw in tree_bytes(project.root).items() if not path.startswith(("migrations/env.py", ".copier"))}

    result = run_copier(project, command="update")

    assert result.returncode == 0, result.output
    assert (project.root / "migrations" / "env.py").read_text().endswith("# newer\n")
    after = tree_bytes(project.root)
    assert {path: after.get(path) for path in content} == content
    assert heads(project.root) == revision == stamped_at(project.database_url)
    assert rows(project.database_url) == before
    assert "detect" not in result.output
    assert flask(project, "db", "current", app=False).returncode == 0


def test_foreign_answers_file_is_refused(tmp_path: Path) -> None:
    """The message gives the `-a` to use, and with it the run goes through beside the other template's file."""
    project = make_project("single_module", tmp_path)
    (project.root / ".copier-answers.yml").write_text("_src_path: gh:somebody/template\napp: something else\n")
    commit_all(project.root)
    tree = tree_bytes(project.root)

    refused = run_copier(project)
    unchanged = tree_bytes(project.root) == tree
    accepted = run_copier(project, options=("-a", ".copier-answers.flask-migrate.yml"))

    assert refused.returncode != 0
    assert "-a .copier-answers.flask-migrate.yml" in refused.stderr
    assert unchanged
    assert accepted.returncode == 0, accepted.output
    assert (project.root / ".copier-answers.yml").read_bytes() == tree[".copier-answers.yml"]


def test_another_extension_keeps_the_migrations(tmp_path: Path) -> None:
    """Flask-Alembic has its revisions in a folder of the same name: the message tells of it and not of files in the way."""
    project = make_project("single_module", tmp_path)
    (project.root / "migrations").mkdir()
    (project.root / "migrations" / "script.py.mako").write_text('revision = "${up_revision}"\n')
    (project.root / "tasks.py").write_text("from flask_alembic import Alembic\n\nfrom app import app\n\nalembic = Alembic(app)\n")
    commit_all(project.root)
    tree = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode != 0
    assert "error: already-migrated" in result.stderr
    assert "tasks.py:5   alembic = Alembic(app)" in result.stderr
    assert tree_bytes(project.root) == tree


def test_files_of_the_users_are_never_overwritten(tmp_path: Path) -> None:
    """A migrations folder of somebody's own is refused, and none of its files is touched."""
    project = make_project("single_module", tmp_path)
    (project.root / "migrations" / "versions").mkdir(parents=True)
    (project.root / "migrations" / "README.md").write_text("our own notes\n")
    (project.root / "migrations" / "001.sql").write_text("select 1;\n")
    commit_all(project.root)
    tree = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode != 0
    assert "error: files-in-the-way" in result.stderr
    assert tree_bytes(project.root) == tree
