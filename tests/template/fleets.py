"""A small application with three revisions, and databases of it in any state."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from tests.servers import engine_for, execute
from tests.template.project import Project

APPLICATION = """\
import os
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://")
db = SQLAlchemy(app)
migrate = Migrate(app, db)


class User(db.Model):
    __tablename__ = "users"
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(120), nullable=False)
    phone = db.Column(db.String(20))


class Order(db.Model):
    __tablename__ = "orders"
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("users.id"), nullable=False)
"""
REVISION = """\
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = {name!r}, {down!r}, None, None


def upgrade():
    {body}


def downgrade():
    pass
"""
BODIES = {
    "one": "op.create_table('users', sa.Column('id', sa.Integer, primary_key=True),\n"
    "        sa.Column('email', sa.String(120), nullable=False))",
    "two": "op.create_table('orders', sa.Column('id', sa.Integer, primary_key=True),\n"
    "        sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id'), nullable=False))",
    "three": "op.add_column('users', sa.Column('phone', sa.String(20)))",
}


def application(folder: Path, url: str) -> Project:
    """The project, with its own configured database at `url`, which need not exist."""
    project = Project(folder, url)
    project.write("shop.py", APPLICATION)
    down = None
    for name, body in BODIES.items():
        project.write(f"migrations/versions/{name}.py", REVISION.format(name=name, down=down, body=body))
        down = name
    return project


def build(url: str, revision: str, *, stamp: str | None = None, email: int = 120) -> str:
    """Make the tables as `create_all()` made them at the time of `revision`, with a row; returns the URL."""
    metadata = sa.MetaData()
    users = sa.Table(
        "users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("email", sa.String(email), nullable=False)
    )
    if revision != "one":
        key = sa.ForeignKey("users.id")
        sa.Table(
            "orders", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("user_id", sa.Integer, key, nullable=False)
        )
    if revision == "three":
        users.append_column(sa.Column("phone", sa.String(20)))
    metadata.create_all(engine_for(url))
    execute(url, "INSERT INTO users (id, email) VALUES (1, 'a@example.com')")
    if stamp is not None:
        version = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
        execute(url, version, *([f"INSERT INTO alembic_version VALUES ('{stamp}')"] if stamp else []))
    return url


def stamped(url: str) -> list[str] | None:
    """The rows of `alembic_version`; None where there is no such table."""
    engine = engine_for(url)
    if "alembic_version" not in sa.inspect(engine).get_table_names():
        return None
    with engine.connect() as connection:
        return sorted(connection.scalars(sa.text("SELECT version_num FROM alembic_version")))


def write_list(project: Project, **urls: str) -> str:
    """A list with a name for each database."""
    project.write("customers.txt", "".join(f"{name} = {url}\n" for name, url in urls.items()))
    return "customers.txt"
