from quart import jsonify

from ballot import app
from ballot.models import Vote


@app.route("/")
async def index():
    return jsonify([vote.choice for vote in Vote.query])
