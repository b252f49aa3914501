from flask import Blueprint, jsonify

from .models import Post

posts = Blueprint("posts", __name__)


@posts.route("/")
def index():
    return jsonify([post.text for post in Post.query.order_by(Post.id.desc()).limit(20)])
