from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


def reset_database():
    from rest.models import Post

    db.drop_all()
    db.create_all()
    db.session.add(Post(title="Hello"))
    db.session.commit()
