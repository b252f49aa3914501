"""The variable is read as the file reads its other variables."""

from __future__ import annotations

import pytest

from hooks.base.source import Source
from hooks.edit.core.splice import Edit, Untouched
from hooks.edit.python import database_url
from tests.edit.tools import check_edit, uri_sites_in


def follow(source: Source) -> list[Edit | Untouched]:
    """Let every value of the file follow DATABASE_URL."""
    return [database_url.follow(source, site, "DATABASE_URL", limit=132) for site in uri_sites_in(source)]


CASES = {
    "decouple, computed": (
        """
        from decouple import config
        SQLALCHEMY_DATABASE_URI = config('DB_URI', default='sqlite:///site.db')
        """,
        """
        from decouple import config
        SQLALCHEMY_DATABASE_URI = config('DATABASE_URL', default=None) or config('DB_URI', default='sqlite:///site.db')
        """,
    ),
    "decouple, constant": (
        """
        from decouple import config
        SECRET_KEY = config("SECRET_KEY")
        SQLALCHEMY_DATABASE_URI = "sqlite:///site.db"
        """,
        """
        from decouple import config
        SECRET_KEY = config("SECRET_KEY")
        SQLALCHEMY_DATABASE_URI = config("DATABASE_URL", default="sqlite:///site.db")
        """,
    ),
    "environs": (
        """
        from environs import Env
        env = Env()
        env.read_env()
        app.config.update(SQLALCHEMY_DATABASE_URI=env.str("DB_URI"))
        """,
        """
        from environs import Env
        env = Env()
        env.read_env()
        app.config.update(SQLALCHEMY_DATABASE_URI=env.str("DATABASE_URL", default=None) or env.str("DB_URI"))
        """,
    ),
    "environs as a module, called": (
        """
        import environs
        env = environs.Env()
        SQLALCHEMY_DATABASE_URI = env("DB_URI")
        """,
        """
        import environs
        env = environs.Env()
        SQLALCHEMY_DATABASE_URI = env("DATABASE_URL", default=None) or env("DB_URI")
        """,
    ),
    "environs with a prefix": (
        """
        import os
        from environs import Env
        env = Env()
        with env.prefixed("APP_"):
            SQLALCHEMY_DATABASE_URI = env.str("DB_URI")
        """,
        """
        import os
        from environs import Env
        env = Env()
        with env.prefixed("APP_"):
            SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or env.str("DB_URI")
        """,
    ),
    "starlette": (
        """
        from starlette.config import Config
        config = Config(".env")
        SQLALCHEMY_DATABASE_URI = config("DB_URI", cast=str)
        """,
        """
        from starlette.config import Config
        config = Config(".env")
        SQLALCHEMY_DATABASE_URI = config("DATABASE_URL", default=None) or config("DB_URI", cast=str)
        """,
    ),
    "starlette with a prefix": (
        """
        import os
        from starlette.config import Config
        config = Config(".env", env_prefix="APP_")
        SQLALCHEMY_DATABASE_URI = config("DB_URI")
        """,
        """
        import os
        from starlette.config import Config
        config = Config(".env", env_prefix="APP_")
        SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or config("DB_URI")
        """,
    ),
    "imported and never called": (
        """
        import os
        from decouple import config
        SQLALCHEMY_DATABASE_URI = "sqlite:///site.db"
        """,
        """
        import os
        from decouple import config
        SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL", "sqlite:///site.db")
        """,
    ),
    "config is something else here": (
        """
        import os
        from decouple import config
        SECRET_KEY = config("SECRET_KEY")
        config = {}
        SQLALCHEMY_DATABASE_URI = "sqlite:///site.db"
        """,
        """
        import os
        from decouple import config
        SECRET_KEY = config("SECRET_KEY")
        config = {}
        SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL", "sqlite:///site.db")
        """,
    ),
    "getenv, which the file says more often": (
        """
        import os
        SECRET_KEY = os.getenv("SECRET_KEY")
        SQLALCHEMY_DATABASE_URI = "sqlite:///site.db"
        """,
        """
        import os
        SECRET_KEY = os.getenv("SECRET_KEY")
        SQLALCHEMY_DATABASE_URI = os.getenv("DATABASE_URL", "sqlite:///site.db")
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_reader(before, after):
    """The whole file before and after."""
    check_edit(follow, before, after)
