from app import db

class Kahve(db.Model):
	id = db.Column(db.Integer, primary_key=True)
	ad = db.Column(db.String(40), nullable=False, unique=True)
	ücret = db.Column(db.Integer, nullable=False)

class Sipariş(db.Model):
	__tablename__ = 'siparis'
	id = db.Column(db.Integer, primary_key=True)
	kahve_id = db.Column(db.Integer, db.ForeignKey('kahve.id'), nullable=False)
