SECRET_KEY = "fill this in"
SQLALCHEMY_DATABASE_URI = "sqlite:///photos.db"
UPLOAD_FOLDER = "/srv/photos"
