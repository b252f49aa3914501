class Ayarlar:
	SECRET_KEY = 'gizli değil'
	SQLALCHEMY_DATABASE_URI = 'sqlite:///kahveci.db'	# ğüşiöç
	DIL = 'tr'