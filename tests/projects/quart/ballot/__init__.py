import quart_flask_patch  # noqa: F401
from flask_sqlalchemy import SQLAlchemy
from quart import Quart

app = Quart(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///ballot.db"
db = SQLAlchemy(app)

from ballot import models, views  # noqa: E402,F401
