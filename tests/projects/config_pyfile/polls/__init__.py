from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask('polls')
app.config.from_pyfile('settings.cfg')
app.jinja_env.trim_blocks = True

db = SQLAlchemy(app)

from polls import commands, views  # noqa: E402,F401
