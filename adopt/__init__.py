"""Verify that a database is what the revisions build, then stamp it: `python -m migrations.adopt`.

A database is only read until every check has passed; the one write is the row of `alembic_version`, and stamp.py alone makes it.
Runs on Python 3.7+, Flask-SQLAlchemy 2.1+, SQLAlchemy 1.2+, Alembic 1.4+, and imports nothing else.
"""
