from video import app, db, pages

# makes the databases; those that are there already stay as they are
with app.app_context():
    db.create_all()

app.register_blueprint(pages)

if __name__ == "__main__":
    app.run()
