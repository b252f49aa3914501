"""What the kernel refuses to connect to while the application is asked what it is configured with."""

from __future__ import annotations

import platform
import socket
from pathlib import Path

import pytest

from hooks.inside.guard import out_of_reach
from tests.template.kernel import REFUSED, REQUIRED, needs_abi, outcomes

RESTRICTION = """
import dataclasses
from adopt.base import landlock
from hooks.inside.guard import out_of_reach
landlock.restrict([{writable!r}])
said = dataclasses.asdict(out_of_reach.refuse(landlock, {ports!r}))
"""
is_known = platform.machine() in out_of_reach.SOCKET
knows_sockets = pytest.mark.skipif(not is_known and not REQUIRED, reason="not known on this machine")


def refused(folder: Path, ports: object, actions: list[str]) -> tuple[dict, list[str]]:
    """(what is said to be refused, what becomes of each action, a line of Python) in one process."""
    return outcomes(RESTRICTION.format(writable=str(folder), ports=ports), actions)


@needs_abi[4]
def test_ports(tmp_path):
    """A port that is given is refused, others are not; "all" refuses every one."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [server.getsockname()[1] for server in (one, other)]
        actions = [f"import socket; socket.create_connection(('127.0.0.1', {port}))" for port in ports]

        said, became = refused(tmp_path, {ports[0]}, actions)

        assert (said["ports"], became) == ([ports[0]], [REFUSED, "done"])
        assert refused(tmp_path, "all", actions)[1] == [REFUSED, REFUSED]


@needs_abi[4]
@knows_sockets
def test_socket_files(tmp_path):
    """No program connects to one, whoever listens; a log goes to its socket, and a pair of sockets can be made."""
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        server.bind(str(tmp_path / "server"))
        server.listen()
        log.bind(str(tmp_path / "log"))
        connect = f"import socket; socket.socket(socket.AF_UNIX, socket.SOCK_STREAM{{}}).connect({str(tmp_path / 'server')!r})"
        in_child = connect.format("")
        actions = [
            in_child,
            connect.format(" | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK"),
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {in_child!r}], stderr=subprocess.DEVNULL)",
            f"import logging.handlers; logging.handlers.SysLogHandler({str(tmp_path / 'log')!r}).emit(logging.makeLogRecord({{}}))",
            "import asyncio, socket; socket.socketpair(); asyncio.new_event_loop().close()",
        ]

        said, became = refused(tmp_path, {5432}, actions)

        assert said["socket_files"] is True
        assert became == [REFUSED, REFUSED, "done", "done", "done"]
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has connected
            server.accept()


def test_a_kernel_that_refuses_nothing(monkeypatch):
    """Nothing is raised, and nothing is said to be refused."""
    monkeypatch.setattr("adopt.base.landlock.platform.machine", lambda: "vax")
    from adopt.base import landlock

    assert out_of_reach.refuse(landlock, {5432}) == out_of_reach.Refused()


def test_ports_that_the_environment_names():
    """Of a variable for a database's port, whatever it is called; not of another one."""
    environ = {"DB_PORT": "54321", "POSTGRES_PORT": "6000", "PORT": "8000", "VAULT_PORT": "8200", "MYSQL_TCP_PORT": "none"}

    assert out_of_reach.ports_of_databases(environ) == {*out_of_reach.PORTS, 54321, 6000}
