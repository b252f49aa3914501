"""Would plain `flask` find the application, and what must `.flaskenv` say if not?

Rules of Flask itself: `FLASK_APP`, else `wsgi.py`, else `app.py`; in a module the names `app` and `application`, then a single
Flask object, then the factories `create_app` and `make_app` that need no argument
(https://flask.palletsprojects.com/en/stable/cli/#application-discovery).
"""

from __future__ import annotations

from hooks.base.facts import App, AppKind, Existing, FlaskAppHint, Project
from hooks.base.location import Location

NAME = "flask_app"  # of the Flask object inside a wrapper
OBJECT_NAMES = ("app", "application")
FACTORY_NAMES = ("create_app", "make_app")
PACKAGING = ("pyproject.toml", "setup.py", "setup.cfg")


def found_by_flask(app: App, project: Project) -> bool:
    """Whether `flask` without FLASK_APP gets this application from the project's root."""
    for module in ("wsgi", "app"):
        if f"{module}.py" in project.files or f"{module}/__init__.py" in project.files:
            return module in {app.module, *(alias[0] for alias in app.aliases)} and found_in_module(app, module)
    return False


def found_in_module(app: App, module: str) -> bool:
    """Whether `FLASK_APP=module` is enough: the name is one that flask tries."""
    names = {app.name} if app.module == module else set()
    names |= {alias[1] for alias in app.aliases if alias[0] == module}
    if app.kind is AppKind.OBJECT:
        return bool(names)  # any single Flask object of a module is found
    return app.kind is AppKind.FACTORY and not app.arguments and not app.required and bool(names & set(FACTORY_NAMES))


def flask_app_spec(app: App) -> str:
    """The shortest FLASK_APP that leads to the application."""
    if app.kind is AppKind.WRAPPED:
        return longest_flask_app_spec(app)
    if app.kind is AppKind.OBJECT and app.name in OBJECT_NAMES:
        return app.module
    return app.module if found_in_module(app, app.module) and app.kind is AppKind.FACTORY else app.spec


def longest_flask_app_spec(app: App) -> str:
    """The FLASK_APP that leaves nothing to guess."""
    return f"{app.module}:{NAME}" if app.kind is AppKind.WRAPPED else app.spec


def flask_app_by_path(app: App, project: Project) -> str:
    """The FLASK_APP that leads there by the path, where the modules are in a folder and not installed; "" where the team does not
    start them from the root, as far as the repository shows.
    """
    if not app.folder:
        return ""
    is_src = app.folder == "src" and any(path in PACKAGING for path in project.files)
    if not is_src and not any(hint.spec.startswith(f"{app.folder}/") for hint in project.hints):
        return ""
    module, colon, name = flask_app_spec(app).partition(":")
    return f"{app.folder}/{module.replace('.', '/')}{colon}{name}"


def said_flask_app(project: Project) -> FlaskAppHint | None:
    """What the files that `flask` itself reads say already."""
    return next((hint for hint in project.hints if hint.where.path in (".flaskenv", ".env")), None)


def flask_app_to_write(app: App, project: Project) -> str | None:
    """What `.flaskenv` must say, or None where `flask` finds the application as things are."""
    if said_flask_app(project) or found_by_flask(app, project):
        return None
    return flask_app_spec(app)


def file_for_old_flask(app: App, project: Project) -> str | None:
    """The file that FLASK_APP must name for Flask before 1.0, None where there is none.

    That Flask reads no `.flaskenv`, looks for no `app.py`, calls no factory, and finds the modules of the working directory by
    their path alone.
    """
    made = [one for one in project.apps if one.made_by and one.made_by == app.spec.partition("(")[0] and not one.in_tests]
    return next((one.where.path for one in (app, *made) if one.kind is not AppKind.FACTORY), None)


def attached_for_flask(existing: Existing, app: App | None = None) -> list[Location]:
    """Where Flask-Migrate is attached such that `flask` sees it.

    The file of a Flask-Script manager it imports only where that is the module of `app`.
    """
    script = existing.flask_script.path if existing.flask_script else None
    is_imported = app is not None and app.where.path == script
    return [place for place in existing.migrate if place.path != script or (is_imported and place in existing.on_import)]
