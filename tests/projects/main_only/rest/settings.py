FLASK_DEBUG = True
SQLALCHEMY_DATABASE_URI = "sqlite:///rest.db"
