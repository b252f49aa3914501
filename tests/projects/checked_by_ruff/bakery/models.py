"""What is kept in the database."""

from __future__ import annotations

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """What all models have in common."""


db = SQLAlchemy(model_class=Base)


class Loaf(db.Model):  # type: ignore[misc, name-defined]
    """A loaf in the shop window."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(db.String(80), unique=True)
    grams: Mapped[int]


def shown(name: str, grams: int) -> str:
    """Return what the label says.

    >>> shown("Rye", 500)
    'Rye, 500 g'
    """
    return f"{name}, {grams} g"
