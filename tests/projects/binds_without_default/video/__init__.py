from .config import app, db
from .routes import pages

__all__ = ["app", "db", "pages"]
