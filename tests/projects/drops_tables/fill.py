from app import Task, app, db

with app.app_context():
    db.session.add(Task(text="try it"))
    db.session.commit()
