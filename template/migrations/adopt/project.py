"""What `migrations/project.ini` says about this project: models that nobody imports, and tables that have no model."""

import configparser
import importlib
import os

FILE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "project.ini")


def read():
    parser = configparser.ConfigParser(allow_no_value=True, interpolation=None)
    parser.read(FILE, encoding="utf-8")
    return parser


def import_models():
    """Import the modules with models that the application does not import."""
    for module in read().get("models", "import", fallback="").split():
        importlib.import_module(module)


def unmanaged():
    """The tables that are left alone, as "table" or "schema.table"."""
    return set(read().get("unmanaged", "tables", fallback="").split())
