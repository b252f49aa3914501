import click
from flask import Blueprint, jsonify

from .models import Client, User, db

bp = Blueprint('home', __name__, cli_group=None)


@bp.route('/users')
def users():
    return jsonify([str(user) for user in User.query.order_by(User.id)])


@bp.cli.command('create-user')
@click.argument('name')
def create_user(name):
    user = User(username=name)
    db.session.add(Client(client_id=name, user=user))
    db.session.commit()
