"""Which variable a field of pydantic-settings reads."""

from __future__ import annotations

import pytest

from hooks.detect.config import find_config
from tests.detect.tools import Text

HEAD = """from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict
"""
APP = """from flask import Flask
from settings import Settings, get_settings, settings
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = {value}
"""
MADE = """
settings = Settings()


def get_settings() -> Settings:
    return Settings()
"""


def variables(body: str, value: str = "settings.url", head: str = HEAD) -> tuple[str, ...]:
    """What the configuration of a project with such a class reads."""
    index = Text({"settings.py": f"{head}\n\n{body}\n{MADE}", "app.py": APP.format(value=value)}).index
    (site,) = find_config(index).sites
    return site.variables


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("    url: str = 'sqlite:///a.db'", "URL", id="its name, in capitals"),
        pytest.param("    url: str", "URL", id="without a default"),
        pytest.param("    model_config = SettingsConfigDict(env_prefix='shop_')\n    url: str = ''", "SHOP_URL", id="prefix"),
        pytest.param("    class Config:\n        env_prefix = 'shop_'\n    url: str = ''", "SHOP_URL", id="prefix of pydantic 1"),
        pytest.param("    model_config = SettingsConfigDict(case_sensitive=True)\n    url: str = ''", "url", id="case-sensitive"),
        pytest.param("    url: str = Field('', validation_alias='DB_URI')", "DB_URI", id="alias"),
        pytest.param("    url: str = Field('', validation_alias=AliasChoices('DB_URI', 'DB'))", "DB_URI", id="choice of aliases"),
        pytest.param("    url: str = Field(..., env='DB_URI')", "DB_URI", id="env of pydantic 1"),
    ],
)
def test_name_of_the_variable(body: str, expected: str):
    """The variable is called as pydantic-settings calls it."""
    assert variables(f"class Settings(BaseSettings):\n{body}") == (expected,)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("Settings().url", id="made on the spot"),
        pytest.param("get_settings().url", id="from a function"),
        pytest.param("str(settings.url)", id="as text"),
    ],
)
def test_ways_to_the_field(value: str):
    """Wherever the object comes from, it is the field's variable."""
    assert variables("class Settings(BaseSettings):\n    url: str = ''", value) == ("URL",)


def test_field_of_a_base():
    """A field and a prefix may be a base's."""
    body = "class Base(BaseSettings):\n    url: str = ''\nclass Settings(Base):\n    model_config = {}\n    debug: bool = False"

    assert variables(body) == ("URL",)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("class Settings:\n    url: str = 'sqlite://'", id="another class"),
        pytest.param("class Settings(BaseSettings):\n    @property\n    def url(self):\n        return 'sqlite://'", id="property"),
    ],
)
def test_what_reads_no_variable(body: str):
    """What is no field of such a class has no variable of its own."""
    assert variables(body) == ()
