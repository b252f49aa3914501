"""Variables that give the database URI and that no line of the project names."""

from __future__ import annotations

import pytest

from hooks.detect.prefixed import find_prefixed
from tests.detect.tools import Text

KEY = "SQLALCHEMY_DATABASE_URI"
HEAD = """from flask import Flask
from dynaconf import Dynaconf, FlaskDynaconf
from pydantic_settings import BaseSettings, SettingsConfigDict
app = Flask(__name__)
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("FlaskDynaconf(app)", (f"FLASK_{KEY}",)),
        ("FlaskDynaconf(app, settings_files=['settings.toml'])", (f"FLASK_{KEY}",)),
        ("FlaskDynaconf(app, ENVVAR_PREFIX='SHOP')", (f"SHOP_{KEY}",)),
        ("FlaskDynaconf(app, dynaconf_instance=Dynaconf())", ()),
        ("FlaskDynaconf(app, **options)", ()),
        ("app.config.from_prefixed_env()", (f"FLASK_{KEY}",)),
        ("app.config.from_prefixed_env('SHOP')", (f"SHOP_{KEY}",)),
        ("app.config.from_prefixed_env(name)", ()),
        (f"class Settings(BaseSettings):\n    {KEY}: str", (KEY,)),
        (
            f"class Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='SHOP_')\n    {KEY}: str",
            (f"SHOP_{KEY}",),
        ),
        (f"class Settings:\n    {KEY}: str", ()),
        ("class Settings(BaseSettings):\n    DATABASE: str  # " + KEY, ()),
    ],
)
def test_found(source: str, expected: tuple[str, ...]):
    """By the package's own rules, as far as text tells."""
    assert find_prefixed(Text({"app.py": HEAD + source + "\n"}).index) == expected
