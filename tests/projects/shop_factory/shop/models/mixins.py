from datetime import datetime, timezone

from shop.extensions import db


def now():
    return datetime.now(timezone.utc).replace(tzinfo=None)


class TimestampMixin:
    created_at = db.Column(db.DateTime, nullable=False, default=now, index=True)
    updated_at = db.Column(db.DateTime, onupdate=now)
