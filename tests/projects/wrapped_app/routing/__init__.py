"""Routes from a specification, the part of it that is needed here."""

import importlib
import json
import pathlib

import flask


class App:
    """Makes a Flask application and gives it the routes of a specification."""

    def __init__(self, import_name, specification_dir="."):
        self.app = flask.Flask(import_name)
        self.specification_dir = pathlib.Path(specification_dir)

    def add_api(self, name):
        paths = json.loads((self.specification_dir / name).read_text())["paths"]
        for path, methods in paths.items():
            for method, operation in methods.items():
                module, _, function = operation["operationId"].rpartition(".")
                view = getattr(importlib.import_module(module), function)
                self.app.add_url_rule(path, operation["operationId"], view, methods=[method.upper()])

    def run(self, **options):
        self.app.run(**options)
