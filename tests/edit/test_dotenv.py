""".flaskenv, .env.example and .gitignore: the whole file before, the whole file after."""

from __future__ import annotations

import codecs
import io
import subprocess
from pathlib import Path

import pytest
from dotenv import dotenv_values

from hooks.base.location import Location
from hooks.detect.ignored import find_ignored
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.dotenv import set_flask_app
from hooks.edit.files.env_example import add_example, example_url, find_env_example, is_shown_above, name_in
from hooks.edit.files.gitignore import ignore_env

FLASKENV = {
    "none yet": (None, b"FLASK_APP=shop\n"),
    "others there": (b"FLASK_DEBUG=1\n", b"FLASK_DEBUG=1\nFLASK_APP=shop\n"),
    "in a comment": (b"# FLASK_APP=x\n", b"# FLASK_APP=x\nFLASK_APP=shop\n"),
    "a longer name": (b"FLASK_APP_NAME=x\nMY_FLASK_APP=y", b"FLASK_APP_NAME=x\nMY_FLASK_APP=y\nFLASK_APP=shop"),
    "CRLF": (b"A=1\r\n", b"A=1\r\nFLASK_APP=shop\r\n"),
    "a byte-order mark": (codecs.BOM_UTF8 + b"A=1\n", codecs.BOM_UTF8 + b"A=1\nFLASK_APP=shop\n"),
}


@pytest.mark.parametrize("before, after", FLASKENV.values(), ids=FLASKENV.keys())
def test_flaskenv(before: bytes | None, after: bytes):
    """One line more, at the end."""
    assert set_flask_app(before, "shop") == after


@pytest.mark.parametrize("line", ["FLASK_APP=x", "export FLASK_APP = x", "  FLASK_APP=", "'FLASK_APP'=x"])
def test_flaskenv_left_alone(line: str):
    """What the project says already is not said again."""
    result = set_flask_app(f"A=1\n{line}\n".encode(), "shop")

    assert result == Untouched(".flaskenv", Reason.ALREADY_THERE, Location(".flaskenv", 2, line.strip()))


@pytest.mark.parametrize(
    "spec", ["shop", "shop:create_app('dev')", "shop:create_app(\"a b\", 'c')", "a:f('#')", "a:f('$HOME')", "a:f('\\\\')"]
)
def test_flask_app_reads_back(spec: str):
    """python-dotenv reads what was meant, whatever the arguments are."""
    raw = set_flask_app(b"A=1", spec)

    assert isinstance(raw, bytes)
    assert dotenv_values(stream=io.StringIO(raw.decode()), interpolate="$" not in spec)["FLASK_APP"] == spec


def test_utf16_flaskenv_is_left_alone():
    """python-dotenv could not read it anyway."""
    result = set_flask_app(codecs.BOM_UTF16_LE + "A=1\n".encode("utf-16-le"), "shop")

    assert isinstance(result, Untouched)
    assert result.reason is Reason.CANNOT_BE_EDITED_SAFELY


WHY = b"# The database, where it is not the configured one:\n"
EXAMPLE = {
    "none yet": (None, WHY + b"# DATABASE_URL=sqlite:///x.db\n"),
    "others there": (b"SECRET=\n", b"SECRET=\n" + WHY + b"# DATABASE_URL=sqlite:///x.db\n"),
    "no final newline": (b"SECRET=", b"SECRET=\n" + WHY + b"# DATABASE_URL=sqlite:///x.db"),
    "groups": (b"A=1\n\nSECRET=\n", b"A=1\n\nSECRET=\n\n" + WHY + b"# DATABASE_URL=sqlite:///x.db\n"),
    "groups of Windows": (
        b"A=1\r\n\r\nSECRET=",
        b"A=1\r\n\r\nSECRET=\r\n\r\n# The database, where it is not the configured one:\r\n# DATABASE_URL=sqlite:///x.db",
    ),
    "an empty line at the end": (b"\nA=1\n\nB=2\n\n", b"\nA=1\n\nB=2\n\n" + WHY + b"# DATABASE_URL=sqlite:///x.db\n"),
    "one group": (b"\nA=1\nB=2\n", b"\nA=1\nB=2\n" + WHY + b"# DATABASE_URL=sqlite:///x.db\n"),
    "a test's variable": (b"TEST_DATABASE_URL=x\n", b"TEST_DATABASE_URL=x\n" + WHY + b"# DATABASE_URL=sqlite:///x.db\n"),
}


@pytest.mark.parametrize("before, after", EXAMPLE.values(), ids=EXAMPLE.keys())
def test_env_example(before: bytes | None, after: bytes):
    """A comment more, at the end: a copy of the file works."""
    assert add_example(before, "DATABASE_URL", "sqlite:///x.db") == after


def test_env_example_of_the_only_variable():
    """No database is configured without it."""
    after = add_example(b"SECRET=\n", "DATABASE_URL", "sqlite:///x.db", today=["DATABASE_URL"], is_only=True)

    assert after == b"SECRET=\n# The database:\n# DATABASE_URL=sqlite:///x.db\n"


@pytest.mark.parametrize(
    ("today", "sentence"),
    [(["DB_URI"], "Comes before DB_URI, which works as before"), (["A", "B", "A"], "Comes before A and B, which work as before")],
    ids=["one", "several"],
)
def test_env_example_of_what_names_the_database_today(today: list[str], sentence: str):
    """One sentence says why there are two."""
    raw = b"SECRET=\nDB_URI=x\n"

    after = add_example(raw, "DATABASE_URL", "sqlite:///x.db", today=today)

    assert after == raw + f"# {sentence}:\n# DATABASE_URL=sqlite:///x.db\n".encode()


SHOWN = {
    "a template": (b"DB_URI=mysql+pymysql://[USER]:[PASSWORD]@[HOST]/[NAME]", b"mysql+pymysql://[USER]:[PASSWORD]@[HOST]/[NAME]"),
    "in quotes": (b"export DB_URI = 'postgresql://u:p@db/shop'\nB=1", b"'postgresql://u:p@db/shop'"),
    "a part of one": (b"DB_URI=shop", b"sqlite:///x.db"),
    "of another variable": (b"OTHER_DB_URI=postgresql://u:p@db/shop", b"sqlite:///x.db"),
}


@pytest.mark.parametrize(("line", "shown"), SHOWN.values(), ids=SHOWN)
def test_env_example_with_the_url_that_it_shows(line: bytes, shown: bytes):
    """The URL that is there for the variable of today is the one to fill in."""
    why = b"# Comes before DB_URI, which works as before:\n"

    assert add_example(line + b"\n", "DATABASE_URL", "sqlite:///x.db", today=["DB_URI"]) == (
        line + b"\n" + why + b"# DATABASE_URL=" + shown + b"\n"
    )


@pytest.mark.parametrize("line", ["DATABASE_URL=x", "# DATABASE_URL=postgresql://...", "export DATABASE_URL=", "#DATABASE_URL = x"])
def test_env_example_left_alone(line: str):
    """A file that shows the variable, commented out or not, is complete."""
    result = add_example(f"A=1\n{line}\n".encode(), "DATABASE_URL", "y")

    assert result == Untouched(".env.example", Reason.ALREADY_THERE, Location(".env.example", 2, line))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(["app.py", ".env.sample"], ".env.sample", id="the project's"),
        pytest.param(["dot-env-example"], "dot-env-example", id="with the dot in words"),
        pytest.param(["env_template", "ENV.dist"], "ENV.dist", id="without a dot, the shorter"),
        pytest.param([".env.dev-sample", ".env.prod.db-sample"], ".env.dev-sample", id="for development"),
        pytest.param([".env.prod-sample"], ".env.example", id="for production only"),
        pytest.param([".env.sample", ".env.example"], ".env.example", id="two"),
        pytest.param(["sub/.env.sample"], ".env.example", id="of another folder"),
        pytest.param([".env", "example.py", "env.py", "sample-data"], ".env.example", id="no example"),
    ],
)
def test_find_env_example(files: list[str], expected: str):
    """The name that the project uses, else the usual one."""
    assert find_env_example(files) == expected


@pytest.mark.parametrize(
    "driver, expected",
    [
        ("sqlite", "sqlite:///shop.db"),
        ("postgresql+psycopg2", "postgresql+psycopg2://user:password@localhost/shop"),
        ("mysql+pymysql", "mysql+pymysql://user:password@localhost/shop"),
        ("snowflake", "snowflake://..."),
    ],
)
def test_example_url(driver: str, expected: str):
    """The driver is the project's own; user and password are words."""
    assert example_url(driver, "shop") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param('"postgresql://localhost/forum"', "forum", id="literal"),
        pytest.param("'mysql+pymysql://u:p@db:3306/my-shop?charset=utf8mb4'", "my-shop", id="options behind it"),
        pytest.param('f\'mysql://root:p@{getenv("DB_HOST", "h")}:3306/orp_db\'', "orp_db", id="f-string with quotes in it"),
        pytest.param('f"postgresql://u@h/{name}"', "", id="computed"),
        pytest.param('"mysql://u:p@h/%s" % name', "", id="formatted"),
        pytest.param('"postgresql://"', "", id="no name"),
        pytest.param('"sqlite:///shop.db"', "", id="a file"),
        pytest.param('"https://example.org/page"', "", id="no database"),
    ],
)
def test_what_the_code_calls_its_database(value: str, expected: str):
    """The name at the end of a server's URL that is written out."""
    assert name_in(["URL", value]) == expected


GITIGNORE = {
    "none yet": (None, b".env\n"),
    "others there": (b"*.pyc\n", b"*.pyc\n.env\n"),
    "no final newline": (b"*.pyc", b"*.pyc\n.env"),
    "only the environment folder": (b"env/\n.venv\n.env.local\n", b"env/\n.venv\n.env.local\n.env\n"),
    "taken out again": (b".env\n!.env\n", b".env\n!.env\n.env\n"),
}


@pytest.mark.parametrize("before, after", GITIGNORE.values(), ids=GITIGNORE.keys())
def test_gitignore(before: bytes | None, after: bytes):
    """`.env` is ignored afterwards; a second time nothing changes."""
    assert ignore_env(before, in_git=True) == after
    assert ignore_env(after, in_git=True) == Untouched(".gitignore", Reason.ALREADY_THERE)


@pytest.mark.parametrize("raw", [b".env\n", b"*.env\n", b".env*\n!.env.example\n", b"/.env\r\n", b".*\n"])
def test_gitignore_left_alone(raw: bytes):
    """Any pattern that covers `.env` will do."""
    assert ignore_env(raw, in_git=True) == Untouched(".gitignore", Reason.ALREADY_THERE)


def test_no_gitignore_without_git():
    """Where git is not used, no file of git's is made; where a file elsewhere ignores it, nothing is added."""
    assert ignore_env(None, in_git=False) == Untouched(".gitignore", Reason.NOT_FOUND)
    assert ignore_env(b"", in_git=True, is_ignored=True) == Untouched(".gitignore", Reason.ALREADY_THERE)


def test_find_ignored(tmp_path: Path):
    """The line that makes git ignore a path is found, in whichever file it is."""
    paths = ["migrations/env.py", "migrations/db.mk", "migrations/versions/x.py", ".env"]
    assert find_ignored(tmp_path, paths) == {}
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert find_ignored(tmp_path, paths) == {}
    (tmp_path / ".gitignore").write_text("*.mk\n.env\n!.env\n")
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / ".gitignore").write_text("\nversions/\n")

    assert find_ignored(tmp_path, paths) == {
        "migrations/db.mk": Location(".gitignore", 1, "*.mk"),
        "migrations/versions/x.py": Location("migrations/.gitignore", 2, "versions/"),
    }


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (".env.dev-sample", "DATABASE_URL=postgresql://db/shop\n", True),
        ("services/.env.example", "# DATABASE_URL=\n", True),
        (".env.dev-sample", "SECRET=x\n", False),
        (".env", "DATABASE_URL=x\n", False),
        ("services/web/.env.example", "DATABASE_URL=x\n", False),
        ("../.env.example", "DATABASE_URL=x\n", False),
    ],
    ids=["at the top", "on the way", "without it", "a real one", "its own", "of another repository"],
)
def test_example_above_the_project(path: str, text: str, expected: bool, tmp_path: Path):
    """In a folder of a larger repository, the examples above it count."""
    folder = tmp_path / "repository" / "services" / "web"
    folder.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    (tmp_path / "repository" / path).write_text(text)

    assert is_shown_above(folder, "DATABASE_URL") is expected
