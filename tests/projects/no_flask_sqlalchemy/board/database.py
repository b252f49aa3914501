from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker

engine = create_engine("sqlite:///board.db")
session = scoped_session(sessionmaker(autocommit=False, autoflush=False, bind=engine))
Base = declarative_base()
Base.query = session.query_property()


def init_db():
    from board import models

    models.Base.metadata.create_all(bind=engine)
    session.add(models.Message(text="The board is open."))
    session.commit()


if __name__ == "__main__":
    from board import database

    database.init_db()
