"""The lines that attach a database which only `python module.py` attaches."""

from __future__ import annotations

import pytest

from hooks.detect.app import find_apps
from hooks.detect.attachments import find_attachments
from hooks.detect.calls import CallGraph
from hooks.detect.database import find_databases
from tests.detect.tools import Text

DB = "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n"
HEAD = "from flask import Flask\napp = Flask(__name__)\n"


def lines(source: str) -> list[tuple[str, ...]]:
    """Of each attachment in shop/app.py."""
    text = Text({"shop/__init__.py": "", "shop/db.py": DB, "shop/app.py": HEAD + source})
    index = text.index
    apps, databases, graph = find_apps(index), find_databases(index), CallGraph(index)
    return [place.lines for place in find_attachments(index, databases, graph, apps)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            "from shop.db import db\nif __name__ == '__main__':\n    db.init_app(app)\n    app.run()\n",
            ("from shop.app import app", "from shop.db import db", "db.init_app(app)"),
            id="in the block",
        ),
        pytest.param(
            "if __name__ == '__main__':\n    from shop.db import db\n    db.init_app(app)\n    app.run()\n",
            ("from shop.app import app", "from shop.db import db", "db.init_app(app)"),
            id="imported in the block",
        ),
        pytest.param(
            "from shop.db import db\ndef setup(a):\n    db.init_app(a)\ndef main():\n    setup(app)\n    app.run()\n"
            "if __name__ == '__main__':\n    main()\n",
            ("from shop.app import app, setup", "setup(app)"),
            id="a helper that takes the application",
        ),
        pytest.param(
            "from shop.db import db as database\ndef main():\n    database.init_app(app)\n    app.run()\n"
            "if __name__ == '__main__':\n    main()\n",
            ("from shop.app import app", "from shop.db import db as database", "database.init_app(app)"),
            id="by another name",
        ),
    ],
)
def test_outermost_call_that_stands_alone(source: str, expected: tuple[str, ...]) -> None:
    """What it needs is imported from where it is defined."""
    assert lines(source) == [expected]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("from shop.db import db\ndb.init_app(app)\n", id="attached on import"),
        pytest.param(
            "from shop.db import db\nif __name__ == '__main__':\n    other = decorated(app)\n    db.init_app(other)\n"
            "    app.run()\n",
            id="a name of the block",
        ),
        pytest.param(
            "from shop.db import db\ndef main():\n    a = Flask('a')\n    db.init_app(a)\n    a.run()\n"
            "if __name__ == '__main__':\n    main()\n",
            id="a local application",
        ),
    ],
)
def test_nothing_to_paste(source: str) -> None:
    """No lines where none are needed, or where they would need a value that no module holds."""
    assert lines(source) == [()]
