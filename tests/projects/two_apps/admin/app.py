from flask import Flask

from models import Product, db

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shared.db"
db.init_app(app)

with app.app_context():
    db.create_all()


@app.route("/")
def index():
    return "admin: %d products" % Product.query.count()
