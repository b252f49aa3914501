from flask import jsonify

from blog import app
from blog.models import Post


@app.route('/')
@app.route('/posts')
def posts():
    return jsonify([{'title': post.title, 'author': post.author.username} for post in Post.query.all()])
