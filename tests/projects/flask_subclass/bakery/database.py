from __future__ import annotations

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class Database(SQLAlchemy):
    """Flask-SQLAlchemy with what we need everywhere."""

    def add(self, *entries: object) -> None:
        self.session.add_all(entries)
        self.session.commit()


db = Database(model_class=Base)
