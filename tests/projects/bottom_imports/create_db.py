# run this once
from blog import app, db
from blog.models import Post, User

with app.app_context():
    db.create_all()

    anna = User(username='anna', email='anna@blog.example')
    anna.posts.append(Post(title='Hello', content='My first post'))
    db.session.add(anna)
    db.session.commit()
