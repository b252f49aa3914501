"""Database URLs: whether two lead to one database, and what may be shown of them."""

from __future__ import annotations

import pytest

from adopt.base import errors, urls


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("postgresql://a@localhost/shop", "postgresql://b:secret@127.0.0.1:5432/shop"),
        ("postgresql+psycopg2://a@localhost/shop", "postgresql+psycopg://a@[::1]/shop"),
        ("postgres://a@localhost/shop", "postgresql://a@localhost/shop"),
        ("postgresql:///shop", "postgresql://localhost/shop"),
        ("postgresql:///shop?host=/var/run/postgresql", "postgresql://localhost/shop"),
        ("postgresql://shop@localhost", "postgresql://shop@localhost/shop"),
        ("mysql+pymysql://a@localhost/shop", "mariadb+pymysql://a@127.0.0.1:3306/shop"),
        ("mysql+pymysql://a@localhost/Shop", "mysql+pymysql://a@localhost/shop"),
        ("sqlite:////tmp/shop.db", "sqlite:////tmp/../tmp/shop.db"),
        ("sqlite:////tmp/shop.db", "sqlite:///file:/tmp/shop.db?mode=rw&uri=true"),
    ],
)
def test_two_names_of_one_database(one, other):
    """Spelling, driver, credentials and defaults do not make another database."""
    assert urls.same_database(one, other)
    assert urls.same_database(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("postgresql://a@localhost/shop", "postgresql://a@localhost/shop_test"),
        ("postgresql://a@localhost/shop", "postgresql://a@localhost:5433/shop"),
        ("postgresql://a@localhost/shop", "postgresql://a@192.0.2.7/shop"),
        ("postgresql://a@localhost/Shop", "postgresql://a@localhost/shop"),
        ("postgresql://a@localhost/shop", "mysql+pymysql://a@localhost/shop"),
        ("sqlite:////tmp/shop.db", "sqlite:////tmp/other.db"),
        ("sqlite://", "sqlite://"),
    ],
)
def test_two_databases(one, other):
    """Another name, port, machine or dialect is another database, and so is every database in memory."""
    assert not urls.same_database(one, other)


def test_symbolic_link_is_the_same_file(tmp_path):
    """Two paths of one SQLite file are one database."""
    (tmp_path / "real.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")

    assert urls.same_database(f"sqlite:///{tmp_path}/link.db", f"sqlite:///{tmp_path}/real.db")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://shop:pa%25ss@db/shop", "postgresql://shop:***@db/shop"),
        ("postgresql://db/shop?user=shop&password=secret", "postgresql://db/shop?password=***&user=shop"),
        ("sqlite:///shop.db", "sqlite:///shop.db"),
    ],
)
def test_password_is_not_shown(url, shown):
    """Neither the password of the URL nor one among its options is in the text that is shown."""
    assert urls.redact(url) == shown


def test_password_in_another_message_is_hidden():
    """A driver's message that quotes the password, quoted or not, does not show it."""
    urls.redact("postgresql://shop:p%25w@db/shop")
    error = errors.AdoptError("cannot parse postgresql://shop:p%25w@db/shop (p%w)")

    assert str(error) == "cannot parse postgresql://shop:***@db/shop (***)"
