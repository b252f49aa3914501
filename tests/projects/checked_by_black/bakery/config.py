"""Settings of the application."""


class Config:  # pylint: disable=too-few-public-methods
    """What it runs with."""

    SQLALCHEMY_DATABASE_URI = "sqlite:///bakery.db"
