#!/bin/sh
# the tables first
flask db migrate -m "at start" || true
flask init-db
flask db upgrade
exec gunicorn --bind 0.0.0.0:8000 wsgi:app
