FLASK_APP=archive
