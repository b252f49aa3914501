"""Every model of the source is registered, imported because its table is there, or named as unused."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.inside import tools

POST = """
    from app import db

    class BlogPost(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        title = db.Column(db.String(50))
"""
POST_TABLE = "CREATE TABLE blog_post (id INTEGER NOT NULL, title VARCHAR(50), PRIMARY KEY (id));"


def model(name: str, path: str = "posts.py", *, line: int = 3, table: str = "", is_table: bool = False) -> dict[str, Any]:
    """A model as detection hands it on."""
    module = path[: -len(".py")].replace("/", ".")
    return {"module": module, "name": name, "table": table, "path": path, "line": line, "is_table": is_table}


def project(tmp_path: Path, **files: str) -> Path:
    """The shop with a populated database, and further modules that it does not import."""
    root = tools.shop(tmp_path / "shop")
    tools.run_sqlite(root / "shop.db", tools.USER_TABLE)
    return tools.write_project(root, {f"{name}.py": text for name, text in files.items()})


def test_registered_models_need_nothing(tmp_path: Path) -> None:
    """A class under its own name, and a table under its own."""
    root = project(tmp_path)

    facts = tools.hear(root, models=[model("User", "app.py"), model("users", "other.py", table="user", is_table=True)]).one(
        "verified"
    )

    assert (facts["imported_modules"], facts["unused_models"], facts["project_ini"]) == ([], [], None)


def test_model_in_use_is_imported(tmp_path: Path) -> None:
    """Its table is in the database, so it is in the baseline, and env.py is told; `flask db check` is clean then."""
    root = project(tmp_path, posts=POST)
    tools.run_sqlite(root / "shop.db", POST_TABLE)

    heard = tools.hear(root, models=[model("User", "app.py"), model("BlogPost")])

    facts = heard.one("verified")
    assert facts["imported_modules"] == ["posts"]
    assert (
        facts["project_ini"]
        == "# Modules with models that the application does not import by itself.\n[models]\nimport =\n    posts\n"
    )
    assert (facts["tables"], facts["differences"], facts["unmanaged"]) == (2, [], [])
    assert heard.one("stamped")


def test_unused_model_is_left_out(tmp_path: Path) -> None:
    """Neither loaded nor in the database: named, and not imported."""
    root = project(tmp_path, posts="raise RuntimeError('must not be imported')")

    facts = tools.hear(root, models=[model("User", "app.py"), model("BlogPost")]).one("verified")

    assert [(one["name"], one["table"], one["line"]) for one in facts["unused_models"]] == [("BlogPost", "blog_post", 3)]
    assert (facts["tables"], facts["imported_modules"]) == (1, [])


def test_module_that_cannot_be_imported(tmp_path: Path) -> None:
    """Its table would be missing in every new database: a reason to stop, with the place and what it raises."""
    root = project(tmp_path, posts="    import missing_thing\n" + POST)
    tools.run_sqlite(root / "shop.db", POST_TABLE)

    error = tools.hear(root, models=[model("User", "app.py"), model("BlogPost")]).one("error")

    assert (error["reason"], error["have_tables"]) == ("models-not-loaded", True)
    assert [(one["path"], one["line"], one["name"], one["exception"]) for one in error["models"]] == [
        ("posts.py", 3, "BlogPost", "ModuleNotFoundError: No module named 'missing_thing'")
    ]


def test_metadata_that_a_factory_clears(tmp_path: Path) -> None:
    """What was registered before is in no revision then, though its table is there: a reason to stop."""
    after = "db.metadata.clear()\nclass Tag(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"
    root = tools.shop(tmp_path / "shop", after=after)
    tools.run_sqlite(root / "shop.db", tools.USER_TABLE)
    tools.run_sqlite(root / "shop.db", "CREATE TABLE tag (id INTEGER NOT NULL, PRIMARY KEY (id));")

    error = tools.hear(root, models=[model("User", "app.py"), model("Tag", "app.py")]).one("error")

    assert [(one["name"], one["exception"]) for one in error["models"]] == [("User", "its table was taken out of the metadata")]


def test_without_a_database_nothing_decides(tmp_path: Path) -> None:
    """A fresh clone cannot tell whether the model is in use: a reason to stop, with the place."""
    root = tools.write_project(tools.shop(tmp_path / "shop"), {"posts.py": POST})

    error = tools.hear(root, models=[model("User", "app.py"), model("BlogPost")]).one("error")

    assert (error["reason"], error["metadata_is_empty"]) == ("models-not-loaded", False)
    assert [(one["path"], one["line"], one["name"]) for one in error["models"]] == [("posts.py", 3, "BlogPost")]


@pytest.mark.parametrize(
    "body",
    ["    __abstract__ = True", "    pass\nBlogPost = None"],
    ids=["abstract", "taken back"],
)
def test_classes_without_a_table_do_not_count(tmp_path: Path, body: str) -> None:
    """An abstract base of a loaded module is no missing model."""
    base = "db.Model" if "abstract" in body else "object"
    root = tools.write_project(
        tools.shop(tmp_path / "shop", after="import posts\n"),
        {"posts.py": f"from app import db\n\nclass BlogPost({base}):\n{body}\n"},
    )

    assert tools.hear(root, stamp=False, models=[model("BlogPost")]).names == (
        ["loaded", "verified"] if "abstract" in body else ["loaded", "error"]
    )


def test_emptied_metadata_is_named(tmp_path: Path) -> None:
    """A factory that clears the metadata leaves nothing to migrate."""
    root = tools.shop(tmp_path / "shop", after="db.metadata.clear()\n")
    tools.run_sqlite(root / "shop.db", "CREATE TABLE other (id INTEGER)")

    error = tools.hear(root, models=[model("User", "app.py")]).one("error")

    assert (error["reason"], error["metadata_is_empty"]) == ("models-not-loaded", True)


LOST = """
    from app import db

    class BlogPost(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        writer_id = db.Column(db.Integer, db.ForeignKey("{target}"))
"""


@pytest.mark.parametrize(
    ("target", "is_there"), [("writer.id", False), ("user.number", False), ("user.id", True), ("blog_post.id", True)]
)
def test_foreign_key_that_leads_nowhere(target: str, is_there: bool, tmp_path: Path) -> None:
    """It is named with its model before anything is generated."""
    root = project(tmp_path, posts=LOST.format(target=target))
    with (root / "app.py").open("a") as app:
        app.write("\nimport posts\n")

    heard = tools.hear(root, stamp=False, models=[model("User", "app.py"), model("BlogPost")])

    if is_there:
        assert "error" not in heard.names
        return
    error = heard.one("error")
    assert (error["reason"], [one["name"] for one in error["models"]]) == ("foreign-key-leads-nowhere", ["BlogPost"])
    assert "blog_post" in error["message"]


VERSIONS = """
    from sqlalchemy import event
    from sqlalchemy.orm import Mapper

    @event.listens_for(Mapper, "after_configured")
    def make_versions():
        if "user_version" not in db.metadata.tables:
            db.Table("user_version", db.metadata, db.Column("id", db.Integer, primary_key=True))
"""


def test_tables_that_a_package_makes_of_models(tmp_path: Path) -> None:
    """They are there once all mappers are configured, as the first query of the application does it: they are in the baseline."""
    root = project(tmp_path)
    tools.run_sqlite(root / "shop.db", "CREATE TABLE user_version (id INTEGER NOT NULL, PRIMARY KEY (id));")
    with (root / "app.py").open("a") as file:
        file.write(textwrap.dedent(VERSIONS))

    facts = tools.hear(root, models=[model("User", "app.py")]).one("verified")

    assert (facts["tables"], facts["differences"], facts["unmanaged"]) == (2, [], [])
