from app import db
from parking.models import Ticket


def open_tickets(plate):
    return db.session.query(Ticket).filter_by(plate=plate).count()
