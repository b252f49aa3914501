import os


class Settings:
    MAIL_TOKEN = os.environ["MAIL_TOKEN"]
    MAIL_FROM = os.environ.get("MAIL_FROM", "noreply@example.org")
    SQLALCHEMY_DATABASE_URI = "sqlite:///mailer.db"
