"""Where a repository shows what a machine must have of its own."""

from __future__ import annotations

import pytest

from hooks.base.location import Location
from hooks.detect.examples import find_template, find_variable

FILES = {
    "README.md": "# Shop\n\nSet `SECRET_KEY` first.\n",
    ".env.example": "DEBUG=1\nSECRET_KEY=hunter2\n",
    "docker-compose.yml": "services:\n  web:\n    environment:\n      - SECRET_KEY=dev\n      - MY_SECRET_KEY_FILE=x\n",
    "config.py": 'SECRET_KEY = os.environ["SECRET_KEY"]\n',
    ".github/workflows/test.yml": "env:\n  SECRET_KEY: test\n",
    "data/secrets.csv": "SECRET_KEY,1\n",
}


def read(path: str) -> bytes | None:
    return FILES[path].encode() if path in FILES else None


def test_variable_is_found_where_people_copy_it_from() -> None:
    """The file made to be copied comes first, source and data do not count, and no value is repeated."""
    assert find_variable(FILES, read, "SECRET_KEY") == (
        Location(".env.example", 2, "SECRET_KEY"),
        Location("docker-compose.yml", 4, "SECRET_KEY"),
        Location(".github/workflows/test.yml", 2, "SECRET_KEY"),
        Location("README.md", 3, "SECRET_KEY"),
    )


def test_a_part_of_a_name_is_another_name() -> None:
    """SECRET is not SECRET_KEY."""
    assert find_variable(FILES, read, "SECRET") == ()


@pytest.mark.parametrize(
    ("missing", "template"),
    [
        ("config.py", "config.example.py"),
        ("config.py", "config.py.tpl"),
        ("shop/config.py", "shop/config_sample.py"),
        ("shop/config.py", "config-dist.py"),
        ("settings.json", "example_settings.json"),
        (".env", ".env.example"),
        ("instance/config.py", "instance/config.py.example"),
        ("client_secrets.json", "client_secrets.json.sample"),
    ],
)
def test_template_of_a_missing_file(missing: str, template: str) -> None:
    """The same name but for a word that says what it is."""
    assert find_template([template, "app.py", "shop/__init__.py"], missing) == template


@pytest.mark.parametrize("other", ["config.py", "config.json", "test_config.py", "config_helpers.py", "example.py"])
def test_other_files_are_no_templates(other: str) -> None:
    """Another name, another ending, or the file itself in another folder."""
    assert find_template([other], "shop/config.py") is None


def test_the_nearest_template_is_taken() -> None:
    """A template beside the missing file comes before one elsewhere."""
    assert find_template(["config.example.py", "shop/config.example.py"], "shop/config.py") == "shop/config.example.py"
