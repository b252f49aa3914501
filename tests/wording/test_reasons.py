"""Every message in full: what users read when the retrofit stops."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from hooks.base import errors, takeover_errors, worktree_errors
from hooks.base.facts import App, AppKind, Attachment, Change, Database, Ending, Option
from hooks.base.location import Location, Span
from hooks.base.verified import VerifiedDatabase
from hooks.inside.base.messages import Failed
from hooks.wording.message import interrupted
from hooks.wording.project_reasons import REASONS
from hooks.wording.reasons import explain
from hooks.worktree.run_lock import AlreadyRunning


def failed(what: Failed | str, **known: Any) -> errors.ProjectFailed:
    """What stopped in the project's own Python, and what the source tells about it."""
    return errors.ProjectFailed(Failed(what) if isinstance(what, str) else what, known=errors.Circumstances(**known))


OUT_OF_REACH = 'OperationalError: (psycopg2.OperationalError) connection to server at "db", port 5432 failed: Connection refused'
SHOP = App("shop", "app", AppKind.OBJECT, Location("shop/__init__.py", 12, "app = Flask(__name__)"))
ADMIN = App("admin.app", "app", AppKind.OBJECT, Location("admin/app.py", 7, 'app = Flask("admin")'))
FACTORY = App(
    "shop", "create_app", AppKind.FACTORY, Location("shop/__init__.py", 3, "def create_app(config):"), required=("config",)
)
DB = Database("shop.models", "db", Location("shop/models.py", 4, "db = SQLAlchemy()"), Span("shop/models.py", 4, 0, 4, 17))
OTHER_DB = Database(
    "admin.models", "db", Location("admin/models.py", 14, "db = SQLAlchemy()"), Span("admin/models.py", 14, 0, 14, 17)
)
IN_MAIN = Attachment(
    Span("shop/app.py", 37, 4, 37, 26),
    Location("shop/app.py", 37, "db.init_app(flask_app)"),
    "shop.app",
    "db",
    "flask_app",
    DB.spec,
    is_direct=False,
    function="initialize_app",
)

MESSAGES = {
    "packages of different times": (
        failed(Failed("packages-do-not-fit", exception="ImportError: cannot import name 'soft_unicode' from 'markupsafe'")),
        """\
        error: packages-do-not-fit
          A package of the project's Python cannot be imported, so the application does not start there either:
            ImportError: cannot import name 'soft_unicode' from 'markupsafe'
          Nothing was changed.
          Install versions that go together, or name the Python in which it does start:  -d python=...""",
    ),
    "a foreign key to no table": (
        failed(
            Failed(
                "foreign-key-leads-nowhere",
                message="Foreign key associated with column 'message.user_id' could not find table 'user'",
                models=[{"name": "Message", "path": "shop/models.py", "line": 12}],
            )
        ),
        """\
        error: foreign-key-leads-nowhere
          A foreign key of the models leads nowhere; create_all() fails on it as well:
            Foreign key associated with column 'message.user_id' could not find table 'user'
            shop/models.py:12   class Message
          Nothing was changed.
          Have it name a table and a column that are there, and run again.""",
    ),
    "git does not read": (
        worktree_errors.GitRefuses(
            ["fatal: detected dubious ownership in repository at '/shop'", "git config --global --add safe.directory /shop"]
        ),
        """\
        error: git-refuses
          git does not read the repository of this project, so uncommitted changes could not be told from those of this run:
            fatal: detected dubious ownership in repository at '/shop'
            git config --global --add safe.directory /shop
          Nothing was changed.
          Make `git status` work here, and run again.""",
    ),
    "git is sent elsewhere": (
        worktree_errors.GitRefuses(["GIT_DIR=/other/.git", "/shop is in /shop"], is_redirected=True),
        """\
        error: git-refuses
          The environment names another git repository than the one that this project is in:
            GIT_DIR=/other/.git
            /shop is in /shop
          Nothing was changed.
          Unset these variables, and run again.""",
    ),
    "symbolic link": (
        worktree_errors.LeadsElsewhere("migrations/env.py", "migrations", "/elsewhere/migrations"),
        """\
        error: symbolic-link
          migrations/env.py would be written through a symbolic link, and so somewhere else than its name says:
            migrations -> /elsewhere/migrations
          Nothing was changed.
          Put a file or folder of its own in the place of the link, commit, and run again.""",
    ),
    "file refused": (
        worktree_errors.FileRefused("/shop/.git/copier-flask-migrate", "Read-only file system"),
        """\
        error: file-refused
          The operating system refused this file:
            /shop/.git/copier-flask-migrate   Read-only file system
          Nothing was changed.
          Remove the cause (permissions, a read-only file system, a full disk), and run again.""",
    ),
    "no place for the report": (
        worktree_errors.ReportRefused("reports/shop.json", "there is no folder /shop/reports"),
        """\
        error: report-refused
          The report cannot be written there:
            reports/shop.json   there is no folder /shop/reports
          Nothing was changed.
          Name another file, or - for standard output, and run again:  -d report=FILE""",
    ),
    "copied with a record": (
        worktree_errors.OtherJournal(
            Path("/copy of/.git/copier-flask-migrate/shop-0123456789abcdef"), "/shop", ["app.py", "migrations/env.py"]
        ),
        """\
        error: interrupted-elsewhere
          A run in /shop was interrupted, and this folder is a copy that has its record. It had begun to write:
            app.py
            migrations/env.py
          Nothing was changed.
          See what it has left with `git status`, take that back, remove its record, and run again:
            rm -r '/copy of/.git/copier-flask-migrate/shop-0123456789abcdef'""",
    ),
    "record of another version": (
        worktree_errors.OtherJournal(Path("/shop/.git/copier-flask-migrate"), ""),
        """\
        error: interrupted-elsewhere
          A run was interrupted here, and its record cannot be read; another version of this template has written it:
            /shop/.git/copier-flask-migrate
          Nothing was changed.
          See what it has left with `git status`, take that back, remove its record, and run again:
            rm -r /shop/.git/copier-flask-migrate""",
    ),
    "changed since": (
        worktree_errors.ChangedSince(Path("/shop/.git/copier-flask-migrate/shop-0123456789abcdef"), ["app.py"]),
        """\
        error: changed-since
          A run was interrupted here, and these files, which it has written, were changed since:
            app.py
          Nothing was changed.
          See what it has left with `git status`, take that back, remove its record, and run again:
            rm -r /shop/.git/copier-flask-migrate/shop-0123456789abcdef""",
    ),
    "tree changed": (
        worktree_errors.TreeChanged([Change("data/cache.bin", "changed"), Change("notes.txt", "removed")]),
        """\
        error: tree-changed
          While the application was loaded and checked, files of the project were changed, and not by this template:
            changed  data/cache.bin
            removed  notes.txt
          Nothing else was changed, and nothing was stamped.
          If the application writes them while it is loaded, move that into a CLI command; if something else does (a server,
          an editor), end it. Put the files back, and run again.""",
    ),
    "stamp unknown": (
        worktree_errors.StampUnknown("timed-out"),
        """\
        error: stamp-unknown
          Every check passed, and the stamp was asked for, but there was no answer:
            timed-out
          Every file is as it was. Whether the database was stamped is not known.
          Run the command again: it uses the same revision id, so a stamp that was written is the right one.""",
    ),
    "migrations ignored": (
        worktree_errors.MigrationsIgnored([Location("migrations/.gitignore", 2, "*")]),
        """\
        error: migrations-ignored
          git ignores migrations/, so the migrations would be on this machine alone, and nobody else could upgrade a database.
            migrations/.gitignore:2   *
          Nothing was changed.
          Take that out, commit, and run again.""",
    ),
    "migrations elsewhere": (
        takeover_errors.MigrationsElsewhere("db/migrations", [Location("app.py", 9, 'Migrate(app, db, "db/migrations")')]),
        """\
        error: migrations-elsewhere
          Flask-Migrate keeps the migrations of this project in db/migrations/. Here they have to be in migrations/, where
          `python -m migrations.adopt` and the make targets look for them.
            db/migrations/env.py
            app.py:9   Migrate(app, db, "db/migrations")
          Nothing was changed.
          Move them, take the directory out of Migrate(...), commit, and run again:
            git mv db/migrations migrations""",
    ),
    "the application writes to our pipe": (
        errors.ProjectFailed(Failed("app-writes-to-our-pipe", text='{"event": "verified"}')),
        """\
        error: app-writes-to-our-pipe
          While it is loaded, the application, or something that it has started, writes to a pipe of this run:
            {"event": "verified"}
          Nothing was changed.
          Find what writes to files by number without having opened them (os.write, os.fdopen), and run again.""",
    ),
    "migrations elsewhere, of a program that runs there": (
        takeover_errors.MigrationsElsewhere(
            "backend/migrations", [Location("backend/app.py", 9, "Migrate(app, db)")], is_of_app=True
        ),
        """\
        error: migrations-elsewhere
          Flask-Migrate keeps the migrations of this project in backend/migrations/. Here they have to be in migrations/, where
          `python -m migrations.adopt` and the make targets look for them.
            backend/migrations/env.py
            backend/app.py:9   Migrate(app, db)
          Nothing was changed.
          The application is imported from backend/, and `flask db` was run there. Run the command there:  cd backend""",
    ),
    "migrations elsewhere, which the application runs": (
        takeover_errors.MigrationsElsewhere(
            "shop/migrations",
            [Location("shop/app.py", 9, "Migrate(app, db)")],
            directed=[Location("shop/app.py", 12, "upgrade(path)")],
        ),
        """\
        error: migrations-elsewhere
          Flask-Migrate keeps the migrations of this project in shop/migrations/. Here they have to be in migrations/, where
          `python -m migrations.adopt` and the make targets look for them.
            shop/migrations/env.py
            shop/app.py:9    Migrate(app, db)
            shop/app.py:12   upgrade(path)
          Nothing was changed.
          Move them, take the directory out of the calls above, commit, and run again:
            git mv shop/migrations migrations
          Where shop/ is installed as a package that upgrades its database itself, leave them: a wheel has no migrations/.""",
    ),
    "migrations elsewhere, of which nobody is told": (
        takeover_errors.MigrationsElsewhere("src/migrations", [Location("src/app.py", 9, "migrate.init_app(app, db)")]),
        """\
        error: migrations-elsewhere
          Flask-Migrate keeps the migrations of this project in src/migrations/. Here they have to be in migrations/, where
          `python -m migrations.adopt` and the make targets look for them.
            src/migrations/env.py
            src/app.py:9   migrate.init_app(app, db)
          Nothing was changed.
          Move them, commit, and run again; `flask db` is run here, and not in a folder of this one, from then on:
            git mv src/migrations migrations""",
    ),
    "the stamp's place in env.py": (
        takeover_errors.OptionInEnv(
            [Option("version_table", '"shop_version"', Location("migrations/env.py", 61, 'version_table="shop_version",'))],
            [Location("app.py", 9, "migrate = Migrate(app, db)")],
        ),
        """\
        error: option-in-env
          migrations/env.py says by itself where the database is stamped. It would be replaced by one that does not know:
            migrations/env.py:61   version_table="shop_version",
            app.py:9               migrate = Migrate(app, db)
          Nothing was changed.
          Say it where Flask-Migrate is made, take it out of env.py, commit, and run again:
            Migrate(..., version_table="shop_version")""",
    ),
    "two apps": (
        errors.TwoApplications([SHOP, ADMIN]),
        """\
        error: two-apps
          Two Flask applications were found, so it is unclear which one gets migrations.
            shop/__init__.py:12   app = Flask(__name__)   -d app=shop:app
            admin/app.py:7        app = Flask("admin")    -d app=admin.app:app
          Nothing was changed.
          Name the one you want and run again:  -d app=shop:app""",
    ),
    "unknown app": (
        errors.UnknownApplication("shop:application", [SHOP]),
        """\
        error: unknown-app
          -d app=shop:application names no Flask application of this project.
            shop/__init__.py:12   app = Flask(__name__)   -d app=shop:app
          Nothing was changed.
          Name it as `flask --app` takes it, module:name, and run again.""",
    ),
    "factory with arguments": (
        errors.ApplicationNeedsArguments(FACTORY),
        """\
        error: app-needs-arguments
          The factory create_app has parameters without a default, and nothing in the project shows what to pass: config.
            shop/__init__.py:3   def create_app(config):
          Nothing was changed.
          Say it as `flask --app` takes it and run again:  -d app="shop:create_app('...')"
          Where it takes more than literals, commit a wsgi.py:  from shop import create_app; app = create_app(...)""",
    ),
    "two dbs": (
        errors.TwoDatabases([DB, OTHER_DB]),
        """\
        error: two-dbs
          Two SQLAlchemy objects were found, so it is unclear which one gets migrations.
            shop/models.py:4     db = SQLAlchemy()   -d db=shop.models:db
            admin/models.py:14   db = SQLAlchemy()   -d db=admin.models:db
          Nothing was changed.
          Name the one you want and run again:  -d db=shop.models:db""",
    ),
    "variables that differ": (
        errors.VariablesDiffer(
            "DATABASE_URL",
            [
                (Location("the environment", 0, "DATABASE_URL"), Location("the environment", 0, "DB_URI")),
                (Location(".env", 2, "DATABASE_URL"), Location(".env", 1, "DB_URI")),
            ],
        ),
        """\
        error: variables-differ
          DATABASE_URL would come before DB_URI, and where both are set they name different databases:
            the environment   DATABASE_URL
            the environment   DB_URI
            .env:2   DATABASE_URL
            .env:1   DB_URI
          Nothing was changed.
          Set both to one URL, or take DATABASE_URL out there, and run again.
          To go on with the variable that is read today, and add none:  -d database_url_variable=DB_URI""",
    ),
    "db not attached": (
        errors.NotAttached(DB),
        """\
        error: db-not-attached
          The SQLAlchemy object db is created, and nothing attaches it to an application.
            shop/models.py:4   db = SQLAlchemy()
          Nothing was changed.
          Call db.init_app(app) where the application is made, and run again.""",
    ),
    "no app": (
        errors.NoApplication([], [Location("old.py", 3, "print 'x'")]),
        """\
        error: no-app
          No Flask application was found: nothing here calls Flask(...), or a subclass of it.
            old.py:3   cannot be read as Python 3 in UTF-8
          Nothing was changed.
          If it is in what cannot be read, make that Python 3 in UTF-8, check with `flask routes`, and run again.
          If the application is in a subfolder, run the command there.
          If another package makes it, name it as `flask --app` would:  -d app=package.module:create_app""",
    ),
    "an application of Quart": (
        errors.NoApplication([Location("shop/__init__.py", 15, "app = Quart(__name__)")], []),
        """\
        error: no-app
          No Flask application was found: nothing here calls Flask(...), or a subclass of it.
            shop/__init__.py:15   app = Quart(__name__)
          Nothing was changed.
          Quart is another framework, for which Flask-Migrate is not made; Alembic works without it:  alembic init migrations
          If the application is in a subfolder, run the command there.
          If another package makes it, name it as `flask --app` would:  -d app=package.module:create_app""",
    ),
    "already running": (
        AlreadyRunning(Path("/shop/.git/copier-flask-migrate/shop-0123456789abcdef.lock")),
        """\
        error: already-running
          Another run of this template is at work in this project; it has locked this file:
            /shop/.git/copier-flask-migrate/shop-0123456789abcdef.lock
          Nothing was changed.
          Wait for its end, or end it, and run again: what it had begun is then undone or finished.""",
    ),
    "dirty tree": (
        worktree_errors.DirtyTree(["shop/__init__.py"]),
        """\
        error: dirty-tree
          The git tree has uncommitted changes, so the changes of this run could not be told from yours.
            shop/__init__.py
          Nothing was changed.
          Commit or stash them and run again, or go on all the same:  -d allow_dirty=true""",
    ),
    "foreign answers file": (
        worktree_errors.ForeignAnswersFile(".copier-answers.yml", "gh:pallets/template", ".copier-answers.flask-migrate.yml"),
        """\
        error: foreign-answers-file
          .copier-answers.yml belongs to another Copier template (gh:pallets/template).
          Nothing was changed.
          Give this template an answers file of its own and run again:  -a .copier-answers.flask-migrate.yml""",
    ),
    "already migrated": (
        errors.AlreadyMigrated("migrations", ["0001_first.py"], [Location("app.py", 5, "migrate = Migrate(app, db)")]),
        """\
        error: already-migrated
          migrations/ is an Alembic directory already, with revisions.
            migrations/0001_first.py
            app.py:5   migrate = Migrate(app, db)
          Nothing was changed.
          This project already has migrations; a second baseline would contradict them. There is nothing to add.
          To see where its database stands, run:  flask db current""",
    ),
    "already migrated by another extension": (
        errors.AlreadyMigrated("", [], [Location("config.py", 17, "alembic = Alembic(app)")]),
        """\
        error: already-migrated
          Another extension keeps the migrations of this project.
            config.py:17   alembic = Alembic(app)
          Nothing was changed.
          This project already has migrations; a second baseline would contradict them. There is nothing to add.
          To change over to Flask-Migrate, take the extension and its migrations out of the project, and run again.""",
    ),
    "already migrated by Alembic alone": (
        errors.AlreadyMigrated("shop/alembic", ["shop/alembic/versions/0001_first.py"], []),
        """\
        error: already-migrated
          shop/alembic/ is an Alembic directory already, with revisions.
            shop/alembic/versions/0001_first.py
          Nothing was changed.
          This project already has migrations; a second baseline would contradict them. There is nothing to add.
          To see where its database stands, run:  alembic current""",
    ),
    "database differs": (
        errors.DatabaseDiffers(
            [
                VerifiedDatabase(
                    database="postgresql://shop:***@db/shop",
                    existing="present",
                    differences=(
                        {"table": "users", "what": "column", "name": "email"},
                        {"table": "users", "what": "column", "name": "age"},
                    ),
                    drift=(
                        "dangerous: carrying it over would lose values, or fail on rows that are there",
                        "  users.email   models VARCHAR(8)   database VARCHAR(90)   shop/models.py:14",
                        "    3 rows have a value that does not fit VARCHAR(8): change them first, or say VARCHAR(90) in the model.",
                        "models-ahead: the models say more, and no row is in the way",
                        "  users.age     only in the models  INTEGER                  shop/models.py:15",
                        "    Add the column; rows that are there get NULL.",
                    ),
                )
            ]
        ),
        """\
        error: database-differs
          The baseline does not describe the existing database postgresql://shop:***@db/shop:
            dangerous: carrying it over would lose values, or fail on rows that are there
              users.email   models VARCHAR(8)   database VARCHAR(90)   shop/models.py:14
                3 rows have a value that does not fit VARCHAR(8): change them first, or say VARCHAR(90) in the model.
            models-ahead: the models say more, and no row is in the way
              users.age     only in the models  INTEGER                  shop/models.py:15
                Add the column; rows that are there get NULL.
          The code is edited and the baseline written; the database was not stamped.
          If the models are right, change the database, then verify and stamp it:  python -m migrations.adopt
          If the database is right, change the models, delete the baseline, and run again:  -d allow_dirty=true""",
    ),
    "attached in main() only": (
        failed("app-has-no-database", attachments=(IN_MAIN,)),
        """\
        error: app-has-no-database
          The application loads, but nothing has attached its SQLAlchemy object by then; `flask` runs no main() and no `__main__`.
            shop/app.py:37   db.init_app(flask_app)   in initialize_app()
          Nothing was changed.
          Attach it where the application is made, or when its module is imported, and run again.
          If `flask` is to run another application, name it:  -d app=module:name""",
    ),
    "attached in main() only, with the lines that attach it": (
        failed(
            "app-has-no-database",
            attachments=(replace(IN_MAIN, lines=("from shop.app import app, initialize_app", "initialize_app(app)")),),
        ),
        """\
        error: app-has-no-database
          The application loads, but nothing has attached its SQLAlchemy object by then; `flask` runs no main() and no `__main__`.
            shop/app.py:37   db.init_app(flask_app)   in initialize_app()
          Nothing was changed.
          Make a file wsgi.py of these lines, which `flask` and servers import, commit it, and run again:
            from shop.app import app, initialize_app
            initialize_app(app)
          If `flask` is to run another application, name it:  -d app=module:name""",
    ),
    "tests would follow, beside a variable of the project's": (
        failed("tests-would-follow", following=("tests/test_shop.py",), variable="DATABASE_URL", older=("DATABASE_URI",)),
        """\
        error: tests-would-follow
          With our edits these configurations for tests would use the database that DATABASE_URL names; today they do not.
          Tests that drop or fill tables would do that in this database:
            tests/test_shop.py
          Nothing was changed.
          To go on with the variable that is read today, and add none:  -d database_url_variable=DATABASE_URI
          Or give each a SQLALCHEMY_DATABASE_URI of its own, set before the database is attached, and run again.""",
    ),
    "tables reflected": (
        failed(
            Failed(
                "tables-reflected",
                path="shop/models.py",
                line=9,
                text='table = db.metadata.tables["pitches"]',
                exception="KeyError: 'pitches'",
            ),
            reflected=("pitches",),
        ),
        """\
        error: tables-reflected
          No model describes these tables: the application reads them from its database while it is loaded, and fails without them.
            pitches
            shop/models.py:9   table = db.metadata.tables["pitches"]
            KeyError: 'pitches'
          Nothing was changed.
          Write models for them (sqlacodegen prints them from a database), take out db.reflect(), and run again.""",
    ),
    "flask too old": (
        errors.FlaskTooOld(".venv/bin/python", "0.10.1"),
        """\
        error: flask-too-old
          Flask-Migrate's commands are part of the `flask` command, which Flask has from 0.11 on.
            .venv/bin/python has Flask 0.10.1
          Nothing was changed.
          Bring the project to a newer Flask, and run again.""",
    ),
    "SQLAlchemy too old": (
        errors.SqlalchemyTooOld(".venv/bin/python", "1.0.12"),
        """\
        error: sqlalchemy-too-old
          The checks compare schemas with SQLAlchemy 1.2 or newer.
            .venv/bin/python has SQLAlchemy 1.0.12
          Nothing was changed.
          Bring the project to a newer SQLAlchemy, and run again.""",
    ),
    "server out of reach": (
        failed(
            Failed(
                "app-failed-to-load",
                path="shop.py",
                line=9,
                text="db.create_all()",
                exception=OUT_OF_REACH,
            ),
            also_tried=(("shop:app", f"{OUT_OF_REACH} (shop.py:9)"),),
        ),
        """\
        error: app-failed-to-load
          The application could not be loaded; this is its own error:
            shop.py:9   db.create_all()
            OperationalError: (psycopg2.OperationalError) connection to server at "db", port 5432 failed: Connection refused
          Nothing was changed.
          Start the server of its database, or have the application read the URL of one that runs, and run again.""",
    ),
    "missing variable": (
        failed(
            Failed(
                "app-failed-to-load",
                path="config.py",
                line=4,
                text='SECRET_KEY = os.environ["SECRET_KEY"]',
                exception="KeyError: 'SECRET_KEY'",
                missing_variable="SECRET_KEY",
            )
        ),
        """\
        error: app-failed-to-load
          The application could not be loaded; this is its own error:
            config.py:4   SECRET_KEY = os.environ["SECRET_KEY"]
            KeyError: 'SECRET_KEY'
          Nothing was changed.
          Set SECRET_KEY as you do to run the application, and run again.""",
    ),
    "application in a folder of its own": (
        failed(
            Failed("app-failed-to-load", exception="ModuleNotFoundError: No module named 'shop'", missing_module="shop"),
            folder="backend",
        ),
        """\
        error: app-failed-to-load
          The application could not be loaded; this is its own error:
            ModuleNotFoundError: No module named 'shop'
          Nothing was changed.
          Run the command in backend/, from where this module can be imported:  cd backend""",
    ),
    "module that is installed under another name": (
        failed(
            Failed(
                "app-failed-to-load",
                exception="ModuleNotFoundError: No module named 'pkg_resources'",
                missing_module="pkg_resources",
            ),
        ),
        """\
        error: app-failed-to-load
          The application could not be loaded; this is its own error:
            ModuleNotFoundError: No module named 'pkg_resources'
          Nothing was changed.
          Install setuptools<82 in the project's environment, or name the right Python:  -d python=...""",
    ),
    "variable of the database is not set": (
        failed(
            Failed("app-failed-to-load", path="app.py", line=9, text="db.init_app(app)", exception="RuntimeError: no URI"),
            unset=(("SQLALCHEMY_URL", Location("config.py", 18)),),
        ),
        """\
        error: app-failed-to-load
          The application could not be loaded; this is its own error:
            app.py:9   db.init_app(app)
            RuntimeError: no URI
          Nothing was changed.
          Set the variable of the database as you do to run the application, and run again. The configuration reads:
            config.py:18   SQLALCHEMY_URL""",
    ),
    "another driver than the URL means": (
        failed(
            Failed("app-failed-to-load", exception="ModuleNotFoundError: No module named 'psycopg'", missing_module="psycopg"),
            other_driver="psycopg2",
        ),
        """\
        error: app-failed-to-load
          The application could not be loaded; this is its own error:
            ModuleNotFoundError: No module named 'psycopg'
          Nothing was changed.
          From SQLAlchemy 2.1 on, postgresql:// means psycopg; psycopg2 is installed. Name it where the URL is:
            postgresql+psycopg2://...
          Or ask for sqlalchemy<2.1 in the project's requirements, install that, and run again.""",
    ),
}


def test_every_reason_of_the_projects_python_has_a_text() -> None:
    """What `inside/` can report is worded; only the last resorts share one text."""
    source = "".join(path.read_text() for path in (Path(__file__).parents[2] / "hooks" / "inside").rglob("*.py"))
    reported = set(re.findall(r"Stop\(\s*\"([a-z-]+)\"", source))

    # a class of its own: StampFailed; what only the ladder sees, which goes on or tells the reason before
    assert reported - set(REASONS) == {"stamp-failed", "not-copied", "nothing-to-copy"}


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name: str) -> None:
    """The complete text, part by part in its order."""
    stop, expected = MESSAGES[name]

    assert explain(stop) == dedent(expected)


UNEXPECTED = errors.Unexpected("ValueError: x", "outcome.py:1 in notes")


def test_what_was_changed_is_what_was_seen() -> None:
    """Where files are not as they were, or all was done when telling of it failed, no message says that nothing was changed."""
    changes = [Change("data/cache.bin", "changed"), Change("upload.bin", "added")]
    whole = explain(UNEXPECTED)
    assert "  Nothing was changed.\n" in whole

    differing = "  Not everything is as it was when the run began:\n    changed  data/cache.bin\n    added    upload.bin\n"
    assert explain(UNEXPECTED, lambda: Ending(changes)) == whole.replace("  Nothing was changed.\n", differing)
    done = "  Every file of this run is written, and every database that it was to stamp is stamped.\n"
    assert explain(UNEXPECTED, lambda: Ending(is_done=True)) == whole.replace("  Nothing was changed.\n", done)
    assert interrupted(Ending(), may_be_stamped=False) == "Interrupted. Nothing was changed."
    assert interrupted(Ending(is_known=False), may_be_stamped=False) == (
        "Interrupted. No file was changed, and nothing was stamped."
    )
    assert interrupted(Ending(changes[:1]), may_be_stamped=False) == (
        "Interrupted. Not everything is as it was when the run began:\n  changed  data/cache.bin"
    )
    assert interrupted(Ending(), may_be_stamped=True) == (
        "Interrupted. Every file is as it was.\n"
        "Whether the database was stamped is not known. Run the command again: it uses the same revision id."
    )


def test_databases_are_looked_at_before_it_is_said() -> None:
    """A change in a database is named; what others may have done, or nobody looked at, is not called unchanged."""
    shop, whole = "sqlite:////srv/shop.db", explain(UNEXPECTED)
    rows = [(shop, f"rows of {name} were written: 1 inserted") for name in ("a", "b", "c", "d")]

    changed = explain(UNEXPECTED, lambda: Ending(changed=rows[:1]))
    unclear = explain(UNEXPECTED, lambda: Ending(unclear=rows))
    unseen = explain(UNEXPECTED, lambda: Ending(unclear=[(shop, "it could not be looked at: refused")]))

    line, no_file = "  Nothing was changed.\n", "  No file was changed, and nothing was stamped.\n"
    assert changed == whole.replace(
        line, f"  Not everything is as it was when the run began:\n    {shop}: rows of a were written: 1 inserted\n"
    )
    assert unclear == whole.replace(
        line,
        f"{no_file}  Not clear of {shop}: rows of a were written: 1 inserted; rows of b were written: 1 inserted;"
        " rows of c were written: 1 inserted; and 1 more, perhaps by others.\n",
    )
    assert unseen == whole.replace(line, f"{no_file}  Not clear of {shop}: it could not be looked at: refused.\n")
    assert explain(UNEXPECTED, lambda: Ending(is_known=False)) == whole.replace(line, no_file)


def test_a_changed_database_and_a_changed_file() -> None:
    """Where the message names the database, it says of files what was seen of them."""
    stop = failed(Failed("database-changed", changes=[("sqlite:////srv/shop.db", "table x is new")]))
    both = Ending([Change("x.bin", "added")], [("sqlite:////srv/shop.db", "table x is new")])

    assert "  No file was changed, and nothing was stamped.\n" in explain(stop, lambda: replace(both, changes=()))
    assert "    added    x.bin\n    sqlite:////srv/shop.db: table x is new\n" in explain(stop, lambda: both)
