from flask import Blueprint, jsonify
from .models import Note

views = Blueprint('views', __name__)


@views.route('/')
def home():
    return jsonify([note.data for note in Note.query.all()])
