"""No secret of a project is printed, however its application fails while it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.tools import commit_all, run_copier, said

URL = "postgresql://shop:S3cret@in@127.0.0.1:1/shop"
CONFIG = f"""\
import os

SQLALCHEMY_DATABASE_URI = "{URL}"
MAIL_PASSWORD = "m4il-w0rd"
PAYMENT_TOKEN = os.environ.get("PAYMENT_TOKEN", "t0ken-of-default")
"""
APP = """\
import os
import sys

import config
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config.from_object(config)
db = SQLAlchemy(app)


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)


print("mail:", config.MAIL_PASSWORD, "url:", config.SQLALCHEMY_DATABASE_URI, "token:", config.PAYMENT_TOKEN)
"""
ENDS = {
    "exception": 'raise ValueError("cannot log in with m4il-w0rd, %s, %s" % (os.environ["API_KEY"], config.PAYMENT_TOKEN))\n',
    "source line": 'password = "s0urce-line"; raise ValueError("m4il-w0rd" * 40 + "S3cret@in")\n',
    "exit": 'sys.exit("no mail for m4il-w0rd at S3cret@in, " + os.environ["API_KEY"])\n',
    "death": "sys.stdout.flush()\nos.kill(os.getpid(), 9)\n",
    "query": "with app.app_context():\n    Item.query.all()\n",
}
SECRETS = ("S3cret", "s3cret", "m4il", "0ken-of", "k3y-of-env", "s0urce-line")


@pytest.mark.parametrize("end", ENDS)
def test_nothing_of_a_failure(end: str, tmp_path: Path) -> None:
    """Exceptions, lines of source, and what the application prints before it dies are shown without the secrets in them."""
    root = tmp_path / "shop"
    root.mkdir()
    for name, text in {"config.py": CONFIG, "app.py": APP + ENDS[end], "requirements.txt": "flask\nflask-sqlalchemy\n"}.items():
        (root / name).write_text(text)
    commit_all(root)

    result = run_copier(root, env={"API_KEY": "k3y-of-env"})

    assert result.returncode != 0
    assert [secret for secret in SECRETS if secret in result.output] == [], result.output
    assert "***" in said(result) or end == "query", said(result)
