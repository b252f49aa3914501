"""An edit makes no line longer than the file's longest or the limit, and is laid out as black would."""

from __future__ import annotations

import pytest

from hooks.base.source import Source
from hooks.edit.core.splice import Edit, Untouched
from hooks.edit.python import database_url
from tests.edit.tools import check_edit, uri_sites_in


def follow(source: Source) -> list[Edit | Untouched]:
    """Let every value of the file follow DATABASE_URL, with lines of up to 88 characters."""
    return [database_url.follow(source, site, "DATABASE_URL") for site in uri_sites_in(source)]


CASES = {
    "behind a backslash": (
        """
        import os
        SQLALCHEMY_DATABASE_URI = \\
            os.environ.get('SQLALCHEMY_DATABASE_URI', default='postgresql://postgres@localhost/surf')
        """,
        """
        import os
        SQLALCHEMY_DATABASE_URI = (
            os.environ.get('DATABASE_URL')
            or os.environ.get('SQLALCHEMY_DATABASE_URI', default='postgresql://postgres@localhost/surf')
        )
        """,
    ),
    "behind a backslash in a class, with room": (
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI = \\
                os.environ.get('DB') or 'sqlite://'
        """,
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI = \\
                os.environ.get('DATABASE_URL') or os.environ.get('DB') or 'sqlite://'
        """,
    ),
    "lines that backslashes join": (
        """
        from os import environ, path
        class DevelopmentConfigurationOfTheShop:
            SQLALCHEMY_DATABASE_URI = environ.get('DEVELOPMENT_DATABASE_URL') or \\
                'sqlite:///' + path.join(BASE_DIR, 'dev.sqlite')
        """,
        """
        from os import environ, path
        class DevelopmentConfigurationOfTheShop:
            SQLALCHEMY_DATABASE_URI = \\
                environ.get('DATABASE_URL') or \\
                environ.get('DEVELOPMENT_DATABASE_URL') or \\
                'sqlite:///' + path.join(BASE_DIR, 'dev.sqlite')
        """,
    ),
    "lines that backslashes join, with room": (
        """
        from os import environ, path
        class Config:
            SQLALCHEMY_DATABASE_URI = environ.get('DB_URL') or \\
                'sqlite:///' + path.join(BASE_DIR, 'dev.sqlite')
        """,
        """
        from os import environ, path
        class Config:
            SQLALCHEMY_DATABASE_URI = environ.get('DATABASE_URL') or environ.get('DB_URL') or \\
                'sqlite:///' + path.join(BASE_DIR, 'dev.sqlite')
        """,
    ),
    "constant": (
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI = "postgresql://localhost:5432/shop_with_a_long_name"
        """,
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI = os.environ.get(
                "DATABASE_URL", "postgresql://localhost:5432/shop_with_a_long_name"
            )
        """,
    ),
    "constant that fills a line": (
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI = "postgresql://shop@localhost:5432/a_long_name_of_it"
            SQLALCHEMY_BINDS = {}
            def f(self):
                self.SQLALCHEMY_DATABASE_URI = "postgresql://localhost:5432/shop_of_length_x"
        """,
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI = os.environ.get(
                "DATABASE_URL", "postgresql://shop@localhost:5432/a_long_name_of_it"
            )
            SQLALCHEMY_BINDS = {}
            def f(self):
                self.SQLALCHEMY_DATABASE_URI = os.environ.get(
                    "DATABASE_URL", "postgresql://localhost:5432/shop_of_length_x"
                )
        """,
    ),
    "alternative": (
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.path.join(basedir, "shop.db")
        """,
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI = (
                os.environ.get("DATABASE_URL")
                or "sqlite:///" + os.path.join(basedir, "shop.db")
            )
        """,
    ),
    "alternative that fits in one line": (
        """
        import os
        app.config["SQLALCHEMY_DATABASE_URI"] = settings.sqlalchemy_database_uri_of_it
        """,
        """
        import os
        app.config["SQLALCHEMY_DATABASE_URI"] = (
            os.environ.get("DATABASE_URL") or settings.sqlalchemy_database_uri_of_it
        )
        """,
    ),
    "alternative over several lines": (
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.path.join(os.path.dirname(path),
                                                                  "shop.db")
        """,
        """
        import os
        class Config:
            SQLALCHEMY_DATABASE_URI = (
                os.environ.get("DATABASE_URL")
                or "sqlite:///" + os.path.join(os.path.dirname(path),
                                                                      "shop.db")
            )
        """,
    ),
    "in brackets on a line of its own": (
        """
        import os
        app.config["SQLALCHEMY_DATABASE_URI"] = (
            f"sqlite:///{os.path.join(app.instance_path, 'a_rather_long_name.sqlite3')}"
        )
        """,
        """
        import os
        app.config["SQLALCHEMY_DATABASE_URI"] = (
            os.environ.get("DATABASE_URL")
            or f"sqlite:///{os.path.join(app.instance_path, 'a_rather_long_name.sqlite3')}"
        )
        """,
    ),
    "keyword": (
        """
        import os
        app.config.update(
            SQLALCHEMY_DATABASE_URI="sqlite:///" + os.path.join(basedir, "shop.db"),
        )
        """,
        """
        import os
        app.config.update(
            SQLALCHEMY_DATABASE_URI=os.environ.get("DATABASE_URL")
            or "sqlite:///" + os.path.join(basedir, "shop.db"),
        )
        """,
    ),
    "dict": (
        """
        import os
        app.config.from_mapping({
            "SQLALCHEMY_DATABASE_URI": "postgresql://shop:shop@localhost/shop",
        })
        """,
        """
        import os
        app.config.from_mapping({
            "SQLALCHEMY_DATABASE_URI": os.environ.get(
                "DATABASE_URL", "postgresql://shop:shop@localhost/shop"
            ),
        })
        """,
    ),
    "as long as the longest line": (
        """
        import os
        # a comment that is as long as it can be, so that nobody here minds the length of a line, not even we
        SQLALCHEMY_DATABASE_URI = "postgresql://localhost:5432/shop_with_a_long_name_of_it"
        """,
        """
        import os
        # a comment that is as long as it can be, so that nobody here minds the length of a line, not even we
        SQLALCHEMY_DATABASE_URI = os.environ.get(
            "DATABASE_URL", "postgresql://localhost:5432/shop_with_a_long_name_of_it"
        )
        """,
    ),
    "in the middle of a line": (
        """
        import os
        app.config.update(D=True, SQLALCHEMY_DATABASE_URI="sqlite:///" + os.path.join("a", "b"))
        """,
        """
        import os
        app.config.update(D=True, SQLALCHEMY_DATABASE_URI=os.environ.get("DATABASE_URL") or "sqlite:///" + os.path.join("a", "b"))
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_layout(before, after):
    """A value that does not fit on its line any more is laid out over several; the file is the same otherwise."""
    check_edit(follow, before, after)
