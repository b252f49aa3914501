"""Applications that replace Python's threads, locks and sockets as they are loaded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import uv

from tests.end_to_end.tools import commit_all, run, run_copier, stamped_at
from tests.servers import execute, new_database

APP = """\
{patch}
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "{url}"
db = SQLAlchemy(app)


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""
PATCHES = {
    "gevent": "from gevent import monkey\nmonkey.patch_all()\n",
    "eventlet": "import eventlet\neventlet.monkey_patch()\n",
}
PACKAGES = ("flask", "flask-sqlalchemy", "flask-migrate", "python-dotenv", "psycopg2-binary", "pymysql", *PATCHES)
CREATE = {
    "postgresql": "CREATE TABLE item (id SERIAL PRIMARY KEY)",
    "mariadb": "CREATE TABLE item (id INTEGER NOT NULL AUTO_INCREMENT, PRIMARY KEY (id))",
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has both."""
    folder = tmp_path_factory.mktemp("patched") / "venv"
    for arguments in (
        ("venv", "--python", sys.executable, folder),
        ("pip", "install", "--python", folder / "bin/python", *PACKAGES),
    ):
        result = run(uv.find_uv_bin(), *arguments, cwd=Path.cwd())
        assert result.returncode == 0, result.output
    return folder / "bin" / "python"


@pytest.mark.parametrize(("package", "dialect"), [("gevent", "postgresql"), ("eventlet", "mariadb")])
def test_they_are_retrofitted_as_others(package: str, dialect: str, python: Path, tmp_path: Path) -> None:
    """Nothing of the run depends on what was replaced."""
    root = tmp_path / "shop"
    root.mkdir()
    with new_database(dialect) as url:
        execute(url, CREATE[dialect])
        driver = url.replace("postgresql://", "postgresql+psycopg2://")
        (root / "app.py").write_text(APP.format(patch=PATCHES[package], url=driver))
        (root / "requirements.txt").write_text("flask\nflask-sqlalchemy\n")
        commit_all(root)

        result = run_copier(root, f"python={python}")

        assert result.returncode == 0, result.output
        assert len(stamped_at(url)) == 1

        with new_database(dialect) as second, new_database(dialect) as third:
            for other in (second, third):
                execute(other, CREATE[dialect])
            (tmp_path / "list").write_text(f"{second}\n{third}\n")

            adopted = run(python, "-m", "migrations.adopt", "--urls-from", tmp_path / "list", cwd=root)

            assert "2 of 2 databases: 2 stamped" in adopted.output.splitlines()
            assert stamped_at(second) == stamped_at(third) == stamped_at(url)
