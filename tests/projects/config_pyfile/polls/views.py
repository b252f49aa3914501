from flask import jsonify

from polls import app
from polls.models import Question


@app.route('/')
def index():
    return jsonify({question.text: [choice.text for choice in question.choices] for question in Question.query})
