import os
import sqlite3

os.makedirs("instance", exist_ok=True)
connection = sqlite3.connect("instance/station.db")
connection.execute("CREATE TABLE reading (id INTEGER NOT NULL PRIMARY KEY, value FLOAT)")
connection.execute("INSERT INTO reading (value) VALUES (20.5)")
connection.commit()
