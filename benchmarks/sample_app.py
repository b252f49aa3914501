"""Write a Flask project with any number of tables, as it is before Flask-Migrate or as somebody wired it by hand.

Mixed column types, a foreign key to an earlier table, indexes, unique and check constraints; 25 models to a module.
"""

from __future__ import annotations

from pathlib import Path

MODELS_PER_MODULE = 25

EXTENSIONS = """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
"""
EXTENSIONS_BY_HAND = """\
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
migrate = Migrate()
"""
FACTORY = """\
from flask import Flask

import config
from big.extensions import db


def create_app():
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    from big import models  # noqa: F401

    with app.app_context():
        db.create_all()
    return app
"""
FACTORY_BY_HAND = """\
from flask import Flask

import config
from big.extensions import db, migrate


def create_app():
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    migrate.init_app(app, db)
    from big import models  # noqa: F401

    return app
"""
MODEL = """

class Model{number}(db.Model):
    __tablename__ = "table_{number:04}"
{arguments}
    id = db.Column(db.Integer, primary_key=True)
{reference}    name = db.Column(db.String(80), nullable=False)
    code = db.Column(db.String(20), nullable=False, unique=True)
    amount = db.Column(db.Numeric(10, 2))
    ratio = db.Column(db.Float)
    quantity = db.Column(db.Integer, nullable=False, default=0)
    is_active = db.Column(db.Boolean, nullable=False, default=True)
    kind = db.Column(db.Enum("a", "b", "c", name="kind_{number:04}"))
    created = db.Column(db.DateTime, index=True)
    due = db.Column(db.Date)
    data = db.Column(db.JSON)
    note = db.Column(db.Text)
"""
ARGUMENTS = """\
    __table_args__ = (
        db.UniqueConstraint("name", "quantity", name="uq_{number:04}_name_quantity"),
        db.CheckConstraint("quantity >= 0", name="ck_{number:04}_quantity"),
        db.Index("ix_{number:04}_name_created", "name", "created"),
    )
"""
# Run once in the project as it is before: makes the existing database and puts rows into every table. Not in one transaction, since
# a thousand tables need more locks than PostgreSQL has by default.
POPULATE = """\
import datetime

from sqlalchemy import create_engine

import config
from big import models
from big.extensions import db

now = datetime.datetime(2024, 5, 17, 12)
engine = create_engine(config.SQLALCHEMY_DATABASE_URI, isolation_level="AUTOCOMMIT")
db.metadata.create_all(engine)
with engine.connect() as connection:
    for table in db.metadata.sorted_tables:
        rows = [
            dict(id=n, name="name", code="code %d" % n, amount=n, ratio=n / 3, quantity=n, is_active=True, kind="a",
                 created=now, due=now.date(), data={"n": n}, note="note")
            for n in (1, 2, 3)
        ]
        if "parent_id" in table.c:
            rows = [dict(row, parent_id=row["id"]) for row in rows]
        connection.execute(table.insert(), rows)
"""


def model(number: int) -> str:
    """The source of one model; every third has composite constraints, all but the first refer to an earlier one."""
    reference = ""
    if number:
        reference = f'    parent_id = db.Column(db.ForeignKey("table_{(number - 1) // 2:04}.id"), index=True)\n'
    return MODEL.format(number=number, arguments=ARGUMENTS.format(number=number) if number % 3 == 0 else "", reference=reference)


def write(folder: Path, tables: int, database_url: str, *, by_hand: bool) -> None:
    """Write the project to `folder`; `by_hand` has Flask-Migrate attached and DATABASE_URL read already."""
    models = folder / "big" / "models"
    models.mkdir(parents=True)
    url = repr(database_url)
    config = (
        f"import os\n\nSQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL') or {url}\n"
        if by_hand
        else f"SQLALCHEMY_DATABASE_URI = {url}\n"
    )
    (folder / "config.py").write_text(config)
    (folder / "requirements.txt").write_text("Flask\nFlask-SQLAlchemy\n" + ("Flask-Migrate\n" if by_hand else ""))
    (folder / ".gitignore").write_text("__pycache__/\n*.db\ninstance/\n")
    (folder / "big" / "extensions.py").write_text(EXTENSIONS_BY_HAND if by_hand else EXTENSIONS)
    (folder / "big" / "__init__.py").write_text(FACTORY_BY_HAND if by_hand else FACTORY)
    modules = range(0, tables, MODELS_PER_MODULE)
    for first in modules:
        classes = "".join(model(number) for number in range(first, min(first + MODELS_PER_MODULE, tables)))
        (models / f"part_{first:04}.py").write_text("from big.extensions import db\n" + classes)
    (models / "__init__.py").write_text("".join(f"from big.models import part_{first:04}  # noqa: F401\n" for first in modules))
