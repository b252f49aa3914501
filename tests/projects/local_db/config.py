SECRET_KEY = "sunny"
SQLALCHEMY_DATABASE_URI = "sqlite:///weather.db"
