"""The variables that choose the configuration."""

from __future__ import annotations

import pytest

from hooks.detect.chosen_config import find_choosers
from tests.detect.tools import Text

HEAD = "import os\nfrom os import environ, getenv\nfrom flask import Flask\napp = Flask(__name__)\n"
CHOOSING = {
    "read in place": 'app.config.from_object(os.getenv("APP_SETTINGS"))',
    "item": 'app.config.from_object(os.environ["APP_SETTINGS"])',
    "imported names": 'app.config.from_object(environ.get("APP_SETTINGS"))',
    "named before": 'settings = getenv("APP_SETTINGS")\napp.config.from_object(settings)',
    "a reader of settings": 'from decouple import config\napp.config.from_object(config("APP_SETTINGS"))',
    "in a factory": 'def create_app():\n    settings = os.getenv("APP_SETTINGS")\n    app.config.from_object(settings)',
}
NOT_CHOOSING = {
    "a default": 'app.config.from_object(os.getenv("APP_SETTINGS", "shop.config.Development"))',
    "a reader's default": 'from decouple import config\napp.config.from_object(config("APP_SETTINGS", default="shop.config"))',
    "an alternative": 'app.config.from_object(os.getenv("APP_SETTINGS") or "shop.config.Development")',
    "a part of it": 'app.config.from_object("shop.config." + os.environ["APP_SETTINGS"])',
    "one of several": 'app.config.from_object(config[os.environ["APP_SETTINGS"]])',
    "given twice": 'settings = getenv("A")\nsettings = "shop.config"\napp.config.from_object(settings)',
    "a file": 'app.config.from_pyfile(os.environ["APP_SETTINGS"])',
}


@pytest.mark.parametrize("code", CHOOSING.values(), ids=CHOOSING)
def test_found(code: str):
    """The value is all that is given to `from_object`."""
    assert find_choosers(Text({"shop/__init__.py": HEAD + code}).index) == ("APP_SETTINGS",)


@pytest.mark.parametrize("code", NOT_CHOOSING.values(), ids=NOT_CHOOSING)
def test_not_found(code: str):
    """What starts without the variable, or makes something else of it, is left to itself."""
    assert find_choosers(Text({"shop/__init__.py": HEAD + code}).index) == ()
