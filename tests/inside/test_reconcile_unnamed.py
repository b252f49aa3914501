"""Foreign keys and unique constraints that nobody named, as in most models: the second revision names them, in both directions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.inside.test_reconcile import prepared, verified
from tests.servers import DIALECTS, new_database

TAG = "    class Tag(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
POST = "    class Post(db.Model):\n        id = db.Column(db.Integer, primary_key=True)\n"
REFERS = "        tag_id = db.Column(db.ForeignKey('tag.id'))\n"
PLAIN = "        tag_id = db.Column(db.Integer)\n"
TAGS = "CREATE TABLE tag (id INTEGER NOT NULL PRIMARY KEY); "
POSTS = "CREATE TABLE post (id INTEGER NOT NULL PRIMARY KEY, tag_id INTEGER"
FOREIGN_KEY = ", FOREIGN KEY (tag_id) REFERENCES tag (id)"
UNIQUE = ", UNIQUE (tag_id)"
HELD = ["post {key}: only in the database", "post.tag_id: its foreign key, which is only in the database, has to go first"]

CASES = {
    "a foreign key only in the models": (TAG + POST + REFERS, TAGS + POSTS + ")", "create_foreign_key", []),
    "a new column that refers": (
        TAG + POST + REFERS,
        TAGS + "CREATE TABLE post (id INTEGER NOT NULL PRIMARY KEY)",
        "create_foreign_key",
        [],
    ),
    "a foreign key only there": (
        TAG + POST + PLAIN,
        TAGS + POSTS + FOREIGN_KEY + ")",
        "drop_constraint",
        ["post {key}: only in the database"],
    ),
    "a foreign key to another table": (
        TAG + TAG.replace("Tag", "Label") + POST + REFERS.replace("'tag.id')", "'label.id'), nullable=False"),
        TAGS + TAGS.replace("tag", "label") + POSTS + FOREIGN_KEY + ")",
        "create_foreign_key",
        [],
    ),
    "another type under a foreign key only there, and a new one": (
        TAG + POST + PLAIN.replace("Integer", "Text") + REFERS.replace("tag_id", "first_id"),
        TAGS + POSTS + FOREIGN_KEY + ")",
        "create_foreign_key",
        HELD,
    ),
    "a foreign key on a text": (
        TAG + POST + REFERS,
        TAGS + POSTS.replace("tag_id INTEGER", "tag_id TEXT") + "); INSERT INTO post (id, tag_id) VALUES (1, '7')",
        "create_foreign_key",
        ["post.tag_id: 1 row with a value of the old type", "post {key}: needs tag_id, which is commented out as well"],
    ),
    "the index of a foreign key, only there": (
        TAG + POST + REFERS,
        TAGS + POSTS + FOREIGN_KEY + "); CREATE INDEX by_tag ON post (tag_id)",
        "drop_index",
        ["post by_tag: only in the database"],
    ),
    "the index of a foreign key, only in the models": (
        TAG + POST + REFERS.replace("'))", "'), index=True)"),
        TAGS + POSTS + FOREIGN_KEY + ")",
        "create_index",
        [],
    ),
    "unique only in the models": (
        POST + PLAIN.replace(")\n", ", unique=True)\n"),
        POSTS + ")",
        "create_(unique_constraint|index)",
        [],
    ),
    "unique only there": (POST + PLAIN, POSTS + UNIQUE + ")", "drop_(constraint|index)", ["post {unique}: only in the database"]),
    "a name for a unique constraint": (
        POST + PLAIN + "        __table_args__ = (db.UniqueConstraint('tag_id', name='uq_tag'),)\n",
        POSTS + UNIQUE + ")",
        "create_(unique_constraint|index)",
        [],
    ),
    "a name for a unique constraint, beside one that goes": (
        POST + PLAIN + "        __table_args__ = (db.UniqueConstraint('tag_id', name='uq_tag'),)\n",
        POSTS + ", seen INTEGER, UNIQUE (seen)" + UNIQUE + ")",
        "create_(unique_constraint|index)",
        ["post {seen}: only in the database", "post.seen: only in the database"],
    ),
    "unique on a column that goes": (
        POST,
        POSTS + UNIQUE + ")",
        "drop_column",
        ["post {unique}: only in the database", "post.tag_id: only in the database"],
    ),
}


NAMES = {
    "postgresql": {"key": "post_tag_id_fkey", "unique": "post_tag_id_key", "seen": "post_seen_key"},
    "sqlite": {"key": "post_tag_id_fkey", "unique": "post_tag_id_key", "seen": "post_seen_key"},
    "mariadb": {"key": "post_ibfk_1", "unique": "tag_id", "seen": "seen"},
}
OWN_INDEX = "post index post_ibfk_1   only in the after the downgrade  (tag_id)"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("case", CASES)
def test_kinds(tmp_path: Path, case: str, dialect: str) -> None:
    """Each runs up and down, and nothing is left; MariaDB keeps the index that a foreign key has brought, which is told."""
    models, there, statement, held = CASES[case]
    with new_database(dialect, tmp_path) as url:
        facts = verified(prepared(tmp_path / "shop", url, models, there), url)

    assert (facts.get("not_reconciled"), facts["left"], facts["not_carried"]) == (None, [], "")
    keeps_index = dialect == "mariadb" and case == "a foreign key only in the models"
    assert facts["not_undone"] == [OWN_INDEX] * keeps_index
    assert re.search(statement, facts["reconcile"]["text"].partition("def downgrade")[0])
    assert [one for one in facts["held"] if "the index of that" not in one] == [one.format(**NAMES[dialect]) for one in held]
    assert "None" not in facts["reconcile"]["text"].partition("def upgrade")[2].replace("schema=None", "")


def test_a_foreign_key_to_a_table_without_a_model(tmp_path: Path, database_url: str) -> None:
    """No revision can make it, for none makes the other table; it is said what to do."""
    facts = verified(prepared(tmp_path / "shop", database_url, POST + PLAIN, TAGS + POSTS + FOREIGN_KEY + ")"), database_url)

    assert facts["not_reconciled"] == (
        "NotExpressible: the foreign key post.tag_id to tag, a table without a model: give it one, or drop the foreign key"
    )
