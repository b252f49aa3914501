"""Run the scripts that this database has not seen yet, in order."""

import pathlib
import sqlite3

pathlib.Path("instance").mkdir(exist_ok=True)
connection = sqlite3.connect("instance/garden.db")
connection.execute("CREATE TABLE IF NOT EXISTS applied (name TEXT PRIMARY KEY)")
seen = {name for (name,) in connection.execute("SELECT name FROM applied")}
for script in sorted(pathlib.Path("migrations").glob("*.sql")):
    if script.name not in seen:
        connection.executescript(script.read_text())
        connection.execute("INSERT INTO applied VALUES (?)", [script.name])
connection.commit()
