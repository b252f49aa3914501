"""migrations/adopt/ as one package, however it was reached: env.py and script.py.mako are loaded by their paths and belong to none.

`migrations` need not be importable under that name, or may be somebody else's. Where it is ours, the package is `migrations.adopt`,
as for everybody else who imports it, so that no class is there twice; otherwise it has a name that no other package has.
"""

import hashlib
import importlib
import importlib.util
import os
import sys

FOLDER = os.path.dirname(os.path.realpath(__file__))
PRIVATE = "migrations_adopt_" + hashlib.sha1(FOLDER.encode("utf-8", "surrogateescape")).hexdigest()[:10]


def module(name):
    """One module of this package: module("urls")."""
    return importlib.import_module(package_name() + "." + name)


def package_name():
    """What the package is called in this process; it is loaded where it is not yet."""
    if PRIVATE in sys.modules:
        return PRIVATE
    if is_ours(sys.modules.get("migrations.adopt")) or is_importable():
        return "migrations.adopt"
    path = os.path.join(FOLDER, "__init__.py")
    spec = importlib.util.spec_from_file_location(PRIVATE, path, submodule_search_locations=[FOLDER])
    sys.modules[PRIVATE] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[PRIVATE])
    return PRIVATE


def is_ours(package):
    return package is not None and os.path.realpath(list(package.__path__)[0]) == FOLDER


def is_importable():
    """Whether `import migrations.adopt` would find this folder."""
    try:
        spec = importlib.util.find_spec("migrations")
    except ValueError:  # put there by somebody who gave it no __spec__
        return False
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    return bool(folders) and os.path.realpath(os.path.join(folders[0], "adopt")) == FOLDER
