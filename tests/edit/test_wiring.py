"""Flask-Migrate is attached where the project attaches its database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from hooks.base.facts import Existing, Project
from hooks.base.location import Location
from hooks.base.source import Source
from hooks.edit.core.splice import Edit, Reason, Untouched
from hooks.edit.python import wiring
from tests.edit.tools import attachments_in, check_edit, check_files, check_untouched, database_in, project, text


def wire(source: Source) -> Sequence[Edit | Untouched]:
    """Wire a project that is one file."""
    return wire_all({source.path: source})


def wire_all(sources: Mapping[str, Source], files: Sequence[str] = ()) -> Sequence[Edit | Untouched]:
    """Wire a project of several files; the first that mentions SQLAlchemy( creates the database."""
    home = next(source for source in sources.values() if b"SQLAlchemy(" in source.raw)
    database = database_in(home)
    places = [place for source in sources.values() for place in attachments_in(source, database)]
    return wiring.wire(sources, project(*sources, *files), database, places)


DIRECT = {
    "module": (
        """
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy

        app = Flask(__name__)
        db = SQLAlchemy(app)
        """,
        """
        from flask import Flask
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy

        app = Flask(__name__)
        db = SQLAlchemy(app)
        migrate = Migrate(app, db)
        """,
    ),
    "application by keyword": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy(model_class=Base, app=app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy(model_class=Base, app=app)
        migrate = Migrate(app, db)
        """,
    ),
    "application inside a wrapper": (
        """
        from config import vuln_app
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy(vuln_app.app)
        """,
        """
        from config import vuln_app
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy(vuln_app.app)
        migrate = Migrate(vuln_app.app, db)
        """,
    ),
    "call over several lines, comment behind it": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy(
            app,
            metadata=MetaData(naming_convention={"pk": "pk_%(table_name)s"}),
        )  # one for all
        # models follow
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy(
            app,
            metadata=MetaData(naming_convention={"pk": "pk_%(table_name)s"}),
        )  # one for all
        migrate = Migrate(app, db)
        # models follow
        """,
    ),
    "attributes in a method": (
        """
        from flask_sqlalchemy import SQLAlchemy


        class Shop:
            def __init__(self, app):
                self.app = app
                self.db = SQLAlchemy(self.app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy


        class Shop:
            def __init__(self, app):
                self.app = app
                self.db = SQLAlchemy(self.app)
                self.migrate = Migrate(self.app, self.db)
        """,
    ),
    "attribute name taken by a method": (
        """
        from flask_sqlalchemy import SQLAlchemy


        class Shop:
            def __init__(self, app):
                self.db = SQLAlchemy(app)

            def migrate(self):
                pass
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy


        class Shop:
            def __init__(self, app):
                self.db = SQLAlchemy(app)
                self.db_migrate = Migrate(app, self.db)

            def migrate(self):
                pass
        """,
    ),
    "in a function, local import": (
        """
        def create_app():
            from flask_sqlalchemy import SQLAlchemy
            app = Flask(__name__)
            db = SQLAlchemy(app)
            return app
        """,
        """
        def create_app():
            from flask_migrate import Migrate
            from flask_sqlalchemy import SQLAlchemy
            app = Flask(__name__)
            db = SQLAlchemy(app)
            Migrate(app, db)
            return app
        """,
    ),
    "a global made in a function": (
        """
        from flask_sqlalchemy import SQLAlchemy

        def setup(app):
            global db
            db = SQLAlchemy(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy

        def setup(app):
            global db
            db = SQLAlchemy(app)
            Migrate(app, db)
        """,
    ),
    "in an if, annotated": (
        """
        from flask_sqlalchemy import SQLAlchemy
        if True:
            db: SQLAlchemy = SQLAlchemy(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        if True:
            db: SQLAlchemy = SQLAlchemy(app)
            migrate = Migrate(app, db)
        """,
    ),
    "two statements on one line": (
        """
        from flask_sqlalchemy import SQLAlchemy; import sys
        db = SQLAlchemy(app); ma = Marshmallow(app)  # both
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy; import sys
        db = SQLAlchemy(app); migrate = Migrate(app, db); ma = Marshmallow(app)  # both
        """,
    ),
    "last of two statements on one line": (
        """
        from flask_sqlalchemy import SQLAlchemy
        app = Flask(__name__); db = SQLAlchemy(app);  # both
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        app = Flask(__name__); db = SQLAlchemy(app);  # both
        migrate = Migrate(app, db)
        """,
    ),
    "two targets": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db, ma = SQLAlchemy(app), Marshmallow(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db, ma = SQLAlchemy(app), Marshmallow(app)
        migrate = Migrate(app, db)
        """,
    ),
    "module imported under another name": (
        """
        import flask_sqlalchemy as fsa
        db = fsa.SQLAlchemy(app)
        """,
        """
        import flask_sqlalchemy as fsa
        from flask_migrate import Migrate
        db = fsa.SQLAlchemy(app)
        migrate = Migrate(app, db)
        """,
    ),
    "Migrate imported already, unused": (
        """
        from flask_migrate import Migrate as M
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy(app)
        """,
        """
        from flask_migrate import Migrate as M
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy(app)
        migrate = M(app, db)
        """,
    ),
    "a model called Migrate": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy(app)
        class Migrate(db.Model): pass
        """,
        """
        from flask_migrate import Migrate as FlaskMigrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy(app)
        migrate = FlaskMigrate(app, db)
        class Migrate(db.Model): pass
        """,
    ),
    "attached twice for one application": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy(app)
        db.init_app(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy(app)
        migrate = Migrate(app, db)
        db.init_app(app)
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), DIRECT.values(), ids=DIRECT)
def test_created_attached(before: str, after: str):
    """`Migrate(app, db)` follows the statement that creates and attaches the database, at its indent."""
    check_edit(wire, before, after)


DELAYED = {
    "one file": (
        """
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()


        def create_app():
            app = Flask(__name__)
            db.init_app(app)
            return app
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()
        migrate = Migrate()


        def create_app():
            app = Flask(__name__)
            db.init_app(app)
            migrate.init_app(app, db)
            return app
        """,
    ),
    "application by keyword, tabs, in a with": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        def create_app():
        \tapp = Flask(__name__)
        \twith app.app_context():
        \t\tdb.init_app(app=app)
        \t\tdb.session.commit()
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrate = Migrate()
        def create_app():
        \tapp = Flask(__name__)
        \twith app.app_context():
        \t\tdb.init_app(app=app)
        \t\tmigrate.init_app(app=app, db=db)
        \t\tdb.session.commit()
        """,
    ),
    "behind a colon": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        if app: db.init_app(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrate = Migrate()
        if app: db.init_app(app); migrate.init_app(app, db)
        """,
    ),
    "created in a try": (
        """
        try:
            from flask_sqlalchemy import SQLAlchemy
        except ImportError:
            from flask.ext.sqlalchemy import SQLAlchemy
        import sys

        try:
            db = SQLAlchemy(session_options={})
        except TypeError:
            db = SQLAlchemy()
        db.init_app(app)
        """,
        """
        try:
            from flask_sqlalchemy import SQLAlchemy
        except ImportError:
            from flask.ext.sqlalchemy import SQLAlchemy
        import sys
        from flask_migrate import Migrate

        try:
            db = SQLAlchemy(session_options={})
        except TypeError:
            db = SQLAlchemy()
        migrate = Migrate()
        db.init_app(app)
        migrate.init_app(app, db)
        """,
    ),
    "both branches of an if": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        def create_app(config):
            if config:
                db.init_app(app)
            else:
                db.init_app(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrate = Migrate()
        def create_app(config):
            if config:
                db.init_app(app)
                migrate.init_app(app, db)
            else:
                db.init_app(app)
                migrate.init_app(app, db)
        """,
    ),
    "twice in one function": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        def create_app(config):
            if config:
                db.init_app(app)
            db.init_app(app)
            db.init_app(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrate = Migrate()
        def create_app(config):
            if config:
                db.init_app(app)
            db.init_app(app)
            migrate.init_app(app, db)
            db.init_app(app)
        """,
    ),
    "local database": (
        """
        from flask_sqlalchemy import SQLAlchemy
        def create_app():
            db = SQLAlchemy(); db.init_app(app)
            return app
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        def create_app():
            db = SQLAlchemy(); db.init_app(app)
            Migrate(app, db)
            return app
        """,
    ),
    "database as a parameter": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        def connect(app, db):
            db.init_app(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        def connect(app, db):
            db.init_app(app)
            Migrate(app, db)
        """,
    ),
    "on self": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        class Shop(Flask):
            def attach(self):
                db.init_app(self)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrate = Migrate()
        class Shop(Flask):
            def attach(self):
                db.init_app(self)
                migrate.init_app(self, db)
        """,
    ),
    "loop over extensions": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        def create_app():
            for extension in (db, mail):
                extension.init_app(app)
            return app
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrate = Migrate()
        def create_app():
            for extension in (db, mail):
                extension.init_app(app)
            migrate.init_app(app, db)
            return app
        """,
    ),
    "comprehension over extensions": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        EXTENSIONS = [db, mail]
        def create_app():
            [one.init_app(app) for one in EXTENSIONS]
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrate = Migrate()
        EXTENSIONS = [db, mail]
        def create_app():
            [one.init_app(app) for one in EXTENSIONS]
            migrate.init_app(app, db)
        """,
    ),
    "half-finished: Migrate is created": (
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrations = Migrate()
        db.init_app(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrations = Migrate()
        db.init_app(app)
        migrations.init_app(app, db)
        """,
    ),
    "name taken by a command": (
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        db.init_app(app)
        @app.cli.command()
        def migrate(): pass
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        db_migrate = Migrate()
        db.init_app(app)
        db_migrate.init_app(app, db)
        @app.cli.command()
        def migrate(): pass
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), DELAYED.values(), ids=DELAYED)
def test_attached_later(before: str, after: str):
    """`Migrate()` follows the creation, `migrate.init_app(app, db)` the attaching; out of reach of a global, `Migrate(app, db)`."""
    check_edit(wire, before, after)


EXTENSIONS = """
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()
    """
EXTENSIONS_AFTER = """
    from flask_migrate import Migrate
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()
    migrate = Migrate()
    """


def through(imports: str, call: str, imports_after: str, call_after: str) -> tuple[str, str]:
    """An attaching file before and after."""
    before = f"from flask import Flask\n{imports}\n\ndef create_app():\n    app = Flask(__name__)\n    {call}\n    return app\n"
    after = (
        f"from flask import Flask\n{imports_after}\n\ndef create_app():\n    app = Flask(__name__)\n    {call}\n"
        f"    {call_after}\n    return app\n"
    )
    return before, after


SPELLINGS = {
    "absolute": through(
        "from shop.extensions import db",
        "db.init_app(app)",
        "from shop.extensions import db, migrate",
        "migrate.init_app(app, db)",
    ),
    "relative": through(
        "from .extensions import db", "db.init_app(app)", "from .extensions import db, migrate", "migrate.init_app(app, db)"
    ),
    "another name": through(
        "from .extensions import db as database",
        "database.init_app(app)",
        "from .extensions import db as database, migrate",
        "migrate.init_app(app, database)",
    ),
    "module": through(
        "from shop import extensions",
        "extensions.db.init_app(app)",
        "from shop import extensions",
        "extensions.migrate.init_app(app, extensions.db)",
    ),
    "module under another name": through(
        "import shop.extensions as ext",
        "ext.db.init_app(app=app)",
        "import shop.extensions as ext",
        "ext.migrate.init_app(app=app, db=ext.db)",
    ),
    "dotted module": through(
        "import shop.extensions",
        "shop.extensions.db.init_app(app)",
        "import shop.extensions",
        "shop.extensions.migrate.init_app(app, shop.extensions.db)",
    ),
    "wildcard": through("from .extensions import *", "db.init_app(app)", "from .extensions import *", "migrate.init_app(app, db)"),
    "handed on, relative": through(
        "from . import db", "db.init_app(app)", "from . import db\nfrom .extensions import migrate", "migrate.init_app(app, db)"
    ),
    "handed on, absolute": through(
        "from shop import db  # the one",
        "db.init_app(app)",
        "from shop import db  # the one\nfrom shop.extensions import migrate",
        "migrate.init_app(app, db)",
    ),
    "handed on by a package": through(
        "import shop",
        "shop.db.init_app(app)",
        "import shop\nfrom shop.extensions import migrate",
        "migrate.init_app(app, shop.db)",
    ),
    "one name per line": through(
        "from .extensions import (\n    cache,\n    db,  # tables\n)",
        "db.init_app(app)",
        "from .extensions import (\n    cache,\n    db,  # tables\n    migrate,\n)",
        "migrate.init_app(app, db)",
    ),
    "one name per line, no last comma": through(
        "from .extensions import (cache,\n                         db)",
        "db.init_app(app)",
        "from .extensions import (cache,\n                         db,\n                         migrate)",
        "migrate.init_app(app, db)",
    ),
    "one name per line, comment without comma": through(
        "from .extensions import (\n    cache,\n    db  # tables\n)",
        "db.init_app(app)",
        "from .extensions import (\n    cache,\n    db, migrate  # tables\n)",
        "migrate.init_app(app, db)",
    ),
    "several names per line": through(
        "from .extensions import (\n    cache, db,\n)",
        "db.init_app(app)",
        "from .extensions import (\n    cache, db, migrate,\n)",
        "migrate.init_app(app, db)",
    ),
    "continued line": through(
        "from .extensions import cache, \\\n    db",
        "db.init_app(app)",
        "from .extensions import cache, \\\n    db, migrate",
        "migrate.init_app(app, db)",
    ),
    "either of two imports": through(
        "try:\n    from .extensions import db\nexcept ImportError:\n    from shop.extensions import db",
        "db.init_app(app)",
        "try:\n    from .extensions import db, migrate\nexcept ImportError:\n    from shop.extensions import db, migrate",
        "migrate.init_app(app, db)",
    ),
    "import inside the function": through(
        "",
        "from .extensions import db; db.init_app(app)",
        "",
        "migrate.init_app(app, db)",
    ),
}
SPELLINGS["import inside the function"] = (
    SPELLINGS["import inside the function"][0],
    SPELLINGS["import inside the function"][1].replace("import db;", "import db, migrate;"),
)


@pytest.mark.parametrize(("before", "after"), SPELLINGS.values(), ids=SPELLINGS)
def test_reached_as_the_file_reaches_db(before: str, after: str):
    """`migrate` comes by the import by which the file has `db`, and the call spells `db` as the file does."""
    check_files(
        lambda sources: wire_all(sources, ["shop/__init__.py"]),
        {"shop/extensions.py": EXTENSIONS, "shop/factory.py": before},
        {"shop/extensions.py": EXTENSIONS_AFTER, "shop/factory.py": after},
    )


def test_wildcard_that_all_limits():
    """A module with `__all__` hands on nothing new, so `migrate` is imported from it by name."""
    before, after = through(
        "from .extensions import *",
        "db.init_app(app)",
        "from .extensions import *\nfrom .extensions import migrate",
        "migrate.init_app(app, db)",
    )
    check_files(
        wire_all,
        {"shop/extensions.py": text(EXTENSIONS) + "__all__ = ['db']\n", "shop/factory.py": before},
        {"shop/extensions.py": text(EXTENSIONS_AFTER) + "__all__ = ['db']\n", "shop/factory.py": after},
    )


def test_spelled_from_the_folder_that_is_on_the_path():
    """A file that imports `shop` from below `backend/` gets `migrate` from `shop.extensions`, as it would write it itself."""
    before, after = through(
        "from shop import db",
        "db.init_app(app)",
        "from shop import db\nfrom shop.extensions import migrate",
        "migrate.init_app(app, db)",
    )
    check_files(
        lambda sources: wire_all(sources, ["backend/shop/__init__.py"]),
        {"backend/shop/extensions.py": EXTENSIONS, "backend/run.py": before},
        {"backend/shop/extensions.py": EXTENSIONS_AFTER, "backend/run.py": after},
    )


def test_name_taken_in_the_attaching_file():
    """A name that one of the files uses otherwise is used in none."""
    check_files(
        wire_all,
        {
            "shop/extensions.py": EXTENSIONS,
            "shop/factory.py": """
                from .extensions import db
                from .tasks import migrate

                db.init_app(app)
                """,
        },
        {
            "shop/extensions.py": text(EXTENSIONS_AFTER).replace("migrate =", "db_migrate ="),
            "shop/factory.py": """
                from .extensions import db, db_migrate
                from .tasks import migrate

                db.init_app(app)
                db_migrate.init_app(app, db)
                """,
        },
    )


def test_name_taken_by_a_submodule():
    """In a package `shop`, importing `shop.migrate` would replace a global `migrate`."""
    check_files(
        lambda sources: wire_all(sources, ["shop/migrate.py", "shop/db_migrate/__init__.py"]),
        {"shop/__init__.py": text(EXTENSIONS) + "db.init_app(app)\n"},
        {
            "shop/__init__.py": text(EXTENSIONS_AFTER).replace("migrate =", "migrations_extension =")
            + "db.init_app(app)\nmigrations_extension.init_app(app, db)\n"
        },
    )


def test_every_function_that_attaches():
    """Two functions that attach the database are two applications, or two ways to one: both are wired."""
    check_edit(
        wire,
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        def web(app):
            db.init_app(app)
        def worker(app):
            db.init_app(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrate = Migrate()
        def web(app):
            db.init_app(app)
            migrate.init_app(app, db)
        def worker(app):
            db.init_app(app)
            migrate.init_app(app, db)
        """,
    )


@pytest.mark.parametrize("fact", ["in_tests", "under_main"])
def test_tests_and_main_blocks_stay_as_they_are(fact: str):
    """An attachment that only tests or `python shop.py` reach is not wired where there is another."""

    def wire_first(source: Source) -> Sequence[Edit | Untouched]:
        database = database_in(source)
        first, second = attachments_in(source, database)
        return wiring.wire({source.path: source}, project(source.path), database, [first, replace(second, **{fact: True})])

    check_edit(
        wire_first,
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        def create_app():
            db.init_app(app)
        def main():
            db.init_app(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrate = Migrate()
        def create_app():
            db.init_app(app)
            migrate.init_app(app, db)
        def main():
            db.init_app(app)
        """,
    )


def test_main_block_alone_is_wired():
    """Where only `main()` attaches the database, that is the place."""

    def wire_main(source: Source) -> Sequence[Edit | Untouched]:
        database = database_in(source)
        places = attachments_in(source, database, under_main=True)
        return wiring.wire({source.path: source}, project(source.path), database, places)

    check_edit(
        wire_main,
        """
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        if __name__ == "__main__":
            db.init_app(app)
        """,
        """
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        migrate = Migrate()
        if __name__ == "__main__":
            db.init_app(app)
            migrate.init_app(app, db)
        """,
    )


BYTES = {
    "CRLF": (
        b"from flask_sqlalchemy import SQLAlchemy\r\n\r\ndb = SQLAlchemy(app)\r\n",
        b"from flask_migrate import Migrate\r\nfrom flask_sqlalchemy import SQLAlchemy\r\n\r\n"
        b"db = SQLAlchemy(app)\r\nmigrate = Migrate(app, db)\r\n",
    ),
    "encoding mark": (
        b"\xef\xbb\xbffrom flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy(app)\n",
        b"\xef\xbb\xbffrom flask_migrate import Migrate\nfrom flask_sqlalchemy import SQLAlchemy\n"
        b"db = SQLAlchemy(app)\nmigrate = Migrate(app, db)\n",
    ),
    "no final newline": (
        b"from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy(app)",
        b"from flask_migrate import Migrate\nfrom flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy(app)\n"
        b"migrate = Migrate(app, db)",
    ),
    "no final newline, comment": (
        b"from flask_sqlalchemy import SQLAlchemy\nif 1:\n\tdb = SQLAlchemy(app)  # end",
        b"from flask_migrate import Migrate\nfrom flask_sqlalchemy import SQLAlchemy\n"
        b"if 1:\n\tdb = SQLAlchemy(app)  # end\n\tmigrate = Migrate(app, db)",
    ),
    "non-ASCII before the site": (
        'from flask_sqlalchemy import SQLAlchemy\ntitle = "Größe"; db = SQLAlchemy(app); x = "é"\n'.encode(),
        "from flask_migrate import Migrate\nfrom flask_sqlalchemy import SQLAlchemy\n"
        'title = "Größe"; db = SQLAlchemy(app); migrate = Migrate(app, db); x = "é"\n'.encode(),
    ),
    "shebang, coding line, docstring, future": (
        b"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n'''Shop.'''\nfrom __future__ import annotations\n"
        b"from shop.sqla import SQLAlchemy\ndb = SQLAlchemy(app)\n",
        b"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n'''Shop.'''\nfrom __future__ import annotations\n"
        b"from shop.sqla import SQLAlchemy\nfrom flask_migrate import Migrate\ndb = SQLAlchemy(app)\nmigrate = Migrate(app, db)\n",
    ),
    "no imports at the top": (
        b"'''Shop.'''\napp = make()\nfrom shop.sqla import SQLAlchemy\ndb = SQLAlchemy(app)\n",
        b"'''Shop.'''\nfrom flask_migrate import Migrate\n\napp = make()\n"
        b"from shop.sqla import SQLAlchemy\ndb = SQLAlchemy(app)\nmigrate = Migrate(app, db)\n",
    ),
    "continued line behind the site": (
        b"from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy(app) \\\n\nx = 1\n",
        b"from flask_migrate import Migrate\nfrom flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy(app) \\\n\n"
        b"migrate = Migrate(app, db)\nx = 1\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), BYTES.values(), ids=BYTES)
def test_the_file_stays_as_it_is_written(before: bytes, after: bytes):
    """Line ends, encoding mark, indent and the end of the file stay."""
    check_edit(wire, before, after)


CANNOT = {
    "lambda": "db = SQLAlchemy()\nsetup = lambda app: db.init_app(app)\n",
    "returned": "db = SQLAlchemy()\ndef f(app):\n    return db.init_app(app)\n",
    "condition": "db = SQLAlchemy()\nif db.init_app(app):\n    pass\n",
    "conditional expression": "db = SQLAlchemy()\ndb.init_app(app) if app else None\n",
    "loop over something unknown": (
        "def make():\n    db = SQLAlchemy()\n    return db\nfor one in plugins():\n    one.init_app(app)\n"
    ),
    "loop over applications": "db = SQLAlchemy()\n[db.init_app(app) for app in apps] or None\n",
    "application made in the call": "db = SQLAlchemy(create_app())\n",
    "application made in init_app": "db = SQLAlchemy()\ndb.init_app(create_app())\n",
    "database from a function": "db = SQLAlchemy()\nget_db().init_app(app)\n",
    "not assigned": "db = SQLAlchemy\ndb2 = dict(db=SQLAlchemy(app))\n",
}


@pytest.mark.parametrize("before", CANNOT.values(), ids=CANNOT)
def test_no_statement_of_its_own(before: str):
    """A call that nothing can follow is left alone, and said so."""
    check_untouched(wire, before, Reason.CANNOT_BE_EDITED_SAFELY)


@pytest.mark.parametrize("before", ["db = SQLAlchemy(app)\n)", "# coding: latin-1\ndb = SQLAlchemy(app)\n"])
def test_cannot_be_parsed(before: str):
    """A file in another encoding or with a syntax error is left alone."""
    known = Source("shop.py", b"db = SQLAlchemy(app)\n")
    database = database_in(known)
    places = attachments_in(known, database)

    check_untouched(
        lambda source: wiring.wire({"shop.py": source}, Project("."), database, places), before, Reason.CANNOT_BE_EDITED_SAFELY
    )


ATTACHED = {
    "direct": "from flask_migrate import Migrate\ndb = SQLAlchemy(app)\nmigrate = Migrate(app, db)\n",
    "short": "import flask_migrate\ndb = SQLAlchemy(app)\nflask_migrate.Migrate(app, db)\n",
    "delayed": "from flask_migrate import Migrate as M\ndb = SQLAlchemy()\nx = M()\ndb.init_app(app)\nx.init_app(app, db)\n",
}


@pytest.mark.parametrize("before", ATTACHED.values(), ids=ATTACHED)
def test_attached_already(before: str):
    """A project that attaches Flask-Migrate is not edited."""
    check_untouched(wire, before, Reason.ALREADY_ATTACHED)


def test_attached_in_another_file():
    """What detection found elsewhere counts."""
    source = Source("shop.py", b"db = SQLAlchemy(app)\n")
    database = database_in(source)
    there = Location("manage.py", 7, "Migrate(app, db)")

    results = wiring.wire(
        {"shop.py": source}, Project(".", existing=Existing(migrate=(there,))), database, attachments_in(source, database)
    )

    assert results == [Untouched("manage.py", Reason.ALREADY_ATTACHED, there)]


def test_attached_by_a_flask_script_manager():
    """`flask` never runs manage.py, so it needs an attachment of its own."""
    source = Source("shop.py", b"db = SQLAlchemy(app)\n")
    database = database_in(source)
    existing = Existing(
        migrate=(Location("manage.py", 7, "Migrate(app, db)"),), flask_script=Location("manage.py", 6, "manager = Manager(app)")
    )

    results = wiring.wire({"shop.py": source}, Project(".", existing=existing), database, attachments_in(source, database))

    assert [type(result) for result in results] == [Edit]
