from flask import Blueprint

from video.models import Client, Rental, Tape

pages = Blueprint("pages", __name__)


@pages.route("/")
def home():
    return {"clients": Client.query.count(), "rentals": Rental.query.count(), "tapes": Tape.query.count()}
