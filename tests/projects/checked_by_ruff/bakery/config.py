"""Settings of the application."""


class Config:
    """What it runs with."""

    SQLALCHEMY_DATABASE_URI = "sqlite:///bakery.db"
