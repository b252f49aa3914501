DEBUG = False
SECRET_KEY = "not for production"
SQLALCHEMY_DATABASE_URI = "sqlite:///library.db"
SQLALCHEMY_TRACK_MODIFICATIONS = False
