import click
from flask import Blueprint, jsonify

from .models import Ticket, db

tickets = Blueprint("tickets", __name__, cli_group=None)


@tickets.route("/tickets")
def index():
    return jsonify([ticket.title for ticket in Ticket.query.filter_by(is_open=True)])


@tickets.cli.command("open-ticket")
@click.argument("title")
def open_ticket(title):
    db.session.add(Ticket(title=title))
    db.session.commit()
