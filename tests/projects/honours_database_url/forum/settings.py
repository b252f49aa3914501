import os

SECRET_KEY = os.environ.get("SECRET_KEY") or "dev"

database_url = os.environ.get("DATABASE_URL", "sqlite:///forum.db")
# Heroku still gives postgres://, which SQLAlchemy no longer takes
if database_url.startswith("postgres://"):
    database_url = database_url.replace("postgres://", "postgresql://", 1)

SQLALCHEMY_DATABASE_URI = database_url
