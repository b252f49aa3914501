"""Imports go where a reader looks for them, and nowhere if the name is there."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from hooks.base.source import Source
from hooks.edit.core.imports import Available, environ_get, migrate_class
from hooks.edit.core.nodes import outline
from hooks.edit.core.splice import Edit, Splice, Untouched, apply
from hooks.edit.core.tree_changes import AddAlias, InsertAfter
from hooks.edit.python import wiring
from hooks.edit.python.db_import import alias_splice, sorted_index
from tests.edit.tools import attachments_in, check_edit, database_in, project


def wire_direct(source: Source) -> list[Edit | Untouched]:
    """Attach Flask-Migrate in a file that does all by itself."""
    database = database_in(source)
    return wiring.wire({source.path: source}, project(source.path), database, attachments_in(source, database))


def needed(source: Source, find: Callable[[Source, ast.AST], Available]) -> list[Edit]:
    """Make a name available at the file's last statement, and call it there unless it is called already."""
    last = outline(source).tree.body[-1]
    site = last.body[-1] if isinstance(last, ast.FunctionDef) else last
    found = find(source, site)
    call = f"{found.expression}()"
    if call in source.text:
        return []
    end = source.offset(site.end_lineno or 0, site.end_col_offset or 0)
    return [
        Edit(
            source.path,
            "test",
            (*found.splices, Splice(end, end, f"; {call}")),
            (*found.changes, InsertAfter(source.span(site), call)),
        )
    ]


MIGRATE = {
    "sorted before Flask-SQLAlchemy": (
        "from flask_login import x\nfrom flask_sqlalchemy import SQLAlchemy\ny",
        "from flask_login import x\nfrom flask_migrate import Migrate\nfrom flask_sqlalchemy import SQLAlchemy\ny; Migrate()",
    ),
    "unsorted: after it": (
        "from flask_wtf import x\nfrom flask_sqlalchemy import SQLAlchemy\ny",
        "from flask_wtf import x\nfrom flask_sqlalchemy import SQLAlchemy\nfrom flask_migrate import Migrate\ny; Migrate()",
    ),
    "comment above: after it": (
        "import x\n# the database\nfrom flask_sqlalchemy import SQLAlchemy\ny",
        "import x\n# the database\nfrom flask_sqlalchemy import SQLAlchemy\nfrom flask_migrate import Migrate\ny; Migrate()",
    ),
    "comment behind": (
        "from flask_wtf import x\nfrom flask_sqlalchemy import SQLAlchemy  # noqa\ny",
        "from flask_wtf import x\nfrom flask_sqlalchemy import SQLAlchemy  # noqa\nfrom flask_migrate import Migrate\ny; Migrate()",
    ),
    "a group of its own": (
        "from flask_wtf import x\n\nfrom flask_sqlalchemy import SQLAlchemy\ny",
        "from flask_wtf import x\n\nfrom flask_migrate import Migrate\nfrom flask_sqlalchemy import SQLAlchemy\ny; Migrate()",
    ),
    "module import, sorted": (
        "import flask_sqlalchemy\nimport requests\nfrom flask import x\nfrom shop import z\ny",
        "import flask_sqlalchemy\nimport requests\nfrom flask import x\nfrom flask_migrate import Migrate\nfrom shop import z\n"
        "y; Migrate()",
    ),
    "module import, the next group is another": (
        "import flask_sqlalchemy\n\nfrom app import x\ny",
        "import flask_sqlalchemy\nfrom flask_migrate import Migrate\n\nfrom app import x\ny; Migrate()",
    ),
    "module import in a function": (
        "def f():\n    import flask_sqlalchemy\n    from flask import x\n    y",
        "def f():\n    import flask_sqlalchemy\n    from flask import x\n    from flask_migrate import Migrate\n    y; Migrate()",
    ),
    "module import": (
        "import flask_sqlalchemy\nfrom shop import x\ny",
        "import flask_sqlalchemy\nfrom flask_migrate import Migrate\nfrom shop import x\ny; Migrate()",
    ),
    "names over several lines": (
        "from flask_wtf import x\nfrom flask_sqlalchemy import (\n    SQLAlchemy,\n)\ny",
        "from flask_wtf import x\nfrom flask_sqlalchemy import (\n    SQLAlchemy,\n)\nfrom flask_migrate import Migrate\n"
        "y; Migrate()",
    ),
    "old namespace": (
        "from flask.ext.sqlalchemy import SQLAlchemy\ny",
        "from flask.ext.sqlalchemy import SQLAlchemy\nfrom flask_migrate import Migrate\ny; Migrate()",
    ),
    "in the middle of the file": (
        "import sys\nsys.path.append('.')\nfrom flask_sqlalchemy import SQLAlchemy\ny",
        "import sys\nsys.path.append('.')\nfrom flask_migrate import Migrate\nfrom flask_sqlalchemy import SQLAlchemy\n"
        "y; Migrate()",
    ),
    "in a try": (
        "import sys\ntry:\n    from flask_sqlalchemy import SQLAlchemy\nexcept ImportError:\n    SQLAlchemy = None\n\ny",
        "import sys\ntry:\n    from flask_sqlalchemy import SQLAlchemy\nexcept ImportError:\n    SQLAlchemy = None\n"
        "from flask_migrate import Migrate\n\ny; Migrate()",
    ),
    "below its use": (
        "import sys\ny\nfrom flask_sqlalchemy import SQLAlchemy\nz",
        "import sys\ny\nfrom flask_migrate import Migrate\nfrom flask_sqlalchemy import SQLAlchemy\nz; Migrate()",
    ),
    "database from elsewhere": (
        "'''Shop.'''\nfrom shop.sqla import SQLAlchemy\nimport sys\n\ny",
        "'''Shop.'''\nfrom shop.sqla import SQLAlchemy\nimport sys\nfrom flask_migrate import Migrate\n\ny; Migrate()",
    ),
    "database from the package, beside Flask": (
        "import logging\n\nfrom flask import (\n    Flask,\n)\nfrom flask_login import x\nfrom flask_wtf import z\n\n"
        "from . import paths\nfrom .models import db\n\ny",
        "import logging\n\nfrom flask import (\n    Flask,\n)\nfrom flask_login import x\nfrom flask_migrate import Migrate\n"
        "from flask_wtf import z\n\nfrom . import paths\nfrom .models import db\n\ny; Migrate()",
    ),
    "database from the package, Flask last": (
        "import os\nfrom shop.models import db\nimport flask\n\ny",
        "import os\nfrom shop.models import db\nimport flask\nfrom flask_migrate import Migrate\n\ny; Migrate()",
    ),
    "database from the package, later extensions alone": (
        "import os\n\nfrom flask_restful import Api\nfrom shop.models import db\n\ny",
        "import os\n\nfrom flask_migrate import Migrate\nfrom flask_restful import Api\nfrom shop.models import db\n\ny; Migrate()",
    ),
    "names that begin like Flask's": (
        "from flasks import x\nfrom .flask import y\nimport flask, sys\nfrom shop.models import db\n\ny",
        "from flasks import x\nfrom .flask import y\nimport flask, sys\nfrom shop.models import db\n"
        "from flask_migrate import Migrate\n\ny; Migrate()",
    ),
    "no imports": ("'''Shop.'''\n\ny", "'''Shop.'''\n\nfrom flask_migrate import Migrate\n\ny; Migrate()"),
    "no imports, docstring on the same line": ("'''Shop.'''; y", "'''Shop.'''; from flask_migrate import Migrate; y; Migrate()"),
    "future on the same line": (
        "from __future__ import annotations; import sys\ny",
        "from __future__ import annotations; import sys\nfrom flask_migrate import Migrate\ny; Migrate()",
    ),
    "imported in the function": (
        "def f():\n    from flask_sqlalchemy import SQLAlchemy\n    y",
        "def f():\n    from flask_migrate import Migrate\n    from flask_sqlalchemy import SQLAlchemy\n    y; Migrate()",
    ),
    "a parameter of that name": (
        "from flask_sqlalchemy import SQLAlchemy\ndef f(Migrate):\n    y",
        "from flask_migrate import Migrate as FlaskMigrate\nfrom flask_sqlalchemy import SQLAlchemy\ndef f(Migrate):\n"
        "    y; FlaskMigrate()",
    ),
    "there already": ("from flask_migrate import Migrate\ny", "from flask_migrate import Migrate\ny; Migrate()"),
    "there under another name": ("from flask_migrate import Migrate as M\ny", "from flask_migrate import Migrate as M\ny; M()"),
    "module there": ("import flask_migrate as fm\ny", "import flask_migrate as fm\ny; fm.Migrate()"),
    "there in another function only": (
        "def g():\n    from flask_migrate import Migrate\ndef f():\n    y",
        "from flask_migrate import Migrate\n\n\ndef g():\n    from flask_migrate import Migrate\ndef f():\n    y; Migrate()",
    ),
    "there in one branch only": (
        "if x:\n    from flask_migrate import Migrate\nz = 1\ny",
        "if x:\n    from flask_migrate import Migrate\nfrom flask_migrate import Migrate\nz = 1\ny; Migrate()",
    ),
}


@pytest.mark.parametrize(("before", "after"), MIGRATE.values(), ids=MIGRATE)
def test_migrate(before: str, after: str):
    """`Migrate` is imported beside Flask-SQLAlchemy, else beside Flask, in order where the imports are in order."""
    check_edit(lambda source: needed(source, migrate_class), before, after)


OS = {
    "in order": (
        "import json\nimport sys\nfrom flask import x\ny",
        "import json\nimport os\nimport sys\nfrom flask import x\ny; os.environ.get()",
    ),
    "first of its group": ("import sys\n\nimport flask\ny", "import os\nimport sys\n\nimport flask\ny; os.environ.get()"),
    "before from imports": ("from datetime import date\ny", "import os\nfrom datetime import date\ny; os.environ.get()"),
    "comment above the first": ("# std\nimport sys\ny", "# std\nimport sys\nimport os\ny; os.environ.get()"),
    "only third parties": (
        "# coding: utf-8\nfrom flask import Flask\ny",
        "# coding: utf-8\nimport os\n\nfrom flask import Flask\ny; os.environ.get()",
    ),
    "third parties under a heading": (
        "'''Shop.'''\n\n# third parties\nfrom flask import Flask\ny",
        "'''Shop.'''\n\nimport os\n\n# third parties\nfrom flask import Flask\ny; os.environ.get()",
    ),
    "imported in one branch": (
        "if x:\n    import os\nz = 1\ny",
        "import os\n\nif x:\n    import os\nz = 1\ny; os.environ.get()",
    ),
    "deleted again": ("import os\ndel os\ny", "import os as os_module\nimport os\ndel os\ny; os_module.environ.get()"),
    "attribute of a class around": (
        "class C:\n    os = 1\ndef f():\n    y",
        "import os\n\n\nclass C:\n    os = 1\ndef f():\n    y; os.environ.get()",
    ),
    "docstring, then a class": (
        "'''Shop.'''\n\n\nclass C:\n    x\ny",
        "'''Shop.'''\n\nimport os\n\n\nclass C:\n    x\ny; os.environ.get()",
    ),
    "docstring, then a class below one line": (
        "'''Shop.'''\n\nclass C:\n    x\ny",
        "'''Shop.'''\n\nimport os\n\n\nclass C:\n    x\ny; os.environ.get()",
    ),
    "docstring, then a class with a comment": (
        "'''Shop.'''\n\n\n# The settings.\nclass C:\n    x\ny",
        "'''Shop.'''\n\nimport os\n\n\n# The settings.\nclass C:\n    x\ny; os.environ.get()",
    ),
}


@pytest.mark.parametrize(("before", "after"), OS.values(), ids=OS)
def test_os(before: str, after: str):
    """`import os` goes among the standard library's imports at the top."""
    check_edit(lambda source: needed(source, environ_get), before, after)


def test_flask_migrate_in_a_sorted_row():
    """It goes where it is in order, above imports that come later than it and before Flask-SQLAlchemy's."""
    check_edit(
        wire_direct,
        """
        from flask import Flask
        from flask_login import LoginManager
        from flask_restful import Api
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy(app)
        """,
        """
        from flask import Flask
        from flask_login import LoginManager
        from flask_migrate import Migrate
        from flask_restful import Api
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy(app)
        migrate = Migrate(app, db)
        """,
    )


def test_flask_migrate_in_a_row_that_is_not_sorted():
    """It goes beside Flask-SQLAlchemy."""
    check_edit(
        wire_direct,
        """
        from flask_restful import Api
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy(app)
        """,
        """
        from flask_restful import Api
        from flask import Flask
        from flask_migrate import Migrate
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy(app)
        migrate = Migrate(app, db)
        """,
    )


NAMES = {
    "in order": ("from shop.extensions import db, moment", "from shop.extensions import db, migrate, moment"),
    "the last": ("from shop.extensions import cache, db", "from shop.extensions import cache, db, migrate"),
    "in no order": (
        "from shop.extensions import db, cache, moment, auth",
        "from shop.extensions import db, cache, moment, auth, migrate",
    ),
    "classes first": ("from shop.extensions import Api, db, ma", "from shop.extensions import Api, db, ma, migrate"),
    "one for each line": (
        "from shop.extensions import (\n    db,\n    moment,\n)",
        "from shop.extensions import (\n    db,\n    migrate,\n    moment,\n)",
    ),
    "too long": (
        "from shop.extensions import alembic, babel, bcrypt, cache, csrf_protect, db, login_manager",
        "from shop.extensions import (\n    alembic,\n    babel,\n    bcrypt,\n    cache,\n    csrf_protect,\n    db,\n"
        "    login_manager,\n    migrate,\n)",
    ),
}


@pytest.mark.parametrize(("before", "after"), NAMES.values(), ids=NAMES)
def test_name_beside_another(before, after):
    """A name goes where it is in order; a line that it would make too long becomes one for each name."""
    source = Source("app.py", f"{before}\n".encode())
    statement = source.tree.body[0]
    assert isinstance(statement, ast.ImportFrom)
    change = AddAlias(source.span(statement), "migrate", sorted_index(statement, "migrate"))

    edited = apply(source, [Edit("app.py", "wiring", (alias_splice(source, statement, "migrate", 88),), (change,))])

    assert edited.decode() == f"{after}\n"


def test_name_beside_another_in_a_project_with_shorter_lines():
    """What flake8 alone lets be is shorter."""
    text = "from shop.extensions import alembic, babel, bcrypt, cache, db, login_manager\n"
    source = Source("app.py", text.encode())
    statement = source.tree.body[0]
    assert isinstance(statement, ast.ImportFrom)
    change = AddAlias(source.span(statement), "migrate", sorted_index(statement, "migrate"))

    edited = apply(source, [Edit("app.py", "wiring", (alias_splice(source, statement, "migrate", 79),), (change,))])

    names = ("alembic", "babel", "bcrypt", "cache", "db", "login_manager", "migrate")
    assert edited.decode() == "from shop.extensions import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"
