import os


class Config:
    SECRET_KEY = os.environ.get("SECRET_KEY", "not-for-production")
    SQLALCHEMY_DATABASE_URI = "sqlite:///shop.db"
    PRODUCTS_PER_PAGE = 20
    CURRENCY = "EUR"


class DevelopmentConfig(Config):
    DEBUG = True


class TestingConfig(Config):
    TESTING = True
    SQLALCHEMY_DATABASE_URI = "sqlite://"


class ProductionConfig(Config):
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_SAMESITE = "Lax"


config = {
    "development": DevelopmentConfig,
    "testing": TestingConfig,
    "production": ProductionConfig,
}
