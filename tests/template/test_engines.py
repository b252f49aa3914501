"""Connections of ours: they wait only so long, and TLS is set up once."""

from __future__ import annotations

import socket

import pytest
from migrations.adopt.base.errors import DatabaseUnreachable
from migrations.adopt.server import engines, readonly

from tests.servers import require_server


@pytest.fixture
def silent_port():
    """A server that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield listening.getsockname()[1]


@pytest.mark.parametrize("scheme", ["postgresql+psycopg2", "postgresql+psycopg", "mysql+pymysql"])
def test_server_that_never_answers(scheme, silent_port, monkeypatch):
    """A look ends with the reason instead of waiting for ever."""
    monkeypatch.setitem(engines.CONNECTING, scheme.partition("+")[2], {"connect_timeout": 2})
    monkeypatch.setitem(engines.READING, "pymysql", {"read_timeout": 2})

    with pytest.raises(DatabaseUnreachable), readonly.connect(f"{scheme}://shop:secret@127.0.0.1:{silent_port}/shop"):
        pass


def test_what_the_url_says_about_waiting_wins(monkeypatch):
    """Neither the URL nor libpq's own variable is overridden."""
    assert engines.waiting(readonly.make_url("postgresql+psycopg2://db/shop?connect_timeout=3")) == engines.DEAD_AFTER

    monkeypatch.setenv("PGCONNECT_TIMEOUT", "3")
    assert engines.waiting(readonly.make_url("postgresql+psycopg2://db/shop")) == engines.DEAD_AFTER


def test_tls_is_set_up_once_for_all_that_say_nothing_about_it(monkeypatch):
    """PyMySQL reads the certificates of the system for every connection; a connection with settings of its own still does."""
    server = require_server("mariadb")
    with engines.engine(server).connect():
        pass
    monkeypatch.setattr("ssl.create_default_context", lambda **_: pytest.fail("set up again"))

    with engines.engine(server).connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    with pytest.raises(pytest.fail.Exception), engines.engine(server, {"ssl_verify_cert": True}).connect():
        pass
