"""Make the tables:  python -m ledger.create_db"""

from ledger import create_app
from ledger.models import db

if __name__ == "__main__":
    with create_app().app_context():
        db.create_all()
