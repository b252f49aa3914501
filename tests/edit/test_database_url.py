"""The configuration follows an environment variable, and is what it was where that is not set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import pytest

from hooks.base.source import Source
from hooks.edit.core.changed_files import changed_files
from hooks.edit.core.splice import Edit, Reason, Untouched
from hooks.edit.python import database_url
from tests.edit.tools import (
    attachments_in,
    check_edit,
    check_untouched,
    database_in,
    edits,
    inheriting_in,
    text,
    uri_sites_in,
)


def follow(source: Source) -> Sequence[Edit | Untouched]:
    """Let every value of the file follow DATABASE_URL."""
    return [database_url.follow(source, site, "DATABASE_URL", limit=132) for site in uri_sites_in(source)]


def follow_at_attachment(source: Source) -> Sequence[Edit | Untouched]:
    """Read DATABASE_URL where the file attaches its database."""
    places = attachments_in(source, database_in(source))
    return database_url.follow_at_attachments({source.path: source}, places, "DATABASE_URL")


FORMS = {
    "item": (
        """
        import os
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"  # local
        """,
        """
        import os
        app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite:///shop.db")  # local
        """,
    ),
    "keyword": (
        """
        import os
        app.config.update(SQLALCHEMY_DATABASE_URI='sqlite://', DEBUG=True)
        """,
        """
        import os
        app.config.update(SQLALCHEMY_DATABASE_URI=os.environ.get('DATABASE_URL', 'sqlite://'), DEBUG=True)
        """,
    ),
    "dict": (
        """
        import os
        settings = {
            "DEBUG": True,
            "SQLALCHEMY_DATABASE_URI": uri,
        }
        """,
        """
        import os
        settings = {
            "DEBUG": True,
            "SQLALCHEMY_DATABASE_URI": os.environ.get("DATABASE_URL") or uri,
        }
        """,
    ),
    "class attribute": (
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI: str = "sqlite:///shop.db"
        """,
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI: str = os.environ.get("DATABASE_URL", "sqlite:///shop.db")
        """,
    ),
    "module global": (
        """
        import os
        DEBUG = True
        SQLALCHEMY_DATABASE_URI = 'postgresql://shop@localhost/shop'
        """,
        """
        import os
        DEBUG = True
        SQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL', 'postgresql://shop@localhost/shop')
        """,
    ),
    "setdefault": (
        """
        import os
        app.config.setdefault("SQLALCHEMY_DATABASE_URI", "sqlite://")
        """,
        """
        import os
        app.config.setdefault("SQLALCHEMY_DATABASE_URI", os.environ.get("DATABASE_URL", "sqlite://"))
        """,
    ),
    "two statements on one line": (
        """
        import os
        DEBUG = True; SQLALCHEMY_DATABASE_URI = "sqlite://"; TESTING = False
        """,
        """
        import os
        DEBUG = True; SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL", "sqlite://"); TESTING = False
        """,
    ),
    "several values": (
        """
        import os
        class A:
            SQLALCHEMY_DATABASE_URI = "sqlite:///a.db"
        class B:
            SQLALCHEMY_DATABASE_URI = base + "b.db"
        """,
        """
        import os
        class A:
            SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL", "sqlite:///a.db")
        class B:
            SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or base + "b.db"
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), FORMS.values(), ids=FORMS)
def test_form(before: str, after: str):
    """Every way in which Flask's config takes a value."""
    check_edit(follow, before, after)


CONDITIONS = {
    "named in the condition": (
        """
        import os
        if uri := os.getenv("DB_URI"):
            app.config["SQLALCHEMY_DATABASE_URI"] = uri
        """,
        """
        import os
        if uri := os.getenv("DATABASE_URL") or os.getenv("DB_URI"):
            app.config["SQLALCHEMY_DATABASE_URI"] = uri
        """,
    ),
    "named before": (
        """
        import os
        def create_app():
            uri = os.environ.get("DB_URI")
            if uri is not None and uri.strip():
                app.config.update(SQLALCHEMY_DATABASE_URI=uri)
        """,
        """
        import os
        def create_app():
            uri = os.environ.get("DATABASE_URL") or os.environ.get("DB_URI")
            if uri is not None and uri.strip():
                app.config.update(SQLALCHEMY_DATABASE_URI=uri)
        """,
    ),
    "changed in between": (
        """
        import os
        def load():
            if uri := os.environ.get("DB_URI"):
                if uri.startswith("postgresql:"):
                    uri = uri.replace("postgresql:", "postgresql+psycopg:", 1)
                return {"SQLALCHEMY_DATABASE_URI": uri}
        """,
        """
        import os
        def load():
            if uri := os.environ.get("DATABASE_URL") or os.environ.get("DB_URI"):
                if uri.startswith("postgresql:"):
                    uri = uri.replace("postgresql:", "postgresql+psycopg:", 1)
                return {"SQLALCHEMY_DATABASE_URI": uri}
        """,
    ),
    "environment of the caller": (
        """
        def load(env):
            if uri := env.get("DB_URI"):
                config["SQLALCHEMY_DATABASE_URI"] = uri
        """,
        """
        def load(env):
            if uri := env.get("DATABASE_URL") or env.get("DB_URI"):
                config["SQLALCHEMY_DATABASE_URI"] = uri
        """,
    ),
    "condition about something else": (
        """
        import os
        uri = os.environ.get("DB_URI")
        if debug:
            app.config["SQLALCHEMY_DATABASE_URI"] = uri
        """,
        """
        import os
        uri = os.environ.get("DB_URI")
        if debug:
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL") or uri
        """,
    ),
    "two values": (
        """
        import os
        uri = os.environ.get("DB_URI")
        if heroku:
            uri = os.environ.get("HEROKU_URI")
        if uri:
            app.config["SQLALCHEMY_DATABASE_URI"] = uri
        """,
        """
        import os
        uri = os.environ.get("DB_URI")
        if heroku:
            uri = os.environ.get("HEROKU_URI")
        if uri:
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL") or uri
        """,
    ),
    "two branches": (
        """
        import os
        uri = os.environ.get("DB_URI")
        if uri:
            app.config["SQLALCHEMY_DATABASE_URI"] = uri
        else:
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        """,
        """
        import os
        uri = os.environ.get("DB_URI")
        if uri:
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL") or uri
        else:
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite://")
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), CONDITIONS.values(), ids=CONDITIONS)
def test_value_that_is_set_under_a_condition(before: str, after: str):
    """Where nothing is set without another variable, ours comes before the question for it."""
    check_edit(follow, before, after)


def test_environment_that_no_parameter_holds():
    """A mapping of the caller's that is not the environment stays the caller's."""
    check_untouched(
        follow,
        """
        def load(options):
            if uri := options.get("DB_URI"):
                config["SQLALCHEMY_DATABASE_URI"] = uri
        """,
        Reason.CALLER_DECIDES,
    )


GET = 'os.environ.get("DATABASE_URL"'
VALUES = {
    "sum": ('"sqlite:///" + os.path.join(base, "x.db")', f'{GET}) or "sqlite:///" + os.path.join(base, "x.db")'),
    "f-string": ('f"sqlite:///{base}/x.db"', f'{GET}) or f"sqlite:///{{base}}/x.db"'),
    "format": ('"mysql://%s" % host', f'{GET}) or "mysql://%s" % host'),
    "another variable": ('os.environ["DB_URI"]', f'{GET}) or os.environ["DB_URI"]'),
    "or": ('os.getenv("DB_URI") or "sqlite://"', 'os.getenv("DATABASE_URL") or os.getenv("DB_URI") or "sqlite://"'),
    "and": ('debug and "sqlite://"', f'{GET}) or debug and "sqlite://"'),
    "conditional": ('"a://" if debug else "b://"', f'{GET}) or ("a://" if debug else "b://")'),
    "conditional in brackets": ('("a://" if debug else "b://")', f'({GET}) or ("a://" if debug else "b://"))'),
    "lambda": ('lambda: "a://"', f'{GET}) or (lambda: "a://")'),
    "None": ("None", f"{GET}, None)"),
    "raw string": ('r"sqlite:///C:\\x.db"', f'{GET}, r"sqlite:///C:\\x.db")'),
    "joined in brackets": ('("sqlite:///"\n    "x.db")', f'({GET}, "sqlite:///"\n    "x.db"))'),
    "joined by a backslash": ('"sqlite:///" \\\n    "x.db"', f'{GET}, "sqlite:///" \\\n    "x.db")'),
    "sum in brackets": (
        '(\n    "sqlite:///" + base  # here\n    + "/x.db"\n)',
        f'(\n    {GET}) or "sqlite:///" + base  # here\n    + "/x.db"\n)',
    ),
    "call over lines": ('make(\n    "x.db",\n)', f'{GET}) or make(\n    "x.db",\n)'),
    "other quotes inside": (
        """f'mysql://{os.environ["HOST"]}/shop'""",
        f"""{GET}) or f'mysql://{{os.environ["HOST"]}}/shop'""",
    ),
    "other quotes inside, the usual ones outside": (
        """f"sqlite:///{data / 'x.db'}\"""",
        f"""{GET}) or f"sqlite:///{{data / 'x.db'}}\"""",
    ),
    "triple quotes": ('"""sqlite://"""', f'{GET}, """sqlite://""")'),
    "non-ASCII": ('"sqlite:///größe.db"', f'{GET}, "sqlite:///größe.db")'),
}


@pytest.mark.parametrize(("before", "after"), VALUES.values(), ids=VALUES)
def test_value(before: str, after: str):
    """The value stays as it is written; what computes it runs only where the variable is not set."""
    check_edit(
        follow,
        f'import os\nx = "é"; SQLALCHEMY_DATABASE_URI = {before}\n',
        f'import os\nx = "é"; SQLALCHEMY_DATABASE_URI = {after}\n',
    )


@pytest.mark.parametrize("value", ['"sqlite:///shop.db"', '"a://" if base else "b://"', '"sqlite:///" + base', "lambda: 1"])
def test_what_the_value_is(value: str, monkeypatch: pytest.MonkeyPatch):
    """Run, the new code gives the variable where it is set, and otherwise what the old code gave."""
    code = f'base = "x"\nSQLALCHEMY_DATABASE_URI = {value}\n'
    source = Source("config.py", code.encode())
    edited = changed_files({"config.py": source}, edits(follow(source)))["config.py"]

    def run(text: bytes) -> object:
        scope: dict[str, object] = {}
        exec(text, scope)
        found = scope["SQLALCHEMY_DATABASE_URI"]
        return found() if callable(found) else found

    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert run(edited) == run(code.encode())
    monkeypatch.setenv("DATABASE_URL", "sqlite:///other.db")
    assert run(edited) == os.environ["DATABASE_URL"]


IMPORTS = {
    "os": ("import os\n", "os.environ.get", ""),
    "os beside others": ("import os, sys\n", "os.environ.get", ""),
    "os.path": ("import os.path\n", "os.environ.get", ""),
    "os under another name": ("import os as system\n", "system.environ.get", ""),
    "environ": ("from os import environ, path\n", "environ.get", ""),
    "environ under another name": ("from os import environ as env\n", "env.get", ""),
    "getenv": ("from os import getenv\n", "getenv", ""),
    "none": ("", "os.environ.get", "import os\n\n"),
    "wildcard": ("from settings import *\n", "os.environ.get", "import os\n\n"),
    "standard library": ("import sys\n", "os.environ.get", "import os\n"),
    "third party": ("from flask import Flask\n", "os.environ.get", "import os\n\n"),
    "name taken": ("os = 'linux'\n", "os_module.environ.get", "import os as os_module\n\n"),
}


@pytest.mark.parametrize(("imports", "function", "added"), IMPORTS.values(), ids=IMPORTS)
def test_reads_as_the_file_reads_the_environment(imports: str, function: str, added: str):
    """`os` is used as the file has it, and imported only where it has not."""
    check_edit(
        follow,
        f"{imports}SQLALCHEMY_DATABASE_URI = 'sqlite://'\n",
        f"{added}{imports}SQLALCHEMY_DATABASE_URI = {function}('DATABASE_URL', 'sqlite://')\n",
    )


BYTES = {
    "CRLF": (
        b"DEBUG = True\r\nSQLALCHEMY_DATABASE_URI = (\r\n    'a://' +\r\n    x)\r\n",
        b"import os\r\n\r\nDEBUG = True\r\nSQLALCHEMY_DATABASE_URI = (\r\n    os.environ.get('DATABASE_URL') or 'a://' +\r\n"
        b"    x)\r\n",
    ),
    "encoding mark, no final newline": (
        b"\xef\xbb\xbfSQLALCHEMY_DATABASE_URI = 'a://' if x else y",
        b"\xef\xbb\xbfimport os\n\nSQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL') or ('a://' if x else y)",
    ),
    "tabs": (
        b"import os\nclass C:\n\tSQLALCHEMY_DATABASE_URI\t=\t'a://'\n",
        b"import os\nclass C:\n\tSQLALCHEMY_DATABASE_URI\t=\tos.environ.get('DATABASE_URL', 'a://')\n",
    ),
    "docstring and future": (
        b"'''Settings.'''\nfrom __future__ import annotations\nSQLALCHEMY_DATABASE_URI = 'a://'\n",
        b"'''Settings.'''\nfrom __future__ import annotations\nimport os\n\n"
        b"SQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL', 'a://')\n",
    ),
    "licence above": (
        b"#!/usr/bin/env python\n# (c) Shop\n\n# tables\nSQLALCHEMY_DATABASE_URI = 'a://'\n",
        b"#!/usr/bin/env python\n# (c) Shop\n\nimport os\n\n# tables\n"
        b"SQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL', 'a://')\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), BYTES.values(), ids=BYTES)
def test_the_file_stays_as_it_is_written(before: bytes, after: bytes):
    """Line ends, encoding mark, indent and the end of the file stay."""
    check_edit(follow, before, after)


def test_settings_file_of_another_name():
    """A `.cfg` that `from_pyfile` runs is Python."""
    check_edit(
        follow,
        "# settings.cfg (c) Shop\nDEBUG = True\nSQLALCHEMY_DATABASE_URI = 'sqlite:///shop.db'\n",
        "# settings.cfg (c) Shop\nimport os\n\nDEBUG = True\n"
        "SQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL', 'sqlite:///shop.db')\n",
        path="settings.cfg",
    )


def test_os_is_a_local_name_of_the_function():
    """Where a function imports `os` after the value is set, a global `os` would not be seen."""
    check_edit(
        follow,
        """
        import os
        def create_app():
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
            import os
        """,
        """
        import os as os_module
        import os
        def create_app():
            app.config["SQLALCHEMY_DATABASE_URI"] = os_module.environ.get("DATABASE_URL", "sqlite://")
            import os
        """,
    )


def test_os_imported_in_the_function():
    """An `import os` inside the function, before the value, is enough."""
    check_edit(
        follow,
        """
        def create_app():
            import os
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        """,
        """
        def create_app():
            import os
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite://")
        """,
    )


def test_os_imported_below():
    """An `import os` further down does not serve a value above it."""
    check_edit(
        follow,
        """
        import json
        SQLALCHEMY_DATABASE_URI = "sqlite://"
        import os
        """,
        """
        import json
        import os
        SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL", "sqlite://")
        import os
        """,
    )


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"is_test": True}, Reason.CONFIGURES_TESTS),
        ({"variables": ("DB", "DATABASE_URL")}, Reason.ALREADY_FOLLOWS),
        ({"passes_on": True}, Reason.ALREADY_FOLLOWS),
    ],
    ids=["tests", "reads it indirectly", "hands another value on"],
)
def test_left_alone(facts: dict[str, object], reason: Reason):
    """Values of tests never follow; values that do already are not touched."""

    def follow_known(source: Source) -> Edit | Untouched:
        site = replace(uri_sites_in(source)[0], **facts)  # type: ignore[arg-type]
        return database_url.follow(source, site, "DATABASE_URL", limit=132)

    check_untouched(follow_known, "SQLALCHEMY_DATABASE_URI = uri\n", reason)


@pytest.mark.parametrize(
    "value", ['os.environ["DATABASE_URL"]', 'env("DATABASE_URL", "x")', 'os.getenv("A") or os.getenv("DATABASE_URL")']
)
def test_reads_the_variable_already(value: str):
    """A value that names the variable itself is not made to read it twice."""
    check_untouched(follow, f"SQLALCHEMY_DATABASE_URI = {value}\n", Reason.ALREADY_FOLLOWS)


@pytest.mark.parametrize("before", ["SQLALCHEMY_DATABASE_URI += '?x=1'\n"], ids=["added to"])
def test_cannot_be_edited(before: str):
    """A part of a value is no value."""
    check_untouched(follow, before, Reason.CANNOT_BE_EDITED_SAFELY)


@pytest.mark.parametrize("before", ["SQLALCHEMY_DATABASE_URI = 'a'\n)", "# coding: latin-1\nSQLALCHEMY_DATABASE_URI = 'a'\n"])
def test_cannot_be_parsed(before: str):
    """A file in another encoding or with a syntax error is left alone."""
    site = uri_sites_in(Source("shop.py", b"SQLALCHEMY_DATABASE_URI = 'a'\n"))[0]
    check_untouched(
        lambda source: database_url.follow(source, site, "DATABASE_URL", limit=132), before, Reason.CANNOT_BE_EDITED_SAFELY
    )


ATTACHMENTS = {
    "in a factory": (
        """
        import os
        db = SQLAlchemy()
        def create_app():
            app = Flask(__name__)
            app.config.from_file("config.json", load=json.load)

            # the database
            db.init_app(app)
            return app
        """,
        """
        import os
        db = SQLAlchemy()
        def create_app():
            app = Flask(__name__)
            app.config.from_file("config.json", load=json.load)

            if os.environ.get("DATABASE_URL") and not app.testing:
                app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]

            # the database
            db.init_app(app)
            return app
        """,
    ),
    "direct, single quotes, tabs, getenv": (
        """
        from os import getenv
        if True:
        \tdb = SQLAlchemy(shop.app, x='y')
        """,
        """
        from os import getenv
        if True:
        \tif getenv('DATABASE_URL') and not shop.app.testing:
        \t\tshop.app.config['SQLALCHEMY_DATABASE_URI'] = getenv('DATABASE_URL')
        \tdb = SQLAlchemy(shop.app, x='y')
        """,
    ),
    "two statements on one line": (
        """
        import os
        app = make(); db = SQLAlchemy(app)
        """,
        """
        import os
        app = make()
        if os.environ.get("DATABASE_URL") and not app.testing:
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
        db = SQLAlchemy(app)
        """,
    ),
    "attached twice": (
        """
        import os
        db = SQLAlchemy(app)
        app.config.from_pyfile("shop.cfg")
        db.init_app(app)
        """,
        """
        import os
        db = SQLAlchemy(app)
        app.config.from_pyfile("shop.cfg")
        if os.environ.get("DATABASE_URL") and not app.testing:
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
        db.init_app(app)
        """,
    ),
    "told in the log before": (
        """
        import os
        db = SQLAlchemy()
        def create_app():
            app = Flask("shop")
            app.config.from_prefixed_env()
            app.logger.info("on the way")
            app.logger.info("%s", app.config["SQLALCHEMY_DATABASE_URI"])
            ready = True
            db.init_app(app)
        """,
        """
        import os
        db = SQLAlchemy()
        def create_app():
            app = Flask("shop")
            app.config.from_prefixed_env()
            app.logger.info("on the way")
            if os.environ.get("DATABASE_URL") and not app.testing:
                app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
            app.logger.info("%s", app.config["SQLALCHEMY_DATABASE_URI"])
            ready = True
            db.init_app(app)
        """,
    ),
    "told before the configuration is complete": (
        """
        import os
        db = SQLAlchemy()
        app = Flask("shop")
        if not app.config.get("SQLALCHEMY_DATABASE_URI"):
            app.config["SQLALCHEMY_DATABASE_URI"] = make_url()
        print(app.config["SQLALCHEMY_DATABASE_URI"])
        configure(app)
        def url():
            return app.config["SQLALCHEMY_DATABASE_URI"]
        db.init_app(app)
        """,
        """
        import os
        db = SQLAlchemy()
        app = Flask("shop")
        if not app.config.get("SQLALCHEMY_DATABASE_URI"):
            app.config["SQLALCHEMY_DATABASE_URI"] = make_url()
        print(app.config["SQLALCHEMY_DATABASE_URI"])
        configure(app)
        def url():
            return app.config["SQLALCHEMY_DATABASE_URI"]
        if os.environ.get("DATABASE_URL") and not app.testing:
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
        db.init_app(app)
        """,
    ),
    "on self, nothing imported": (
        """
        from flask_sqlalchemy import SQLAlchemy
        class Shop(Flask):
          def attach(self):
            db = SQLAlchemy(self)
        """,
        """
        import os

        from flask_sqlalchemy import SQLAlchemy
        class Shop(Flask):
          def attach(self):
            if os.environ.get("DATABASE_URL") and not self.testing:
              self.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
            db = SQLAlchemy(self)
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), ATTACHMENTS.values(), ids=ATTACHMENTS)
def test_at_the_attachment(before: str, after: str):
    """Where no value can be edited, the variable is read right before the database is attached, tests left out."""
    check_edit(follow_at_attachment, before, after)


@pytest.mark.parametrize(
    "before",
    [
        "db = SQLAlchemy()\nif ready: db.init_app(app)\n",
        "db = SQLAlchemy(make())\n",
        "db = SQLAlchemy()\nf = lambda a: db.init_app(a)\n",
    ],
    ids=["behind a colon", "application made in the call", "lambda"],
)
def test_at_no_attachment(before: str):
    """A call that nothing can precede, or whose application cannot be named, is left alone."""
    check_untouched(follow_at_attachment, before, Reason.CANNOT_BE_EDITED_SAFELY)


def follow_postgres(source: Source) -> Sequence[Edit | Untouched]:
    """Let every value of the file follow DATABASE_URL, which may hold `postgres://`."""
    return [database_url.follow(source, site, "DATABASE_URL", "postgresql", limit=132) for site in uri_sites_in(source)]


OLD_SCHEME = {
    "constant": (
        """
        import os
        SQLALCHEMY_DATABASE_URI = 'postgresql:///x'
        """,
        """
        import os
        SQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL', 'postgresql:///x').replace('postgres://', 'postgresql://', 1)
        """,
    ),
    "computed": (
        """
        from os import getenv
        SQLALCHEMY_DATABASE_URI = "sqlite:///" + base
        """,
        """
        from os import getenv
        SQLALCHEMY_DATABASE_URI = getenv("DATABASE_URL", "").replace("postgres://", "postgresql://", 1) or "sqlite:///" + base
        """,
    ),
    "in brackets": (
        """
        import os
        SQLALCHEMY_DATABASE_URI = a if b else c
        """,
        """
        import os
        SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL", "").replace("postgres://", "postgresql://", 1) or (a if b else c)
        """,
    ),
    "no value so far": (
        """
        import os
        SQLALCHEMY_DATABASE_URI = None
        """,
        """
        import os
        SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL", "").replace("postgres://", "postgresql://", 1) or None
        """,
    ),
    "a default, which its function puts right": (
        """
        import os
        DATABASE = "postgresql:///shop"
        def setup_db(app, url=DATABASE):
            if url.startswith("postgres://"):
                url = url.replace("postgres://", "postgresql://", 1)
            app.config["SQLALCHEMY_DATABASE_URI"] = url
        """,
        None,
    ),
    "an argument, which its function puts right": (
        """
        import os
        def setup_db(app, url=None):
            app.config["SQLALCHEMY_DATABASE_URI"] = url or "postgresql:///shop"
            app.config["DSN"] = re.sub("^postgres:", "postgresql:", app.config["SQLALCHEMY_DATABASE_URI"])
        """,
        """
        import os
        def setup_db(app, url=None):
            app.config["SQLALCHEMY_DATABASE_URI"] = url or os.environ.get("DATABASE_URL", "postgresql:///shop")
            app.config["DSN"] = re.sub("^postgres:", "postgresql:", app.config["SQLALCHEMY_DATABASE_URI"])
        """,
    ),
    "another variable that is put right": (
        """
        import os
        uri = os.environ["SHOP_DB"].replace("postgres://", "postgresql://")
        SQLALCHEMY_DATABASE_URI = uri
        """,
        """
        import os
        uri = os.environ["SHOP_DB"].replace("postgres://", "postgresql://")
        SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL", "").replace("postgres://", "postgresql://", 1) or uri
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), OLD_SCHEME.values(), ids=OLD_SCHEME)
def test_old_scheme(before: str, after: str | None):
    """`postgres://` is put right where the variable is read, and only once: not where the code around it does so already."""
    if after is None:
        check_untouched(follow_postgres, before, Reason.CALLER_DECIDES)
    else:
        check_edit(follow_postgres, before, after)


@pytest.mark.parametrize(
    ("imported", "read"),
    [("import os", 'os.environ["DATABASE_URL"]'), ("from os import getenv", 'getenv("DATABASE_URL")')],
    ids=["environ", "getenv"],
)
def test_old_scheme_at_the_attachment(imported: str, read: str):
    """The same where the variable is read right before the database is attached, with the driver that the project has."""
    get = read.replace("[", ".get(").replace("]", ")")
    check_edit(
        lambda source: database_url.follow_at_attachments(
            {source.path: source}, attachments_in(source, database_in(source)), "DATABASE_URL", "postgresql+psycopg"
        ),
        f"""
        {imported}
        app = make()
        db = SQLAlchemy(app)
        """,
        f"""
        {imported}
        app = make()
        if {get} and not app.testing:
            app.config["SQLALCHEMY_DATABASE_URI"] = {read}.replace("postgres://", "postgresql+psycopg://", 1)
        db = SQLAlchemy(app)
        """,
    )


SHARED = {
    "settings module": (
        """
        URL = "sqlite:///shop.db"
        SQLALCHEMY_DATABASE_URI = URL
        SQLALCHEMY_BINDS = {"shop": URL}
        """,
        """
        import os

        URL = os.environ.get("DATABASE_URL", "sqlite:///shop.db")
        SQLALCHEMY_DATABASE_URI = URL
        SQLALCHEMY_BINDS = {"shop": URL}
        """,
    ),
    "class, annotated, binds with options": (
        """
        import os
        class Config:
            SHOP: str = "sqlite:///" + base
            SQLALCHEMY_BINDS = {"shop": {"url": SHOP, "echo": True}, "logs": "sqlite:///logs.db"}
            SQLALCHEMY_DATABASE_URI = SHOP
        """,
        """
        import os
        class Config:
            SHOP: str = os.environ.get("DATABASE_URL") or "sqlite:///" + base
            SQLALCHEMY_BINDS = {"shop": {"url": SHOP, "echo": True}, "logs": "sqlite:///logs.db"}
            SQLALCHEMY_DATABASE_URI = SHOP
        """,
    ),
    "factory, global": (
        """
        import os
        url = 'sqlite:///shop.db'
        def create_app():
            app = Flask(__name__)
            app.config['SQLALCHEMY_DATABASE_URI'] = url
            app.config.update(SQLALCHEMY_BINDS={'shop': url})
        """,
        """
        import os
        url = os.environ.get('DATABASE_URL', 'sqlite:///shop.db')
        def create_app():
            app = Flask(__name__)
            app.config['SQLALCHEMY_DATABASE_URI'] = url
            app.config.update(SQLALCHEMY_BINDS={'shop': url})
        """,
    ),
    "used for something else": (
        """
        import os
        URL = "sqlite:///shop.db"
        SQLALCHEMY_DATABASE_URI = URL
        SQLALCHEMY_BINDS = {"shop": URL}
        engine = create_engine(URL)
        """,
        """
        import os
        URL = "sqlite:///shop.db"
        SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or URL
        SQLALCHEMY_BINDS = {"shop": URL}
        engine = create_engine(URL)
        """,
    ),
    "given twice": (
        """
        import os
        URL = "sqlite:///shop.db"
        if TESTING:
            URL = "sqlite://"
        SQLALCHEMY_DATABASE_URI = URL
        SQLALCHEMY_BINDS = {"shop": URL}
        """,
        """
        import os
        URL = "sqlite:///shop.db"
        if TESTING:
            URL = "sqlite://"
        SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or URL
        SQLALCHEMY_BINDS = {"shop": URL}
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), SHARED.values(), ids=SHARED)
def test_url_that_a_bind_has_too(before: str, after: str):
    """Where one assignment is for the default database and for a bind, and for nothing else, it is what follows."""
    check_edit(lambda source: follow(source)[:1], before, after)


def pin(source: Source) -> Edit | Untouched:
    """Pin the class TestConfig of the file."""
    return database_url.pin_inheriting_test(source, inheriting_in(source))


PINS = {
    "attributes": (
        """
        class Config:
            SQLALCHEMY_DATABASE_URI = "sqlite:///" + base

        class TestConfig(Config):
            # fast
            TESTING = True
        """,
        """
        class Config:
            SQLALCHEMY_DATABASE_URI = "sqlite:///" + base

        class TestConfig(Config):
            SQLALCHEMY_DATABASE_URI = "sqlite:///" + base
            # fast
            TESTING = True
        """,
    ),
    "docstring, tabs, several lines": (
        """
        class Config:
        \tSQLALCHEMY_DATABASE_URI: str = ("sqlite:///"
        \t\t"x.db")

        class TestConfig(Config):
        \t'''For tests.'''
        """,
        """
        class Config:
        \tSQLALCHEMY_DATABASE_URI: str = ("sqlite:///"
        \t\t"x.db")

        class TestConfig(Config):
        \t'''For tests.'''
        \tSQLALCHEMY_DATABASE_URI: str = ("sqlite:///"
        \t\t"x.db")
        """,
    ),
    "field of pydantic's": (
        """
        class Config(BaseSettings):
            SQLALCHEMY_DATABASE_URI: Optional[str] = "sqlite:///shop.db"

        class TestConfig(Config):
            TESTING: bool = True
        """,
        """
        class Config(BaseSettings):
            SQLALCHEMY_DATABASE_URI: Optional[str] = "sqlite:///shop.db"

        class TestConfig(Config):
            SQLALCHEMY_DATABASE_URI: Optional[str] = "sqlite:///shop.db"
            TESTING: bool = True
        """,
    ),
    "behind a colon": (
        """
        class Config: SQLALCHEMY_DATABASE_URI = "sqlite://"
        class TestConfig(Config): pass
        """,
        """
        class Config: SQLALCHEMY_DATABASE_URI = "sqlite://"
        class TestConfig(Config): SQLALCHEMY_DATABASE_URI = "sqlite://"; pass
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), PINS.values(), ids=PINS)
def test_tests_keep_what_they_inherited(before: str, after: str):
    """A config class for tests gets the value of its own that it had from its base, as it is written there."""
    check_edit(pin, before, after)


def test_pinned_and_followed_at_once():
    """The base follows the variable, and the class for tests keeps the value: both in one go."""
    check_edit(
        lambda source: [*follow(source)[:1], pin(source)],
        """
        import os
        class Config(object):
            SQLALCHEMY_DATABASE_URI = 'sqlite:///shop.db'
        class TestConfig(Config):
            TESTING = True
        """,
        """
        import os
        class Config(object):
            SQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL', 'sqlite:///shop.db')
        class TestConfig(Config):
            SQLALCHEMY_DATABASE_URI = 'sqlite:///shop.db'
            TESTING = True
        """,
    )


def test_pinned_from_another_file():
    """A constant of a base class in another file can be repeated, anything that uses names cannot."""
    test = Source("tests/conf.py", text("class TestConfig(Config):\n    TESTING = True\n").encode())
    constant, computed = (
        Source("config.py", f"class Config:\n    SQLALCHEMY_DATABASE_URI = {value}\n".encode()) for value in ('"a://"', "base")
    )

    edit = database_url.pin_inheriting_test(test, inheriting_in(test), constant)
    untouched = database_url.pin_inheriting_test(test, inheriting_in(test), computed)

    assert changed_files({test.path: test}, edits(edit)) == {
        "tests/conf.py": b'class TestConfig(Config):\n    SQLALCHEMY_DATABASE_URI = "a://"\n    TESTING = True\n'
    }
    assert isinstance(untouched, Untouched)
    assert untouched.reason is Reason.CANNOT_BE_EDITED_SAFELY


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (
            "class Config:\n    X = 'a'\n    SQLALCHEMY_DATABASE_URI = X\nclass TestConfig(Config):\n    pass\n",
            Reason.CANNOT_BE_EDITED_SAFELY,
        ),
        ("class Config:\n    pass\nclass TestConfig(Config):\n    pass\n", Reason.CANNOT_BE_EDITED_SAFELY),
        (
            "class Config:\n    SQLALCHEMY_DATABASE_URI = 'a'\nclass TestConfig(Config):\n    SQLALCHEMY_DATABASE_URI = 'b'\n",
            Reason.ALREADY_THERE,
        ),
    ],
    ids=["uses a name of its class", "no value there", "has its own"],
)
def test_tests_that_cannot_be_pinned(before: str, reason: Reason):
    """A value that means something else in another class is not repeated there; one that is there is not replaced."""
    check_untouched(pin, before, reason)
