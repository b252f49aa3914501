from flask import Flask

from models import Bug, Component, db

app = Flask('app')
app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///bugs.db'
db.init_app(app)

with app.app_context():
    db.create_all()
    db.session.add(Component(id=1, name='parser'))
    db.session.add(Bug(title='It hangs on an empty file', component_id=1))
    db.session.commit()
