import os

BASE = os.path.dirname(os.path.abspath(__file__))


class Config:
    JSON_SORT_KEYS = False


class Development(Config):
    DEBUG = True
    SQLALCHEMY_DATABASE_URI = 'sqlite:///' + os.path.join(BASE, 'menu.sqlite3')


class Production(Config):
    SQLALCHEMY_DATABASE_URI = 'mysql+pymysql://{}:{}@{}/{}'.format(
        os.getenv('MYSQL_USER'), os.getenv('MYSQL_PASSWORD'), os.getenv('MYSQL_HOST'), os.getenv('MYSQL_DATABASE')
    )


config = {'development': Development, 'production': Production, 'default': Development}
