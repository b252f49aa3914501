"""Make a database to develop with."""

import os

os.environ.setdefault("MAIL_TOKEN", "for development")

from mailer import create_app  # noqa: E402
from mailer.models import Mail, db  # noqa: E402

with create_app().app_context():
    db.create_all()
    db.session.add(Mail(subject="Welcome"))
    db.session.commit()
