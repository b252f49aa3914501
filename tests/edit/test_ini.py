"""Settings get into an INI file, and everything else in it stays."""

from __future__ import annotations

from configparser import ConfigParser

import pytest

from hooks.edit.files.ini import with_settings
from tests.template.conftest import TEMPLATE

BEFORE = """\
# for everyone
[alembic]
script_location = %(here)s
file_template = %%(rev)s
    more

[loggers]
keys = root
"""


@pytest.mark.parametrize(
    ("settings", "after"),
    [
        pytest.param({}, BEFORE, id="none"),
        pytest.param(
            {("alembic", "timezone"): "UTC"},
            BEFORE.replace("    more\n", "    more\ntimezone = UTC\n"),
            id="a new one, at the end of its section",
        ),
        pytest.param(
            {("alembic", "file_template"): "%%(slug)s"},
            BEFORE.replace("file_template = %%(rev)s\n    more\n", "file_template = %%(slug)s\n"),
            id="another value, of several lines before",
        ),
        pytest.param(
            {("loggers", "keys"): "root,shop", ("logger_shop", "level"): "INFO", ("logger_shop", "handlers"): ""},
            BEFORE.replace("keys = root", "keys = root,shop") + "\n[logger_shop]\nlevel = INFO\nhandlers =\n",
            id="a new section",
        ),
        pytest.param(
            {("alembic", "version_locations"): "\n%(here)s/one\n%(here)s/two"},
            BEFORE.replace("    more\n", "    more\nversion_locations =\n    %(here)s/one\n    %(here)s/two\n"),
            id="a value of several lines",
        ),
    ],
)
def test_settings(settings: dict[tuple[str, str], str], after: str) -> None:
    """The whole file before and after."""
    assert with_settings(BEFORE, settings) == after


def test_what_was_put_in_is_read_back() -> None:
    """For ConfigParser the template's own file has the new values, and all others as before."""
    template = (TEMPLATE / "migrations" / "alembic.ini").read_text()
    new = {("alembic", "timezone"): "UTC", ("post_write_hooks", "hooks"): "black", ("alembic", "file_template"): "%%(rev)s"}
    before, after = (ConfigParser(interpolation=None, strict=True) for _ in range(2))
    before.read_string(template)

    after.read_string(with_settings(template, new))

    expected = {(section, name): value for section in before.sections() for name, value in before.items(section)}
    assert {(section, name): value for section in after.sections() for name, value in after.items(section)} == {**expected, **new}
