"""An application without models, and tables: what it is told, and the way through sqlacodegen to a stamped project."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import uv
from sqlalchemy import make_url

from tests.end_to_end.tools import commit_all, heads, rows, run, run_copier, said, schema, stamped_at
from tests.servers import DIALECTS, execute, new_database

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tables-without-models.md"
APP = """\
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "{url}"
db = SQLAlchemy(app)


@app.route("/")
def index():
    return str(db.session.execute(db.text("SELECT count(*) FROM product")).scalar())
"""
TABLES = (
    "CREATE TABLE category (id {key}, name VARCHAR(40) NOT NULL, UNIQUE (name))",
    "CREATE TABLE product (id {key}, category_id INTEGER NOT NULL, name VARCHAR(80) DEFAULT 'new' NOT NULL, price NUMERIC(10, 2),"
    " FOREIGN KEY (category_id) REFERENCES category (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_product_name ON product (name)",
    "INSERT INTO category (name) VALUES ('tea')",
    "INSERT INTO product (category_id, price) VALUES (1, 2.50)",
)
SQLACODEGEN = "sqlacodegen@4.0.4"  # the page has no version; this one has been tried
KEYS = {
    "sqlite": "INTEGER NOT NULL PRIMARY KEY",
    "postgresql": "SERIAL PRIMARY KEY",
    "mariadb": "INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY",
}
DRIVERS = {"sqlite": (), "postgresql": ("--with", "psycopg2-binary"), "mariadb": ("--with", "pymysql")}


def make_application(root: Path, dialect: str, url: str) -> str:
    """A repository of an application that has tables with rows and no models; returns the URL that it has."""
    if dialect == "postgresql":
        url = make_url(url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    execute(url, *(statement.format(key=KEYS[dialect]) for statement in TABLES))
    (root / "app.py").write_text(APP.format(url=url))
    (root / "requirements.txt").write_text("flask\nflask-sqlalchemy\n")
    (root / ".gitignore").write_text("__pycache__/\n*.db\n")
    commit_all(root)
    return url


def test_no_models(tmp_path: Path) -> None:
    """The tables are named, and nothing is written."""
    with new_database("sqlite", tmp_path) as url:
        make_application(tmp_path, "sqlite", url)
        before = (tmp_path / "app.py").read_bytes(), rows(url)

        result = run_copier(tmp_path)

        assert result.returncode == 1
        assert "error:" + said(result).partition("error:")[2] == (
            "error: no-models\n"
            "  The application has no models for the 2 tables of its database, so no baseline can be written:\n"
            "    category\n"
            "    product\n"
            "  Nothing was changed.\n"
            "  Write models for them, by hand or with sqlacodegen, and run again; docs/tables-without-models.md shows it all:\n"
            "    sqlacodegen <the database's URL> > models.py\n"
        )
        assert (before, (tmp_path / "migrations").exists()) == (((tmp_path / "app.py").read_bytes(), rows(url)), False)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_way_through_sqlacodegen(dialect: str, tmp_path: Path) -> None:
    """The steps of the page, as they stand there, lead to a stamped project whose models and database agree."""
    old, new = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    with new_database(dialect, tmp_path) as plain:
        url = make_application(tmp_path, dialect, plain)
        before = rows(url), schema(url)

        made = run(uv.find_uv_bin(), "tool", "run", *DRIVERS[dialect], SQLACODEGEN, url, "--outfile", "models.py", cwd=tmp_path)
        assert made.returncode == 0, made.output
        models = tmp_path / "models.py"
        assert old in models.read_text()
        models.write_text(models.read_text().replace(old, new))
        application = tmp_path / "app.py"
        application.write_text(application.read_text().replace("\n\n\n@app", "\n\nimport models  # noqa: E402, F401\n\n\n@app"))
        commit_all(tmp_path, "models")
        result = run_copier(tmp_path)

        assert result.returncode == 0, result.output
        verified = re.findall(r"^(?:verified|unverified|drift|decide) .*", said(result), re.M)
        assert [" ".join(one.split()[2:12]) for one in verified] == ["rebuilds the schema of the models and matches the existing"]
        assert stamped_at(url) == heads(tmp_path)
        assert (rows(url), schema(url)) == before
        checked = run(sys.executable, "-m", "flask", "db", "check", cwd=tmp_path)
        assert checked.returncode == 0, checked.output
