'''Kahveci: siparişler ve kahveler.'''
from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy
import os, sys

app = Flask(__name__)	# uygulama
app.config.from_object('ayarlar.Ayarlar')
db = SQLAlchemy(app)	# veritabanı

import modeller

with app.app_context():
	db.create_all()

@app.route('/kahveler')
def kahveler():
	return jsonify([kahve.ad for kahve in modeller.Kahve.query.order_by(modeller.Kahve.id)])

if __name__ == '__main__':
	app.run(debug=True)