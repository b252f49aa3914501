"""Which applications only a database uses."""

from __future__ import annotations

import pytest

from hooks.detect.app import find_apps
from hooks.detect.attachments import find_attachments
from hooks.detect.bare import mark_bare
from hooks.detect.calls import CallGraph
from hooks.detect.database import find_databases
from tests.detect.tools import Text

SHOP = {
    "models.py": "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n",
    "application.py": """
        from flask import Flask
        from models import db

        app = Flask(__name__)
        db.init_app(app)

        @app.route("/")
        def index():
            return "shop"
    """,
}
CREATE = """
    from flask import Flask
    from models import db

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
    db.init_app(app)
"""


def bare(files: dict[str, str]) -> list[str]:
    """The applications that are marked."""
    text = Text(files)
    index = text.index
    apps, databases, graph = find_apps(index), find_databases(index), CallGraph(index)
    return [app.spec for app in mark_bare(index, graph, apps, find_attachments(index, databases, graph, apps)) if app.is_bare]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        pytest.param("create.py", CREATE, id="configured and attached"),
        pytest.param("create.py", CREATE + "    with app.app_context():\n        db.create_all()\n", id="in its context"),
        pytest.param("create.py", CREATE + "    db.create_all(app=app)\n", id="given to create_all"),
        pytest.param(
            "model.py",
            "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\napp = Flask(__name__)\ndb = SQLAlchemy(app)\n",
            id="a sample with a database of its own",
        ),
    ],
)
def test_only_a_database_uses_it(path: str, source: str) -> None:
    """No route, not run, not imported: it is there to have a database."""
    assert bare({**SHOP, path: source}) == [f"{path[:-3]}:app"]


@pytest.mark.parametrize(
    ("files", "addition"),
    [
        pytest.param({}, '    @app.route("/new")\n    def new():\n        return ""\n', id="a route"),
        pytest.param({}, "    app.run()\n", id="run"),
        pytest.param({}, "    app.register_blueprint(shop)\n", id="a blueprint"),
        pytest.param({}, "    api = Api(app)\n", id="given to an extension"),
        pytest.param({}, "    application = app\n", id="another name"),
        pytest.param({"views.py": "from create import app\n"}, "", id="imported"),
        pytest.param({"views.py": "import create\n"}, "", id="its module imported"),
        pytest.param({"tests/test_shop.py": "from create import app\n"}, "", id="imported by a test"),
    ],
)
def test_something_else_uses_it(files: dict[str, str], addition: str) -> None:
    """Anything beside a database may make it the application that is meant."""
    assert bare({**SHOP, **files, "create.py": CREATE + addition}) == []


def test_a_factory_is_never_bare() -> None:
    """What it makes is used elsewhere, perhaps only by a server's command line."""
    factory = "from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    return app\n"

    assert bare({**SHOP, "create.py": factory}) == []


def test_a_single_application_is_not_asked_about() -> None:
    """Where there is no other one, it is the application whatever uses it."""
    assert bare({"models.py": SHOP["models.py"], "create.py": CREATE}) == []


FACTORY = {
    **SHOP,
    "shop.py": """
        from flask import Flask
        from models import db

        def create_app():
            app = Flask(__name__)
            db.init_app(app)
            return app
    """,
}
WORKS = {
    "in its context": "with app.app_context():\n    db.drop_all()",
    "by a call": "reset_database(app)",
    "in a loop": "for user in users():\n    send(user)",
    "if something": "if empty():\n    fill(app)",
}


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_a_script_is_no_entry_point(work: str) -> None:
    """What is done when a script is imported is not done for the sake of the application in it."""
    assert bare({**FACTORY, "reset.py": f"from shop import create_app\napp = create_app()\n{work}\n"}) == ["reset:app"]


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        pytest.param("wsgi.py", WORKS["in its context"], id="usual name"),
        pytest.param("shop_server.py", "", id="nothing else"),
        pytest.param("shop_server.py", "app.run()", id="runs it"),
        pytest.param("shop_server.py", "if __name__ == '__main__':\n    reset(app)", id="works as a script only"),
        pytest.param("shop_server.py", "@app.shell_context_processor\ndef context():\n    return {}", id="defines"),
    ],
)
def test_entry_points_are_none(path: str, rest: str) -> None:
    """A module of a usual name, and one that only defines things, is there to be imported."""
    assert bare({**FACTORY, path: f"from shop import create_app\napp = create_app()\n{rest}\n"}) == []
