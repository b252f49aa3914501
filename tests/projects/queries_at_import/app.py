from flask import Flask, jsonify

from models import Bug, db

app = Flask(__name__)
app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///bugs.db'
app.config['SQLALCHEMY_TRACK_MODIFICATIONS'] = False

db.init_app(app)

with app.app_context():
    from forms import BugForm


@app.route('/')
def index():
    return jsonify(
        bugs=[bug.title for bug in Bug.query.order_by(Bug.id)],
        components=[name for _, name in BugForm.choices],
    )
