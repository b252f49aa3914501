"""The application that is attacked through: two tables, a factory, and one module that holds the attack."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Mapping
from pathlib import Path

from tests.attacks.attack import CONFIG, Attack
from tests.plain_environ import plain_environ

PACKAGE = """\
import os
import traceback

from shop import early  # noqa: F401
from flask import Flask

from shop.extensions import db


def create_app():
    app = Flask(__name__)
    app.config.from_object("config.Config")
    db.init_app(app)
    from shop import attack, models  # noqa: F401

    try:
        attack.attack(app)
    except Exception:
        if os.environ.get("ALONE"):
            traceback.print_exc()
    return app
"""
EXTENSIONS = "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n"
MODELS = """\
from shop.extensions import db


class User(db.Model):
    __tablename__ = "users"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20), nullable=False)


class Order(db.Model):
    __tablename__ = "orders"
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.ForeignKey("users.id"), nullable=False)
"""
TABLES = {
    "sqlite": (
        "CREATE TABLE users (id INTEGER NOT NULL, name VARCHAR(20) NOT NULL, PRIMARY KEY (id))",
        "CREATE TABLE orders (id INTEGER NOT NULL, user_id INTEGER NOT NULL, PRIMARY KEY (id), "
        "FOREIGN KEY(user_id) REFERENCES users (id))",
    ),
    "postgresql": (
        "CREATE TABLE users (id SERIAL NOT NULL, name VARCHAR(20) NOT NULL, PRIMARY KEY (id))",
        "CREATE TABLE orders (id SERIAL NOT NULL, user_id INTEGER NOT NULL, PRIMARY KEY (id), "
        "FOREIGN KEY(user_id) REFERENCES users (id))",
    ),
    "mariadb": (
        "CREATE TABLE users (id INTEGER NOT NULL AUTO_INCREMENT, name VARCHAR(20) NOT NULL, PRIMARY KEY (id))",
        "CREATE TABLE orders (id INTEGER NOT NULL AUTO_INCREMENT, user_id INTEGER NOT NULL, PRIMARY KEY (id), "
        "FOREIGN KEY(user_id) REFERENCES users (id))",
    ),
}
ROWS = ("INSERT INTO users (name) VALUES ('ada'), ('bob')", "INSERT INTO orders (user_id) VALUES (1), (2)")

# The names that an attack may use: a literal for each, as in many real projects.
PLACE = """\
import os, sys, time

SERVER, URL, HOST, PORT, USER, NAME = {server!r}, {url!r}, {host!r}, {port!r}, {user!r}, {name!r}
PATH, ROOT, OUTSIDE, TMP, OTHER, TOKEN, SOCKET = {path!r}, {root!r}, {outside!r}, {tmp!r}, {other!r}, {token!r}, {socket!r}
EVIL = "evil_" + TOKEN
WRITE = "INSERT INTO users (name) VALUES ('evil')"

if SERVER == "sqlite":
    CLI = ["sqlite3", PATH]
    CONNECT = "import sqlite3; c = sqlite3.connect(%r)" % PATH
elif SERVER == "postgresql":
    CLI = ["psql", "-q", "-h", HOST, "-p", str(PORT), "-U", USER, NAME]
    CONNECT = "import psycopg2; c = psycopg2.connect(host=%r, port=%r, user=%r, dbname=%r)" % (HOST, PORT, USER, NAME)
else:
    CLI = ["mariadb", "-h", HOST, "-P", str(PORT), "-u", USER, NAME]
    CONNECT = "import pymysql; c = pymysql.connect(host=%r, port=%r, user=%r, database=%r)" % (HOST, PORT, USER, NAME)
# for a process of its own; no double quote in it
SCRIPT = CONNECT + "; c.cursor().execute('INSERT INTO users (name) SELECT max(name) FROM users'); c.commit()"


def creator():
    names = {{}}
    exec(CONNECT, names)
    return names["c"]


def write(statement=WRITE):
    c = creator()
    c.cursor().execute(statement)
    c.commit()
    c.close()
"""
HEAD = "import os, sys, time\nfrom shop.place import *\n"


def files(attack: Attack, place: Mapping[str, object]) -> dict[str, str]:
    """Every file of the project; `place` has the values for `PLACE` and the attack's own files."""
    caught = "try:\n{}\nexcept Exception:\n    if os.environ.get('ALONE'):\n        __import__('traceback').print_exc()\n"
    early, late = (attack.lines, "pass") if attack.has("early") else ("pass", attack.lines)
    made = {
        "shop/__init__.py": PACKAGE,
        "shop/extensions.py": EXTENSIONS,
        "shop/models.py": MODELS,
        "shop/unused.py": "",
        "shop/place.py": PLACE.format(**place),
        "shop/early.py": HEAD + caught.format(textwrap.indent(early, "    ")),
        "shop/attack.py": HEAD + "from shop.extensions import db\n\n\ndef attack(app):\n" + textwrap.indent(late, "    ") + "\n",
        "config.py": CONFIG.format(**place),
        "requirements.txt": "Flask\nFlask-SQLAlchemy\n",
        ".gitignore": "__pycache__/\ninstance/\n.env\n*.db\n",
    }
    return {**made, **{path: text.format(**place) for path, text in attack.files.items()}}


def write(root: Path, attack: Attack, place: Mapping[str, object]) -> None:
    """Write the project to `root`."""
    made = files(attack, place)
    commands = made.pop("$", "")
    for path, text in made.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    subprocess.run(["sh", "-ec", commands], cwd=root, env=plain_environ(), check=True)
