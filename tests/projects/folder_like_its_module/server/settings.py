import os

folder = os.path.dirname(os.path.abspath(__file__))
os.environ.setdefault("FERRY_SQLALCHEMY_DATABASE_URI", "sqlite:///" + os.path.join(folder, "ferry.db"))
