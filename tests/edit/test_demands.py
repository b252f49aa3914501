"""What ends the run for want of a part of the URL does not do so where the variable has the whole URL."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hooks.base.source import Source
from hooks.edit.core.splice import Edit, Untouched
from hooks.edit.python import database_url
from tests.edit.tools import check_edit, uri_sites_in

READ = ("DB_USER", "DB_PASSWORD", "DB_HOST", "DB_NAME", "DB_URI")  # by the URL


def follow(source: Source) -> Sequence[Edit | Untouched]:
    return [database_url.follow(source, site, "DATABASE_URL", limit=88) for site in uri_sites_in(source, variables=READ)]


EDITED = {
    "all of several": (
        """
        import os
        from urllib.parse import quote_plus

        def create_app():
            app = Flask(__name__)
            user = os.getenv("DB_USER")
            password = os.getenv("DB_PASSWORD")
            host = os.getenv("DB_HOST", "localhost")

            if not all([user, password, host]):
                raise RuntimeError("Database environment variables are not fully set.")

            quoted = quote_plus(password) if password else ""
            app.config["SQLALCHEMY_DATABASE_URI"] = f"postgresql://{user}:{quoted}@{host}/shop"
        """,
        """
        import os
        from urllib.parse import quote_plus

        def create_app():
            app = Flask(__name__)
            user = os.getenv("DB_USER")
            password = os.getenv("DB_PASSWORD")
            host = os.getenv("DB_HOST", "localhost")

            if not os.getenv("DATABASE_URL") and not all([user, password, host]):
                raise RuntimeError("Database environment variables are not fully set.")

            quoted = quote_plus(password) if password else ""
            app.config["SQLALCHEMY_DATABASE_URI"] = (
                os.getenv("DATABASE_URL") or f"postgresql://{user}:{quoted}@{host}/shop"
            )
        """,
    ),
    "each by itself": (
        """
        import os
        import sys

        USER = os.environ.get('DB_USER')
        PASSWORD = os.environ.get('DB_PASSWORD')
        if USER is None:
            print('DB_USER is not set')
            sys.exit(1)
        if not PASSWORD:
            raise ValueError('DB_PASSWORD is not set')

        class Config:
            SQLALCHEMY_DATABASE_URI = 'mysql+pymysql://' + USER + ':' + PASSWORD + '@localhost/shop'
        """,
        """
        import os
        import sys

        USER = os.environ.get('DB_USER')
        PASSWORD = os.environ.get('DB_PASSWORD')
        if not os.environ.get('DATABASE_URL') and USER is None:
            print('DB_USER is not set')
            sys.exit(1)
        if not os.environ.get('DATABASE_URL') and not PASSWORD:
            raise ValueError('DB_PASSWORD is not set')

        class Config:
            SQLALCHEMY_DATABASE_URI = (
                os.environ.get('DATABASE_URL')
                or 'mysql+pymysql://' + USER + ':' + PASSWORD + '@localhost/shop'
            )
        """,
    ),
    "one or the other": (
        """
        import os

        user = os.environ.get("DB_USER")
        name = os.environ.get("DB_NAME")
        if not user or not name:
            raise ValueError("DB_USER and DB_NAME are needed")
        app.config["SQLALCHEMY_DATABASE_URI"] = f"postgresql://{user}@localhost/{name}"
        """,
        """
        import os

        user = os.environ.get("DB_USER")
        name = os.environ.get("DB_NAME")
        if not os.environ.get("DATABASE_URL") and (not user or not name):
            raise ValueError("DB_USER and DB_NAME are needed")
        app.config["SQLALCHEMY_DATABASE_URI"] = (
            os.environ.get("DATABASE_URL") or f"postgresql://{user}@localhost/{name}"
        )
        """,
    ),
    "names in a list": (
        """
        import os

        REQUIRED = ["DB_USER", "DB_NAME"]
        missing = [name for name in REQUIRED if not os.environ.get(name)]
        if missing:
            raise RuntimeError(f"not set: {missing}")
        URI = "postgresql://{}@/{}".format(os.environ["DB_USER"], os.environ["DB_NAME"])
        app.config["SQLALCHEMY_DATABASE_URI"] = URI
        """,
        """
        import os

        REQUIRED = ["DB_USER", "DB_NAME"]
        missing = [name for name in REQUIRED if not os.environ.get(name)]
        if not os.environ.get("DATABASE_URL") and missing:
            raise RuntimeError(f"not set: {missing}")
        URI = "postgresql://{}@/{}".format(os.environ["DB_USER"], os.environ["DB_NAME"])
        app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL") or URI
        """,
    ),
    "in a loop, and over several lines": (
        """
        import os

        for part in ("DB_USER", "DB_NAME"):
            if part not in os.environ:
                raise RuntimeError(part)
        user, name = os.environ.get("DB_USER"), os.environ.get("DB_NAME")
        if not all(
            [os.environ.get("DB_USER"), os.environ.get("DB_NAME")]
        ):
            raise RuntimeError("not set")
        app.config["SQLALCHEMY_DATABASE_URI"] = f"postgresql://{user}@/{name}"
        """,
        """
        import os

        for part in ("DB_USER", "DB_NAME"):
            if not os.environ.get("DATABASE_URL") and part not in os.environ:
                raise RuntimeError(part)
        user, name = os.environ.get("DB_USER"), os.environ.get("DB_NAME")
        if not os.environ.get("DATABASE_URL") and not all(
            [os.environ.get("DB_USER"), os.environ.get("DB_NAME")]
        ):
            raise RuntimeError("not set")
        app.config["SQLALCHEMY_DATABASE_URI"] = (
            os.environ.get("DATABASE_URL") or f"postgresql://{user}@/{name}"
        )
        """,
    ),
    "a long one": (
        """
        import os

        username, password = os.environ.get("DB_USER"), os.environ.get("DB_PASSWORD")
        if os.environ.get("DB_USER") is None or os.environ.get("DB_PASSWORD") is None:
            raise RuntimeError("not set")
        app.config["SQLALCHEMY_DATABASE_URI"] = f"postgresql://{username}:{password}@/"
        """,
        """
        import os

        username, password = os.environ.get("DB_USER"), os.environ.get("DB_PASSWORD")
        if (
            not os.environ.get("DATABASE_URL")
            and (os.environ.get("DB_USER") is None or os.environ.get("DB_PASSWORD") is None)
        ):
            raise RuntimeError("not set")
        app.config["SQLALCHEMY_DATABASE_URI"] = (
            os.environ.get("DATABASE_URL") or f"postgresql://{username}:{password}@/"
        )
        """,
    ),
    "the file's own reader": (
        """
        from decouple import config

        user = config("DB_USER", default="")
        if not user:
            raise RuntimeError("not set")
        SQLALCHEMY_DATABASE_URI = f"postgresql://{user}@localhost/shop"
        """,
        """
        from decouple import config

        user = config("DB_USER", default="")
        if not config("DATABASE_URL", default=None) and not user:
            raise RuntimeError("not set")
        SQLALCHEMY_DATABASE_URI = (
            config("DATABASE_URL", default=None) or f"postgresql://{user}@localhost/shop"
        )
        """,
    ),
}
CONDITIONS = {
    "is in the environment": (
        """
        import os

        class Config:
            if 'DB_URI' in os.environ:
                SQLALCHEMY_DATABASE_URI = os.environ['DB_URI']
        """,
        """
        import os

        class Config:
            if os.environ.get('DATABASE_URL') or 'DB_URI' in os.environ:
                SQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL') or os.environ['DB_URI']
        """,
    ),
    "all parts are set": (
        """
        import os

        host, user = os.getenv("DB_HOST"), os.getenv("DB_USER")
        if os.getenv("DB_HOST") and os.getenv("DB_USER"):
            app.config["SQLALCHEMY_DATABASE_URI"] = f"postgresql://{user}@{host}/shop"
        """,
        """
        import os

        host, user = os.getenv("DB_HOST"), os.getenv("DB_USER")
        if os.getenv("DATABASE_URL") or (os.getenv("DB_HOST") and os.getenv("DB_USER")):
            app.config["SQLALCHEMY_DATABASE_URI"] = (
                os.getenv("DATABASE_URL") or f"postgresql://{user}@{host}/shop"
            )
        """,
    ),
    "another way is there": (
        """
        import os

        if "DB_URI" in os.environ:
            URI = os.environ["DB_URI"]
            app.config["SQLALCHEMY_DATABASE_URI"] = URI
        else:
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        """,
        """
        import os

        if "DB_URI" in os.environ:
            URI = os.environ["DB_URI"]
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL") or URI
        else:
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite://")
        """,
    ),
    "another way is there behind it": (
        """
        import os

        class Config:
            ENGINE, USE_SQLITE = os.getenv("DB_HOST"), True
            if os.getenv("DB_HOST"):
                SQLALCHEMY_DATABASE_URI = "postgresql://" + os.getenv("DB_HOST") + "/shop"
                USE_SQLITE = False
            if USE_SQLITE:
                SQLALCHEMY_DATABASE_URI = "sqlite://"
        """,
        """
        import os

        class Config:
            ENGINE, USE_SQLITE = os.getenv("DB_HOST"), True
            if os.getenv("DB_HOST"):
                SQLALCHEMY_DATABASE_URI = (
                    os.getenv("DATABASE_URL")
                    or "postgresql://" + os.getenv("DB_HOST") + "/shop"
                )
                USE_SQLITE = False
            if USE_SQLITE:
                SQLALCHEMY_DATABASE_URI = os.getenv("DATABASE_URL", "sqlite://")
        """,
    ),
    "something else is asked": (
        """
        import os

        if os.environ.get("FLASK_ENV") == "production":
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DB_URI"]
        """,
        """
        import os

        if os.environ.get("FLASK_ENV") == "production":
            app.config["SQLALCHEMY_DATABASE_URI"] = (
                os.environ.get("DATABASE_URL") or os.environ["DB_URI"]
            )
        """,
    ),
}
LEFT = {
    "asks for something else, too": "if not user or not os.environ.get('SECRET_KEY'):\n    raise ValueError('not set')",
    "something else": "if not os.environ.get('SECRET_KEY'):\n    raise ValueError('not set')",
    "goes on": "if not user:\n    print('no user')",
    "has another way": "if not user:\n    raise ValueError('no user')\nelse:\n    print(user)",
    "does something else": "if not user:\n    user = 'shop'\n    raise ValueError('no user')",
    "comes from elsewhere": "from settings import other\nif not user or not other:\n    raise ValueError('not set')",
    "is called": "if not user or not load():\n    raise ValueError('not set')",
    "in another function": "def check(user):\n    if not user:\n        raise ValueError('not set')",
    "asks for no variable": "if not __debug__:\n    raise ValueError('not now')",
}


@pytest.mark.parametrize(("before", "after"), EDITED.values(), ids=EDITED)
def test_asks_no_more_where_the_variable_is_set(before: str, after: str):
    """The whole file before and after."""
    check_edit(follow, before, after)


@pytest.mark.parametrize(("before", "after"), CONDITIONS.values(), ids=CONDITIONS)
def test_set_where_the_variable_is(before: str, after: str):
    """A value that is set only where its parts are there follows the variable alone, too."""
    check_edit(follow, before, after)


@pytest.mark.parametrize("demand", LEFT.values(), ids=LEFT)
def test_left_as_it_is(demand: str):
    """Only the value is changed."""
    start = f"import os\n\nuser = os.environ.get('DB_USER')\n{demand}\n"
    check_edit(
        follow,
        start + "app.config['SQLALCHEMY_DATABASE_URI'] = f'postgresql://{user}@/'\n",
        start + "app.config['SQLALCHEMY_DATABASE_URI'] = (\n    os.environ.get('DATABASE_URL') or f'postgresql://{user}@/'\n)\n",
    )


def test_asks_for_what_the_value_is_made_of():
    """It is not set where only the variable is."""
    check_edit(
        follow,
        """
        import os

        URI = os.environ.get("DB_URI")
        if not URI:
            raise ValueError("DB_URI is not set")
        class Config:
            SQLALCHEMY_DATABASE_URI = URI
        """,
        """
        import os

        URI = os.environ.get("DB_URI")
        if not os.environ.get("DATABASE_URL") and not URI:
            raise ValueError("DB_URI is not set")
        class Config:
            SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or URI
        """,
    )


def test_what_stands_in_for_a_database_that_does_not_answer():
    """It is for the case in which the variable, too, leads nowhere."""
    check_edit(
        follow,
        """
        import os

        app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql://db/shop"
        try:
            db.create_all()
        except Exception:
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(HERE, "shop.db")
            db.create_all()
        try:
            DEBUG = os.environ["DEBUG"]
        except KeyError:
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        """,
        """
        import os

        app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get(
            "DATABASE_URL", "postgresql://db/shop"
        )
        try:
            db.create_all()
        except Exception:
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.path.join(HERE, "shop.db")
            db.create_all()
        try:
            DEBUG = os.environ["DEBUG"]
        except KeyError:
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite://")
        """,
    )


def test_asks_for_what_follows_the_variable():
    """It is set then."""
    check_edit(
        follow,
        """
        import os

        uri = os.environ.get("DB_URI")
        if not uri:
            raise ValueError("DB_URI is not set")
        if uri:
            app.config["SQLALCHEMY_DATABASE_URI"] = uri
        """,
        """
        import os

        uri = os.environ.get("DATABASE_URL") or os.environ.get("DB_URI")
        if not uri:
            raise ValueError("DB_URI is not set")
        if uri:
            app.config["SQLALCHEMY_DATABASE_URI"] = uri
        """,
    )
