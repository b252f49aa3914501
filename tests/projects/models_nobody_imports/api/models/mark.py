from init import db


class Model(db.Model):
    __tablename__ = 'marks'

    student_id = db.Column(db.Integer, db.ForeignKey('students.id'), primary_key=True)
    exam_id = db.Column(db.Integer, db.ForeignKey('exams.id'), primary_key=True)
    mark = db.Column(db.Integer, nullable=False)
