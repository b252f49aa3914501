from flask.cli import FlaskGroup

from journal import create_app


def main():
    FlaskGroup(create_app=create_app)()


if __name__ == "__main__":
    main()
