from dataclasses import dataclass


@dataclass
class Settings:
    SECRET_KEY: str = "not so secret"
    SQLALCHEMY_DATABASE_URI: str = "sqlite:///notes.db"
    SQLALCHEMY_TRACK_MODIFICATIONS: bool = False
