class Config:
    SECRET_KEY = "change me"
    SQLALCHEMY_DATABASE_URI = "sqlite:///chores.db"
    SQLALCHEMY_TRACK_MODIFICATIONS = False
