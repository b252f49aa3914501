"""What `flask db init` has set up is taken over: revisions stay, no database is written to, and all commands work afterwards."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.end_to_end.test_guarantees import killed_run
from tests.end_to_end.tools import (
    TEMPLATE,
    Project,
    commit_all,
    flask,
    git,
    make_project,
    newest,
    rows,
    run,
    run_copier,
    said,
    said_in_the_end,
    stamped_at,
    tree_bytes,
)
from tests.end_to_end.updating import NEWER_DB_MK, data, updated
from tests.releases import add_working_tree
from tests.servers import execute

SHAPE, EDITED = "set_up_by_hand", "set_up_by_hand_edited"
ENV = "migrations/env.py"
CREATE_ALL = "import app; app.app.app_context().push(); app.db.create_all()"
OWN = ("env.py", "alembic.ini", "script.py.mako")


def versions(project: Project) -> dict[str, bytes]:
    """The revisions, byte for byte."""
    return {path.name: path.read_bytes() for path in (project.root / "migrations" / "versions").glob("*.py")}


def edit(project: Project, path: str, old: str, new: str) -> None:
    """Change a file as the team does, and commit."""
    text = (project.root / path).read_text()
    assert old in text
    (project.root / path).write_text(text.replace(old, new))
    commit_all(project.top, "Our own ways")


def detach(project: Project) -> None:
    """Take Flask-Migrate out of the application."""
    path = project.root / "app.py"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "igrate" not in line))


def adopt(project: Project, command: str = "status", env: dict[str, str] | None = None):
    """Run `python -m migrations.adopt` in the project."""
    return run(sys.executable, "-m", "migrations.adopt", command, cwd=project.root, env=env)


@pytest.mark.parametrize("shape", [SHAPE])
def test_on_every_server(shape: str, database_url: str, tmp_path: Path) -> None:
    """Revisions and database are untouched; the commands of every day and the adoption of another database work."""
    project = make_project(shape, tmp_path, database_url)
    before, revisions = data(database_url), versions(project)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert data(database_url) == before
    assert versions(project) == revisions
    for name in OWN:
        assert (project.root / "migrations" / name).read_bytes() == (TEMPLATE / "migrations" / name).read_bytes()
    for arguments in (("db", "upgrade"), ("db", "check"), ("db", "current"), ("db", "migrate")):
        done = flask(project, *arguments, app=False)
        assert done.returncode == 0, done.output
    assert versions(project) == revisions
    status = adopt(project)
    assert (status.returncode, status.stdout.split()[0]) == (0, "current"), status.output


def test_adoption_of_a_database_that_is_not_stamped(tmp_path: Path) -> None:
    """A colleague's database, made by create_all(), is verified by the team's own revisions and stamped at their newest."""
    project = make_project(SHAPE, tmp_path)
    assert run_copier(project).returncode == 0
    url = f"sqlite:///{tmp_path / 'other.db'}"
    made = run(sys.executable, "-c", CREATE_ALL, cwd=project.root, env={"DATABASE_URL": url})
    assert made.returncode == 0, made.output

    adopted = adopt(project, "adopt", {"DATABASE_URL": url})

    assert adopted.returncode == 0, adopted.output
    assert stamped_at(url) == newest(project.root)


@pytest.mark.parametrize("shape", [SHAPE, EDITED])
def test_page_draws_the_schema(shape: str, tmp_path: Path) -> None:
    """The picture is there after the run, as after a retrofit, and drawing it again changes nothing."""
    project = make_project(shape, tmp_path)
    assert run_copier(project).returncode == 0
    page = project.root / "migrations" / "SCHEMA.md"
    before = page.read_text()

    drawn = adopt(project, "diagram")

    assert drawn.returncode == 0, drawn.output
    assert before.count("\n## Schema\n") == 1
    assert "\nerDiagram\n" in before
    assert page.read_text() == before


def test_next_revision_follows_theirs(tmp_path: Path) -> None:
    """The next column becomes a revision after the team's newest, by the new script.py.mako, and runs on their database."""
    project = make_project(SHAPE, tmp_path)
    assert run_copier(project).returncode == 0
    (before,) = newest(project.root)
    title = "    title = db.Column(db.String(200), nullable=False)\n"
    edit(project, "app.py", title, title + "    year = db.Column(db.Integer)\n")

    migrated, upgraded = (flask(project, "db", *one, app=False) for one in (("migrate", "-m", "year"), ("upgrade",)))

    assert (migrated.returncode, upgraded.returncode) == (0, 0), migrated.output + upgraded.output
    (path,) = (project.root / "migrations" / "versions").glob("*_year.py")
    assert f"Revises: {before}" in path.read_text()
    assert path.read_text().count("add_column") == 1
    assert stamped_at(project.database_url) == newest(project.root)


def test_update_after_it(tmp_path: Path) -> None:
    """`copier update` works for it as for any other: newer files come, and revisions and database stay."""
    template = tmp_path / "template"
    add_working_tree(template)
    project = make_project(EDITED, tmp_path)
    result = run_copier(project, template=template)
    assert result.returncode == 0, result.output
    commit_all(project.root, "Taken over")
    add_working_tree(template, "v9.0.0", NEWER_DB_MK)
    before, revisions, ini = data(project.database_url), versions(project), (project.root / "migrations/alembic.ini").read_bytes()

    updated(project)

    assert (project.root / "migrations/db.mk").read_text() == NEWER_DB_MK["template/migrations/db.mk"]
    assert data(project.database_url) == before
    assert versions(project) == revisions
    assert (project.root / "migrations/alembic.ini").read_bytes() == ini
    assert flask(project, "db", "check", app=False).returncode == 0


def test_tables_of_others_are_not_proposed_for_dropping(tmp_path: Path) -> None:
    """What env.py ignored by include_object, the new one ignores too; the models that it imported are still seen."""
    project = make_project(EDITED, tmp_path)
    assert run_copier(project).returncode == 0

    migrated = flask(project, "db", "migrate", app=False)

    assert "No changes in schema detected" in migrated.stderr
    assert set(rows(project.database_url)) == {"author", "book", "loan", "town_readers"}


@pytest.mark.usefixtures("from_nothing")
def test_second_run_and_recopy(tmp_path: Path) -> None:
    """Whoever runs the command again after it changes nothing, and hears nothing from the hook."""
    project = make_project(SHAPE, tmp_path)
    assert run_copier(project).returncode == 0
    commit_all(project.root, "Taken over")
    tree = tree_bytes(project.root)

    again, recopied = run_copier(project), run_copier(project, command="recopy")

    assert (again.returncode, recopied.returncode) == (0, 0), again.output + recopied.output
    assert tree_bytes(project.root) == tree
    assert "detect" not in again.output + recopied.output


@pytest.mark.parametrize("write", [2, 5, 9])
def test_killed_run_is_undone_and_done_again(write: int, tmp_path: Path) -> None:
    """A run that was killed while it wrote is taken back by the next one, which then takes over as if it were the first."""
    project = make_project(EDITED, tmp_path)
    before, revisions = data(project.database_url), versions(project)
    killed_run(project.root, tmp_path, KILL_AT_WRITE=str(write))

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert "yours      migrations/env.py:8   import loans  # the tables of lending\n" in result.stderr
    assert versions(project) == revisions
    assert data(project.database_url) == before
    assert (project.root / ENV).read_bytes() == (TEMPLATE / ENV).read_bytes()
    assert not list(project.root.rglob("*.partial"))


@pytest.mark.parametrize("write", [2, 5])
def test_killed_run_then_refused(write: int, tmp_path: Path) -> None:
    """Also when the second run stops, every file is as the team had it."""
    project = make_project(EDITED, tmp_path)
    tree = tree_bytes(project.root)
    killed_run(project.root, tmp_path, KILL_AT_WRITE=str(write))

    result = run_copier(project, "app=nowhere:app")

    assert result.returncode != 0
    assert tree_bytes(project.root) == tree


def test_application_that_does_not_load(tmp_path: Path) -> None:
    """A failure after env.py was replaced puts it back."""
    project = make_project(EDITED, tmp_path)
    edit(project, "app.py", "db = SQLAlchemy(app)", "import nothing_of_that_name\n\ndb = SQLAlchemy(app)")
    tree, before = tree_bytes(project.root), data(project.database_url)

    result = run_copier(project)

    assert result.returncode == 1
    assert "error: app-failed-to-load" in result.stderr
    assert tree_bytes(project.root) == tree
    assert data(project.database_url) == before


def test_database_that_is_behind(tmp_path: Path) -> None:
    """Pending revisions are told, and not run."""
    project = make_project(SHAPE, tmp_path, populate=False)
    assert flask(project, "db", "upgrade", "1f0a6c2b9d34").returncode == 0

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert "behind     sqlite:///" in result.stderr
    assert "pending    1 revision: 8be2d71f4a05\n" in result.stderr
    assert "next       flask db upgrade\n" in result.stderr
    assert stamped_at(f"sqlite:///{project.root / 'instance' / 'library.db'}") == ["1f0a6c2b9d34"]


def test_database_that_differs_from_its_stamp(tmp_path: Path) -> None:
    """What distinguishes it from its revision is told; the take-over is done all the same, for nothing is stamped by it."""
    project = make_project(SHAPE, tmp_path)
    execute(project.database_url, "ALTER TABLE book ADD COLUMN shelf VARCHAR(10)")
    before = data(project.database_url)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert "book.shelf" in said_in_the_end(project, result)
    assert data(project.database_url) == before


def test_models_that_no_revision_builds(tmp_path: Path) -> None:
    """A model that was changed without a migration is told, for the check that CI gets would fail on the first push."""
    project = make_project(SHAPE, tmp_path)
    edit(project, "app.py", "class Book(db.Model):\n", "class Book(db.Model):\n    shelf = db.Column(db.String(10))\n")
    before = data(project.database_url)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert said_in_the_end(project, result).count("differs ") == 1
    assert (
        "differs    the models and the revisions; the next migration would be:\n"
        "             with op.batch_alter_table('book', schema=None) as batch_op:\n"
        "                 batch_op.add_column(sa.Column('shelf', sa.String(length=10), nullable=True))\n"
        '           until it is written and committed, `python -m migrations.adopt check` fails:  flask db migrate -m "..."\n'
    ) in said_in_the_end(project, result)
    assert data(project.database_url) == before
    assert adopt(project, "check").returncode == 1


KEEPER = """\
def keep(app, db):
    class Session(db.Model):
        __tablename__ = "sessions"
        id = db.Column(db.Integer, primary_key=True)

    with app.app_context():
        Session.__table__.create(db.engine, checkfirst=True)
    return Session
"""
USE_KEEPER = """\
import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), "lib", "site-packages"))
"""


def test_table_that_a_package_makes_itself(tmp_path: Path) -> None:
    """A package that brings a model and makes its table when it is loaded goes on doing so: no migration is asked for."""
    project = make_project(SHAPE, tmp_path)
    package = project.root / "lib" / "site-packages" / "keeper.py"
    package.parent.mkdir(parents=True)
    package.write_text(KEEPER)
    edit(project, "app.py", "from flask import Flask\n", USE_KEEPER + "\nfrom flask import Flask\n")
    edit(
        project,
        "app.py",
        "migrate = Migrate(app, db)\n",
        "migrate = Migrate(app, db)\n\nimport keeper\n\nsessions = keeper.keep(app, db)\n",
    )
    execute(project.database_url, "CREATE TABLE sessions (id INTEGER NOT NULL PRIMARY KEY)", "INSERT INTO sessions VALUES (1)")
    before = data(project.database_url)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert "differs " not in said_in_the_end(project, result)
    assert (project.root / "migrations" / "project.ini").read_text().endswith("[unmanaged]\ntables =\n    sessions\n")
    assert data(project.database_url) == before
    checked = adopt(project, "check")
    assert checked.returncode == 0, checked.output
    assert "No changes in schema detected." in flask(project, "db", "migrate").output


def test_table_that_create_all_has_made(tmp_path: Path) -> None:
    """A model of the team's whose table no revision makes is told, with why `flask db migrate` does not write it here."""
    project = make_project(SHAPE, tmp_path)
    model = "class Shelf(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n\n\n"
    edit(project, "app.py", "class Book(db.Model):\n", model + "class Book(db.Model):\n")
    execute(project.database_url, "CREATE TABLE shelf (id INTEGER NOT NULL PRIMARY KEY)")

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert (
        "differs    the models and the revisions; the next migration would be:\n"
        "             op.create_table('shelf',\n"
        "             sa.Column('id', sa.Integer(), nullable=False),\n"
        "             sa.PrimaryKeyConstraint('id')\n"
        "             )\n"
        '           until it is written and committed, `python -m migrations.adopt check` fails:  flask db migrate -m "..."\n'
        "           shelf is in this database already, so write that on an empty one, at head\n"
    ) in said_in_the_end(project, result)
    assert "unmanaged " not in said_in_the_end(project, result)


def test_variable_that_is_read_already(tmp_path: Path) -> None:
    """The project is migrated by it today: nothing is edited for another one, and the answers file names it."""
    project = make_project(SHAPE, tmp_path)
    edit(project, "app.py", '"sqlite:///library.db"', 'os.environ.get("LIBRARY_URI", "sqlite:///library.db")')
    edit(project, "app.py", "from flask import Flask\n", "import os\n\nfrom flask import Flask\n")
    before = (project.root / "app.py").read_bytes()

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert (project.root / "app.py").read_bytes() == before
    assert "database_url_variable: LIBRARY_URI\n" in (project.root / ".copier-answers.yml").read_text()
    assert "# LIBRARY_URI=sqlite:///" in (project.root / ".env.example").read_text()
    assert "DATABASE_URL" not in said_in_the_end(project, result)
    commit_all(project.root)
    tree = tree_bytes(project.root)
    for command in ("copy", "recopy"):
        again = run_copier(project, command=command)
        assert again.returncode == 0, again.output
        assert tree_bytes(project.root) == tree


def test_downgrade_that_leaves_something_behind(tmp_path: Path) -> None:
    """What the check, which CI will run, finds in the team's own revisions is told at once."""
    project = make_project(SHAPE, tmp_path)
    path = next((project.root / "migrations" / "versions").glob("8be2d71f4a05*.py"))
    before, _, _ = path.read_text().partition("def downgrade():")
    path.write_text(f"{before}def downgrade():\n    pass\n")
    git(project.root, "commit", "-qam", "No way back")

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert (
        "differs    migrations/versions/<revision>_who_wrote_it.py: undoing the revision <revision> does not bring back what was"
        " before it:\n"
        "             book.author_id     only in the after  INTEGER NOT NULL\n"
        "             book foreign key   only in the after  author_id to author(id)\n"
        "           until then `python -m migrations.adopt check` fails: mend its downgrade(), or let it raise"
        " NotImplementedError.\n"
    ) in said_in_the_end(project, result)
    assert adopt(project, "check").returncode == 1


def test_fresh_clone(tmp_path: Path) -> None:
    """Without a database the revisions are proven on an empty one, none appears, and the report says what was not compared."""
    project = make_project(SHAPE, tmp_path, populate=False)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert "verified   the 2 revisions build an empty database, up to 8be2d71f4a05\n" in result.stderr
    assert "unverified there is no existing database" in result.stderr
    assert not list(project.root.rglob("*.db"))


def test_revisions_that_do_not_build_a_database(tmp_path: Path) -> None:
    """History that began with a database which create_all() had made is kept, and called unverified, with the place."""
    project = make_project(SHAPE, tmp_path)
    (first,) = (project.root / "migrations" / "versions").glob("1f0a*.py")
    first.unlink()
    edit(project, "migrations/versions/8be2d71f4a05_who_wrote_it.py", "down_revision = '1f0a6c2b9d34'", "down_revision = None")
    revisions, before = versions(project), data(project.database_url)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    place = "migrations/versions/8be2d71f4a05_who_wrote_it.py"
    assert f"unverified the 1 revision does not build an empty database: {place}:2" in result.stderr
    assert versions(project) == revisions
    assert data(project.database_url) == before


def test_place_of_the_stamp_in_env(tmp_path: Path) -> None:
    """Where env.py alone says which table has the stamp, replacing it would lose that: a reason to stop."""
    project = make_project(SHAPE, tmp_path)
    edit(project, ENV, "            **conf_args\n", "            version_table='shop_version',\n            **conf_args\n")
    tree = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode == 1
    assert said(result).partition("\n\n")[2] == (
        "error: option-in-env\n"
        "  migrations/env.py says by itself where the database is stamped. It would be replaced by one that does not know:\n"
        "    migrations/env.py:103   version_table='shop_version',\n"
        "    app.py:9                migrate = Migrate(app, db)\n"
        "  Nothing was changed.\n"
        "  Say it where Flask-Migrate is made, take it out of env.py, commit, and run again:\n"
        "    Migrate(..., version_table='shop_version')\n"
    )
    assert tree_bytes(project.root) == tree


def test_what_git_does_not_have_is_kept_beside(tmp_path: Path) -> None:
    """An edited env.py that was never committed is still there afterwards, under another name."""
    project = make_project(EDITED, tmp_path)
    git(project.root, "rm", "-q", "--cached", ENV)
    git(project.root, "commit", "-q", "-m", "env.py is not ours")
    env = (project.root / ENV).read_bytes()

    result = run_copier(project, "allow_dirty=true")

    assert result.returncode == 0, result.output
    assert (project.root / "migrations/env.py.before").read_bytes() == env
    assert "5 lines of your own were in it; it is kept as migrations/env.py.before\n" in result.stderr


def test_page_of_the_teams_own(tmp_path: Path) -> None:
    """A README.md of the team's own in migrations/ keeps its text, below the template's page."""
    project = make_project(SHAPE, tmp_path)
    (project.root / "migrations" / "README.md").write_bytes(b"# Our rules\r\n\r\nAsk Ada.\r\n")
    commit_all(project.root, "Our rules")

    result = run_copier(project)

    assert result.returncode == 0, result.output
    template = (TEMPLATE / "migrations" / "README.md").read_bytes()
    assert (project.root / "migrations" / "README.md").read_bytes() == template + b"\n# Our rules\n\nAsk Ada.\n"
    assert "edited     migrations/README.md: the template's page, and yours below it\n" in result.stderr


def test_other_files_of_the_templates_names(tmp_path: Path) -> None:
    """A file of the team's own that the template would write is not overwritten: only that one is named, for it to be moved."""
    project = make_project(SHAPE, tmp_path)
    (project.root / "migrations" / "db.mk").write_text("db:\n\tflask db upgrade\n")
    commit_all(project.root, "Our targets")
    tree = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode == 1
    assert said(result).lstrip("\n") == (
        "error: files-in-the-way\n"
        "  migrations/ already holds files under the names that this template writes.\n"
        "    migrations/db.mk\n"
        "  Nothing was changed.\n"
        "  Move them elsewhere and run again.\n"
    )
    assert tree_bytes(project.root) == tree


def test_directory_of_alembic_alone(tmp_path: Path) -> None:
    """An env.py that knows nothing of Flask-Migrate, in a project that does not attach it, is Alembic's: refused as before."""
    project = make_project(SHAPE, tmp_path)
    detach(project)
    (project.root / ENV).write_text("from alembic import context\nfrom app import db\n\ntarget_metadata = db.metadata\n")
    commit_all(project.root, "Alembic alone")
    tree = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode == 1
    assert "error: already-migrated" in result.stderr
    assert tree_bytes(project.root) == tree


def test_attached_nowhere(tmp_path: Path) -> None:
    """A directory of Flask-Migrate whose `Migrate(...)` is missing is taken over, and attached."""
    project = make_project(SHAPE, tmp_path)
    detach(project)
    commit_all(project.root, "Half undone")
    revisions, before = versions(project), data(project.database_url)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert "migrate = Migrate(app, db)" in (project.root / "app.py").read_text()
    assert versions(project) == revisions
    assert data(project.database_url) == before
    assert flask(project, "db", "check", app=False).returncode == 0


START = """\
import os

from flask_migrate import migrate, upgrade

from app import app

with app.app_context():
    migrate()
    upgrade()
os.execvp("gunicorn", ["gunicorn", "app:app"])
"""


def test_start_script_in_python(tmp_path: Path) -> None:
    """What a script does by Flask-Migrate's functions when the server starts is told by file and line, and left as it is."""
    project = make_project(SHAPE, tmp_path)
    (project.root / "start.py").write_text(START)
    (project.root / "Procfile").write_text("web: python start.py\n")
    commit_all(project.root, "How it starts")

    result = run_copier(project)

    assert result.returncode == 0, result.output
    note = (
        "start.py:8 runs `flask_migrate.migrate()`, which writes a revision that nobody reads and no commit has; take it out, and"
        " keep  flask_migrate.upgrade()"
    )
    assert f"deploy     {note}\n" in result.stderr
    assert f"- {note}.\n" in (project.root / "migrations" / "SCHEMA.md").read_text()
    assert (project.root / "start.py").read_text() == START


def test_directory_that_only_running_it_tells(tmp_path: Path) -> None:
    """`Migrate(..., directory=...)` of a computed name leads elsewhere: told once the application is loaded, and undone."""
    project = make_project(SHAPE, tmp_path)
    edit(project, "app.py", "Migrate(app, db)", 'Migrate(app, db, directory="data" + "base")')
    tree = tree_bytes(project.root)

    result = run_copier(project)

    assert result.returncode == 1
    assert "error: migrations-elsewhere\n  The application tells Flask-Migrate to keep its migrations in database." in result.stderr
    assert tree_bytes(project.root) == tree
