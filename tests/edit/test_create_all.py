"""A start-up `create_all()` is taken out, or kept for a database without any table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest

from hooks.base.source import Source
from hooks.edit.core.splice import Edit, Reason, Untouched
from hooks.edit.python import create_all
from tests.edit.tools import check_edit, check_untouched, create_all_in


def remove(source: Source) -> Sequence[Edit | Untouched]:
    """Take every call of the file out."""
    return [create_all.remove(source, call) for call in create_all_in(source)]


def keep_for_empty(source: Source) -> Sequence[Edit | Untouched]:
    """Keep every call of the file for an empty database."""
    return [create_all.keep_for_empty(source, call) for call in create_all_in(source)]


REMOVED = {
    "statement in a function": (
        """
        def create_app():
            db.init_app(app)
            db.create_all()
            return app
        """,
        """
        def create_app():
            db.init_app(app)
            return app
        """,
    ),
    "with its comments": (
        """
        db.init_app(app)
        # Create the tables
        # if they are not there
        db.create_all()  # noqa
        app.run()
        """,
        """
        db.init_app(app)
        app.run()
        """,
    ),
    "below a comment that names it": (
        """
        # database creation
        try:
            db.create_all()
        except:
            pass
        """,
        "",
    ),
    "with what its condition asks by": (
        """
        def create_app():
            db.init_app(app)

            # Safe table creation check to prevent race conditions with multiple workers
            with app.app_context():
                inspector = inspect(db.engine)
                tables = inspector.get_table_names()
                if not "todo" in tables:
                    db.create_all()
                    print("Database created")
                else:
                    print("Database is there already")

            return app
        """,
        """
        def create_app():
            db.init_app(app)

            return app
        """,
    ),
    "with what its condition asks by, of the module": (
        """
        with app.app_context():
            inspector = db.inspect(db.engine)
            if not inspector.has_table("todo"):
                db.create_all()
            load_settings()
        """,
        """
        with app.app_context():
            load_settings()
        """,
    ),
    "without what is asked by for more": (
        """
        with app.app_context():
            inspector = db.inspect(db.engine)
            if not inspector.has_table("todo"):
                db.create_all()
            print(inspector.default_schema_name)
        """,
        """
        with app.app_context():
            inspector = db.inspect(db.engine)
            print(inspector.default_schema_name)
        """,
    ),
    "without what may do more than look": (
        """
        def create_app():
            tables = prepare(db.engine)
            if not tables:
                db.create_all()
            return app
        """,
        """
        def create_app():
            tables = prepare(db.engine)
            return app
        """,
    ),
    "with a commit in the same context": (
        """
        with app.app_context():
            from shop import routes

            db.create_all()
            db.session.commit()
        """,
        """
        with app.app_context():
            from shop import routes
        """,
    ),
    "with a commit and nothing else in the context": (
        """
        app = create_app()
        with app.app_context():
            db.create_all()
            db.session.commit()
        app.run()
        """,
        """
        app = create_app()
        app.run()
        """,
    ),
    "before a commit in a module that adds nothing": (
        """
        from shop import routes

        db.create_all()
        db.session.commit()
        """,
        """
        from shop import routes
        """,
    ),
    "before a commit in a module that uses the session": (
        """
        db.session.add(admin)
        db.create_all()
        db.session.commit()
        """,
        """
        db.session.add(admin)
        db.session.commit()
        """,
    ),
    "before a commit in a function": (
        """
        def seed(app):
            db.create_all()
            db.session.commit()
        """,
        """
        def seed(app):
            db.session.commit()
        """,
    ),
    "before a commit of what was added in the same context": (
        """
        with app.app_context():
            seed()
            db.create_all()
            db.session.commit()
        """,
        """
        with app.app_context():
            seed()
            db.session.commit()
        """,
    ),
    "before the commit of another object": (
        """
        with app.app_context():
            db.create_all()
            store.session.commit()
        """,
        """
        with app.app_context():
            store.session.commit()
        """,
    ),
    "below a comment on something else": (
        """
        # start here
        db.create_all()
        app.run()
        """,
        """
        # start here
        app.run()
        """,
    ),
    "between empty lines": (
        """
        def create_app():
            db.init_app(app)

            db.create_all()

            return app
        """,
        """
        def create_app():
            db.init_app(app)

            return app
        """,
    ),
    "first of a block": (
        """
        def create_app():
            db.create_all()

            return app
        """,
        """
        def create_app():
            return app
        """,
    ),
    "last of a function": (
        """
        def create_app():
            db.init_app(app)

            db.create_all()


        def main():
            pass
        """,
        """
        def create_app():
            db.init_app(app)


        def main():
            pass
        """,
    ),
    "end of the file": (
        """
        db.init_app(app)


        db.create_all()

        """,
        """
        db.init_app(app)
        """,
    ),
    "call over several lines": (
        """
        db.create_all(
            bind=None,
        )
        app.run()
        """,
        """
        app.run()
        """,
    ),
    "context": (
        """
        app = make()

        with app.app_context():
            # make sure that all tables exist
            db.create_all()

        app.run()
        """,
        """
        app = make()

        app.run()
        """,
    ),
    "context behind a colon": (
        """
        with app.app_context(): db.create_all()
        app.run()
        """,
        """
        app.run()
        """,
    ),
    "context that does more": (
        """
        with app.app_context():
            from . import models
            db.create_all()
        """,
        """
        with app.app_context():
            from . import models
        """,
    ),
    "two calls in one context": (
        """
        with app.app_context():
            db.create_all()
            db.create_all(bind="users")
        app.run()
        """,
        """
        app.run()
        """,
    ),
    "condition that only looks": (
        """
        if not os.path.exists("shop.db"):
            with app.app_context():
                db.create_all()
        app.run()
        """,
        """
        app.run()
        """,
    ),
    "condition that acts": (
        """
        if ask("create?"):
            db.create_all()
        """,
        """
        if ask("create?"):
            pass
        """,
    ),
    "condition with another branch": (
        """
        if debug:
            db.create_all()
        else:
            app.run()
        """,
        """
        if debug:
            pass
        else:
            app.run()
        """,
    ),
    "other branch": (
        """
        if debug:
            app.run()
        else:
            db.create_all()  # tables
        """,
        """
        if debug:
            app.run()
        else:
            pass  # tables
        """,
    ),
    "elif": (
        """
        if debug:
            app.run()
        elif not os.path.exists("shop.db"):
            db.create_all()
        """,
        """
        if debug:
            app.run()
        """,
    ),
    "try": (
        """
        try:
            db.create_all()
        except Exception as error:
            print(error)
        app.run()
        """,
        """
        app.run()
        """,
    ),
    "try with more": (
        """
        try:
            db.create_all()
            seed()
        except Exception as error:
            print(error)
        """,
        """
        try:
            seed()
        except Exception as error:
            print(error)
        """,
    ),
    "loop that waits for the server": (
        """
        with app.app_context():
            for _ in range(5):
                try:
                    db.create_all()
                    break
                except OperationalError as err:
                    # db may not be running yet
                    if err.orig.args[0] == CONNECTION_ERROR:
                        sleep(3)
                    else:
                        raise
            db.session.commit()
        app.run()
        """,
        """
        app.run()
        """,
    ),
    "loop that counts": (
        """
        retries = 5
        while retries > 0:
            try:
                with app.app_context():
                    db.create_all()
                print("Database initialized")
                break
            except OperationalError:
                retries -= 1
                time.sleep(2)
        else:
            raise RuntimeError("no database")
        app.run()
        """,
        """
        app.run()
        """,
    ),
    "loop that waits for ever": (
        """
        while True:
            try:
                db.create_all()
            except OperationalError:
                time.sleep(2)
            else:
                break
        app.run()
        """,
        """
        app.run()
        """,
    ),
    "loop that does more": (
        """
        for _ in range(5):
            try:
                db.create_all()
                seed()
                break
            except OperationalError:
                time.sleep(2)
        """,
        """
        for _ in range(5):
            try:
                seed()
                break
            except OperationalError:
                time.sleep(2)
        """,
    ),
    "try that ends with something": (
        """
        try:
            db.create_all()
        finally:
            db.session.close()
        """,
        """
        try:
            pass
        finally:
            db.session.close()
        """,
    ),
    "handler": (
        """
        @app.route("/")
        def index():
            return ""


        # Create tables before the first request
        @app.before_first_request
        def create_tables():
            '''Create the tables.'''
            db.create_all()


        @app.route("/more")
        def more():
            return ""
        """,
        """
        @app.route("/")
        def index():
            return ""


        @app.route("/more")
        def more():
            return ""
        """,
    ),
    "handler that is called elsewhere": (
        """
        @app.before_first_request
        def create_tables():
            db.create_all()
        create_tables()
        """,
        """
        @app.before_first_request
        def create_tables():
            pass
        create_tables()
        """,
    ),
    "handler that is also a command": (
        """
        @app.cli.command()
        @app.before_first_request
        def create_tables():
            db.create_all()
        """,
        """
        @app.cli.command()
        @app.before_first_request
        def create_tables():
            pass
        """,
    ),
    "handler that does more": (
        """
        @app.before_first_request
        def create_tables():
            db.create_all()
            seed()
        """,
        """
        @app.before_first_request
        def create_tables():
            seed()
        """,
    ),
    "registered": (
        """
        app.before_first_request(db.create_all)
        app.before_first_request(warm_up)
        """,
        """
        app.before_first_request(warm_up)
        """,
    ),
    "plain function": (
        """
        def init_db():
            with app.app_context():
                db.create_all()
        init_db()
        """,
        """
        def init_db():
            pass
        init_db()
        """,
    ),
    "function with a docstring": (
        """
        def init_db():
            '''Make the tables.'''
            db.create_all()
        init_db()
        """,
        """
        def init_db():
            '''Make the tables.'''
        init_db()
        """,
    ),
    "first of two statements on one line": (
        """
        db.create_all(); app.run()  # go
        """,
        """
        app.run()  # go
        """,
    ),
    "last of two statements on one line": (
        """
        def f():
        \tdb.init_app(app); db.create_all()  # go
        """,
        """
        def f():
        \tdb.init_app(app)  # go
        """,
    ),
    "between two statements on one line": (
        """
        if 1: db.init_app(app); db.create_all(); app.run()
        """,
        """
        if 1: db.init_app(app); app.run()
        """,
    ),
    "alone behind a colon": (
        """
        def f(): db.create_all()
        """,
        """
        def f(): pass
        """,
    ),
    "metadata": (
        """
        db.metadata.create_all(bind=db.engine)
        app.run()
        """,
        """
        app.run()
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), REMOVED.values(), ids=REMOVED)
def test_removed(before: str, after: str):
    """The call goes with its line, a comment that spoke of it, and a block that held nothing else."""
    check_edit(remove, before, after)


ANNOUNCED = {
    "behind a condition": (
        """
        def f():
            if not path.exists("website/" + DB_NAME):
                db.create_all(app=app)
                print("Created Database!")
            return app
        """,
        """
        def f():
            return app
        """,
    ),
    "beside the context": (
        """
        def f():
            app.logger.info("Creating tables ...")
            with app.app_context():
                db.create_all()
            app.logger.info(f"Tables of {NAME} created")
            return app
        """,
        """
        def f():
            return app
        """,
    ),
    "about something else": (
        """
        def f():
            with app.app_context():
                db.create_all()
                print("Welcome")
            return app
        """,
        """
        def f():
            with app.app_context():
                print("Welcome")
            return app
        """,
    ),
    "that does something": (
        """
        def f():
            db.create_all()
            print("Database created", seed())
            return app
        """,
        """
        def f():
            print("Database created", seed())
            return app
        """,
    ),
    "that something else stands before": (
        """
        def f():
            db.create_all()
            seed()
            print("Database created")
        """,
        """
        def f():
            seed()
            print("Database created")
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), ANNOUNCED.values(), ids=ANNOUNCED)
def test_message(before: str, after: str):
    """A message that says that the tables were made goes with the call next to it, since it would not be true any more."""
    check_edit(remove, before, after)


HELPERS = {
    "called in the factory": (
        """
        def create_app():
            app = Flask(__name__)
            db.init_app(app)

            # make the tables
            create_database(app)

            return app


        def create_database(app):
            '''Make the file.'''
            if not path.exists("website/" + DB_NAME):
                with app.app_context():
                    db.create_all()
                print("Created Database!")
        """,
        """
        def create_app():
            app = Flask(__name__)
            db.init_app(app)

            return app
        """,
    ),
    "called in the module, in a context": (
        """
        def setup():
            db.create_all()

        with app.app_context():
            setup()
        app.run()
        """,
        """
        app.run()
        """,
    ),
    "called right below it, at the end of the file": (
        """
        x = 1


        def setup():
            db.create_all()


        setup()
        """,
        """
        x = 1
        """,
    ),
    "called twice": (
        """
        import x

        def setup(where, quiet=False):
            db.create_all()

        def create_app():
            setup(app.config, quiet=True)
            return app

        def create_other():
            if x:
                setup(None)
            return other
        """,
        """
        import x

        def create_app():
            return app

        def create_other():
            return other
        """,
    ),
    "two calls in it": (
        """
        def setup():
            db.create_all()
            db.create_all()
        def create_app():
            setup()
            return app
        """,
        """
        def create_app():
            return app
        """,
    ),
}


def remove_with_helpers(source: Source) -> Sequence[Edit | Untouched]:
    """Take every call of the file out; no other file speaks of any function of this one."""
    return [create_all.remove(source, call, lambda name: False) for call in create_all_in(source)]


@pytest.mark.parametrize(("before", "after"), HELPERS.values(), ids=HELPERS)
def test_helper(before: str, after: str):
    """A function that did nothing else goes, with the statements that call it."""
    check_edit(remove_with_helpers, before, after)


def remove_where_others_import_it(source: Source) -> Sequence[Edit | Untouched]:
    """Take every call of the file out; other files import what this one does."""
    return [create_all.remove(source, call, lambda name: False, lambda module, level: False) for call in create_all_in(source)]


IMPORTS_INSIDE = {
    "handler": (
        """
        @app.before_first_request
        def create_tables():
            from shop.extensions import db

            db.create_all()


        app.run()
        """,
        """
        app.run()
        """,
    ),
    "context": (
        """
        @app.before_first_request
        def create_tables():
            with app.app_context():
                from shop.extensions import db
                db.create_all()
        app.run()
        """,
        """
        app.run()
        """,
    ),
    "function that stays": (
        """
        def create_app():
            from shop.extensions import db
            db.create_all()
            return app
        """,
        """
        def create_app():
            return app
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), IMPORTS_INSIDE.values(), ids=IMPORTS_INSIDE)
def test_import_inside_of_a_function(before: str, after: str):
    """What a function imports for the call alone goes with it, where other files import the module too."""
    check_edit(remove_where_others_import_it, before, after)


IMPORTS_THAT_STAY = {
    "used elsewhere in the function": "def f():\n    from x import db\n    db.create_all()\n    return db\n",
    "not for the call": "def f():\n    from x import db, User\n    db.create_all()\n    return 1\n",
    "of the module": "from x import db\ndb.create_all()\nrun()\n",
}


@pytest.mark.parametrize("before", IMPORTS_THAT_STAY.values(), ids=IMPORTS_THAT_STAY)
def test_import_that_stays(before: str):
    """Only the call goes."""
    check_edit(remove_where_others_import_it, before, before.replace("    db.create_all()\n", "").replace("db.create_all()\n", ""))


USED_HELPERS = {
    "spoken of in a comment": "# see setup\ndef setup():\n    {}\ndef f():\n    setup()\n    return app\n",
    "handed on": "def setup():\n    {}\ndef f():\n    setup()\n    later(setup)\n",
    "called with what does something": "def setup(app):\n    {}\ndef f():\n    setup(Flask(__name__))\n    return app\n",
    "its value used": "def setup():\n    {}\ndef f():\n    x = setup()\n    return app\n",
    "called by nothing": "def setup():\n    {}\n",
    "all that a function does": "def setup():\n    {}\ndef f():\n    setup()\n",
    "decorated": "@timed\ndef setup():\n    {}\ndef f():\n    setup()\n    return app\n",
    "a method": "class A:\n    def setup(self):\n        {}\ndef f():\n    A().setup()\n    return app\n",
}


@pytest.mark.parametrize("file", USED_HELPERS.values(), ids=USED_HELPERS)
def test_helper_that_stays(file: str):
    """A function that anything but plain statements of its module may use stays, with nothing in it."""
    check_edit(remove_with_helpers, file.format("db.create_all()"), file.format("pass"))


def test_helper_that_another_file_speaks_of():
    """What another file may import stays."""
    before = "def setup():\n    db.create_all()\nsetup()\n"

    check_edit(remove, before, before.replace("db.create_all()", "pass"))


KEPT = {
    "statement": (
        """
        with app.app_context():
            db.create_all()  # tables
        """,
        """
        with app.app_context():
            if not db.inspect(db.engine).get_table_names():
                db.create_all()  # tables
        """,
    ),
    "module": (
        """
        # tables
        extensions.db.create_all()
        app.run()
        """,
        """
        # tables
        if not extensions.db.inspect(extensions.db.engine).get_table_names():
            extensions.db.create_all()
        app.run()
        """,
    ),
    "application as an argument, tabs, several lines": (
        """
        def create_app():
        \tdb.create_all(
        \t\tapp=app,

        \t)
        \treturn app
        """,
        """
        def create_app():
        \tif not db.inspect(db.get_engine(app)).get_table_names():
        \t\tdb.create_all(
        \t\t\tapp=app,

        \t\t)
        \treturn app
        """,
    ),
    "every bind": (
        """
        db.create_all("__all__")
        """,
        """
        if not db.inspect(db.engine).get_table_names():
            db.create_all("__all__")
        """,
    ),
    "last of two statements on one line": (
        """
        if 1:
            db.init_app(app); db.create_all()
        """,
        """
        if 1:
            db.init_app(app)
            if not db.inspect(db.engine).get_table_names():
                db.create_all()
        """,
    ),
    "first of two statements on one line": (
        """
        db.create_all(); app.run()
        """,
        """
        if not db.inspect(db.engine).get_table_names():
            db.create_all()
        app.run()
        """,
    ),
    "behind a colon": (
        """
        with app.app_context(): db.create_all()
        """,
        """
        with app.app_context():
            if not db.inspect(db.engine).get_table_names():
                db.create_all()
        """,
    ),
    "registered": (
        """
        app.before_first_request(db.create_all)
        """,
        """
        app.before_first_request(lambda: db.inspect(db.engine).get_table_names() or db.create_all())
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), KEPT.values(), ids=KEPT)
def test_kept_for_an_empty_database(before: str, after: str):
    """The call runs only where the database has no table."""
    check_edit(keep_for_empty, before, after)


BYTES = {
    "CRLF": (b"x = 1\r\n\r\ndb.create_all()\r\n\r\ny = 2\r\n", b"x = 1\r\n\r\ny = 2\r\n"),
    "encoding mark": (b"\xef\xbb\xbfdb.create_all()\nx = 1\n", b"\xef\xbb\xbfx = 1\n"),
    "no final newline": (b"x = 1\n\ndb.create_all()", b"x = 1\n"),
    "nothing else in the file": (b"db.create_all()\n", b""),
    "non-ASCII before the site": ('x = "Größe"; db.create_all(); y = "é"\n'.encode(), 'x = "Größe"; y = "é"\n'.encode()),
    "string over lines before the site": (b'x = """\n\n"""\ndb.create_all()\n\n\ny = 1\n', b'x = """\n\n"""\n\n\ny = 1\n'),
}


@pytest.mark.parametrize(("before", "after"), BYTES.values(), ids=BYTES)
def test_the_file_stays_as_it_is_written(before: bytes, after: bytes):
    """Line ends, encoding mark, indent and the end of the file stay."""
    check_edit(remove, before, after)


def test_kept_with_the_line_ends_of_the_file():
    """A line that is added ends as the others do."""
    check_edit(
        keep_for_empty,
        b"if x:\r\n\tdb.create_all()",
        b"if x:\r\n\tif not db.inspect(db.engine).get_table_names():\r\n\t\tdb.create_all()",
    )


CANNOT = {
    "assigned": "x = db.create_all()\n",
    "returned": "def f():\n    return db.create_all()\n",
    "lambda": "setup(lambda: db.create_all())\n",
    "condition": "debug and db.create_all()\n",
}


@pytest.mark.parametrize("edit", [remove, keep_for_empty], ids=["remove", "keep"])
@pytest.mark.parametrize("before", CANNOT.values(), ids=CANNOT)
def test_no_statement_of_its_own(before: str, edit):
    """A call whose value is used is left alone."""
    check_untouched(edit, before, Reason.CANNOT_BE_EDITED_SAFELY)


CANNOT_BE_ASKED = {
    "one bind": "db.create_all(bind='users')\n",
    "metadata": "Base.metadata.create_all(engine)\n",
    "database from a function": "get_db().create_all()\n",
    "more than it behind a colon": "if x: db.create_all(); y()\n",
}


@pytest.mark.parametrize("before", CANNOT_BE_ASKED.values(), ids=CANNOT_BE_ASKED)
def test_cannot_be_kept_for_an_empty_database(before: str):
    """Where the database cannot be asked in one line, nothing is changed."""
    check_untouched(keep_for_empty, before, Reason.CANNOT_BE_EDITED_SAFELY)


@pytest.mark.parametrize(
    "before",
    [
        "if not db.inspect(db.engine).get_table_names():\n    db.create_all()\n",
        "if not inspector.get_table_names():\n    with app.app_context():\n        db.create_all()\n",
    ],
)
def test_kept_already(before: str):
    """A call that asks for the tables first stays as it is."""
    check_untouched(keep_for_empty, before, Reason.ALREADY_THERE)


@pytest.mark.parametrize("edit", [create_all.remove, create_all.keep_for_empty], ids=["remove", "keep"])
@pytest.mark.parametrize("before", ["db.create_all()\n)", "# coding: latin-1\ndb.create_all()\n"])
def test_cannot_be_parsed(before: str, edit):
    """A file in another encoding or with a syntax error is left alone."""
    call = create_all_in(Source("shop.py", b"db.create_all()\n"))[0]
    check_untouched(lambda source: edit(source, call), before, Reason.CANNOT_BE_EDITED_SAFELY)


def keep_with_binds(source: Source):
    """What `create_all.keep_for_empty` does to the one call where there are several databases."""
    return create_all.keep_for_empty(source, create_all_in(source)[0], create_all.ask_all)


def test_kept_where_there_are_binds():
    """Models may all live in a bind, so every database is asked: the default one may stay without a table for ever."""
    check_edit(
        keep_with_binds,
        """
        with app.app_context():
            db.create_all()
        """,
        """
        with app.app_context():
            if not any(db.inspect(engine).get_table_names() for engine in db.engines.values()):
                db.create_all()
        """,
    )


IN_SCHEMAS = {
    "one schema": (
        partial(create_all.ask_default, schemas=["shop"]),
        'if not any(db.inspect(db.engine).get_table_names(schema) for schema in (None, "shop")):',
    ),
    "a schema that is not written out": (
        partial(create_all.ask_default, schemas=["", "shop"]),
        "if not any(db.inspect(db.engine).get_table_names(schema)"
        " for schema in {None, *(table.schema for table in db.metadata.tables.values())}):",
    ),
    "binds": (
        partial(create_all.ask_all, schemas=["shop"]),
        'if not any(db.inspect(engine).get_table_names(schema) for engine in db.engines.values() for schema in (None, "shop")):',
    ),
}


@pytest.mark.parametrize(("ask", "condition"), IN_SCHEMAS.values(), ids=IN_SCHEMAS)
def test_kept_where_models_are_in_schemas(ask: create_all.Ask, condition: str):
    """The default schema has none of their tables, however full the database is."""

    def keep(source: Source):
        return create_all.keep_for_empty(source, create_all_in(source)[0], ask)

    check_edit(keep, "db.create_all()\n", f"{condition}\n    db.create_all()\n")


def test_binds_of_flask_sqlalchemy_2_cannot_be_asked():
    """It has no `db.engines`, so the call is left alone, and the report says so."""

    def keep(source: Source):
        return create_all.keep_for_empty(source, create_all_in(source)[0], create_all.cannot_ask)

    check_untouched(keep, "db.create_all()\n", Reason.CANNOT_BE_EDITED_SAFELY)


def test_untrue_comment_above_a_context_that_stays():
    """A comment that speaks of the tables alone goes, though the block holds something else."""
    check_edit(
        remove,
        """
        def create_app():
            # Create the database tables
            with app.app_context():
                from shop import models

                db.create_all()
                print("Database created!")

            return app
        """,
        """
        def create_app():
            with app.app_context():
                from shop import models

            return app
        """,
    )


@pytest.mark.parametrize("comment", ["# Import the models and create the tables", "# the context of the application"])
def test_comment_that_is_still_true(comment):
    """A comment that speaks of something else, too, stays."""
    check_edit(
        remove,
        f"""
        def create_app():
            {comment}
            with app.app_context():
                from shop import models
                db.create_all()
            return app
        """,
        f"""
        def create_app():
            {comment}
            with app.app_context():
                from shop import models
            return app
        """,
    )


def test_helper_that_only_says_that_it_is_done():
    """Messages of the end go with the last thing that a helper did."""
    check_edit(
        remove_with_helpers,
        """
        app = create_app()


        def init_db():
            with app.app_context():
                print("Initialising the database...")
                db.create_all()
                print("Done.")


        init_db()

        app.run()
        """,
        """
        app = create_app()


        app.run()
        """,
    )


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            "for one in plugins():\n    try:\n        db.create_all()\n        break\n    except E:\n        pass\n", id="a loop"
        ),
        pytest.param("try:\n    db.create_all()\n    is_ready = True\nexcept E:\n    is_ready = False\n", id="a flag"),
        pytest.param(
            "def f():\n    try:\n        db.create_all()\n        return True\n    except E:\n        return False\n", id="a value"
        ),
    ],
)
def test_nothing_else_is_tried(code: str):
    """Without the call the `try` would have nothing that can fail: the call stays for a database without any table."""
    source = Source("shop.py", code.encode())

    assert create_all.is_all_that_is_tried(source, create_all_in(source)[0])


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            "for _ in range(5):\n    try:\n        db.create_all()\n        break\n    except E:\n        pass\n",
            id="a loop that goes",
        ),
        pytest.param("try:\n    db.create_all()\nexcept E:\n    print('no database')\n", id="a try that goes"),
        pytest.param("try:\n    db.create_all()\n    seed()\nexcept E:\n    pass\n", id="something else"),
        pytest.param("try:\n    import x\nexcept E:\n    db.create_all()\n", id="in the handler"),
    ],
)
def test_something_is_tried_or_all_goes(code: str):
    """The call can be taken out."""
    source = Source("shop.py", code.encode())

    assert not create_all.is_all_that_is_tried(source, create_all_in(source)[0])
