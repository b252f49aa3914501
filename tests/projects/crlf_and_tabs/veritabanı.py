from app import app, db
from modeller import Kahve, Sipariş

with app.app_context():
	türk = Kahve(ad='Türk kahvesi', ücret=60)
	db.session.add(türk)
	db.session.flush()
	db.session.add(Sipariş(kahve_id=türk.id))
	db.session.commit()
