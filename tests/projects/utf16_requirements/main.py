from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///tasks.db'
db = SQLAlchemy(app)


class Task(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(200), nullable=False)
    done = db.Column(db.Boolean, default=False)

    def as_dict(self):
        return {'id': self.id, 'text': self.text, 'done': self.done}


@app.route('/tasks', methods=['GET'])
def get_tasks():
    return jsonify([task.as_dict() for task in Task.query.all()])


@app.route('/tasks', methods=['POST'])
def add_task():
    task = Task(text=request.get_json()['text'])
    db.session.add(task)
    db.session.commit()
    return jsonify(task.as_dict()), 201


if __name__ == '__main__':
    with app.app_context():
        db.create_all()
    app.run(debug=True)
