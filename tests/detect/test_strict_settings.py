"""Classes of settings that refuse what they have no field for."""

from __future__ import annotations

import pytest

from hooks.detect.strict_settings import find_strict_settings

CLASS = """from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    {}

    secret_key: str = "x"
"""
STRICT = {
    "version 2": CLASS.format('model_config = SettingsConfigDict(env_file=".env")'),
    "version 2, as a dict": CLASS.format('model_config = dict(env_file=".env", extra="forbid")'),
    "version 1": CLASS.format('class Config:\n        env_file = ".env"'),
}
LAX = {
    "ignores": CLASS.format('model_config = SettingsConfigDict(env_file=".env", extra="ignore")'),
    "version 1 allows": CLASS.format('class Config:\n        env_file = ".env"\n        extra = Extra.allow'),
    "reads no file": CLASS.format("debug: bool = False") + "# env_file\n",
    "no Python": "class Settings(BaseSettings) env_file\n",
}


@pytest.mark.parametrize("text", STRICT.values(), ids=STRICT)
def test_strict(text):
    """Its place and its fields are known."""
    found = find_strict_settings(["README.md", "settings.py"], lambda path: text.encode())

    assert found is not None
    assert (found.name, found.where.path, found.where.line) == ("Settings", "settings.py", 4)
    assert "secret_key" in found.fields


@pytest.mark.parametrize("text", LAX.values(), ids=LAX)
def test_lax(text):
    """It takes more than its fields, or reads no file."""
    assert find_strict_settings(["settings.py"], lambda path: text.encode()) is None
