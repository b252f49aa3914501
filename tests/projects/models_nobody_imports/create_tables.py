from api.models import exam, mark, student
from init import app, db

with app.app_context():
    db.create_all()
    db.session.add(student.Model(id=1, name='Mila', index_number='RA-1'))
    db.session.add(exam.Model(id=1, title='Databases'))
    db.session.add(mark.Model(student_id=1, exam_id=1, mark=10))
    db.session.commit()
