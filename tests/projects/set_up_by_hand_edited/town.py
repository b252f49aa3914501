"""What the town's catalogue puts into our database; it has migrations of its own."""

import sqlite3

connection = sqlite3.connect("instance/library.db")
connection.execute("CREATE TABLE town_readers (id INTEGER PRIMARY KEY, name VARCHAR(80))")
connection.execute("INSERT INTO town_readers (name) VALUES ('Ada')")
connection.commit()
connection.close()
