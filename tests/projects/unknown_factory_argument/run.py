import configparser
import sys

from plant import create_app
from plant.models import Machine, db


def main(path, command="run"):
    parser = configparser.ConfigParser()
    parser.read(path)
    app = create_app(parser["plant"])
    if command == "create":
        with app.app_context():
            db.create_all()
            db.session.add(Machine(name="press"))
            db.session.commit()
    else:
        app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
