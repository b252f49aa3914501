"""A real PgBouncer in transaction mode before a PostgreSQL database, with few sessions for all clients.

Skips the test where none is installed, or fails it under REQUIRE_SERVERS=1.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

SETTINGS = """\
[databases]
* = host={host} port={port} user={user}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
auth_type = any
pool_mode = transaction
default_pool_size = {size}
unix_socket_dir =
"""


def program() -> str:
    """The path of PgBouncer."""
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if found is None:
        words = "PgBouncer is not installed"
        if os.environ.get("REQUIRE_SERVERS") == "1":
            pytest.fail(words)
        pytest.skip(words)
    return found


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def pooled(url: str | URL, folder: Path, size: int = 1) -> Iterator[URL]:
    """The URL of the same database through a PgBouncer that ends with the block; `size` is the sessions of each database."""
    pgbouncer, direct, port = program(), make_url(url), free_port()
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        SETTINGS.format(
            host=direct.host,
            port=direct.port or 5432,
            user=direct.username,
            password=f" password={direct.password}" if direct.password else "",
            own_port=port,
            size=size,
        )
    )
    command = [pgbouncer, "-q", *(["-u", "nobody"] if os.getuid() == 0 else []), str(settings)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        through = direct.set(host="127.0.0.1", port=port)
        wait_for(process, port)
        yield through
    finally:
        process.terminate()
        process.communicate()


def wait_for(process: subprocess.Popen[str], port: int) -> None:
    """Until it listens."""
    for _ in range(100):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    process.terminate()
    raise RuntimeError(f"PgBouncer does not listen: {process.communicate()[0]}")
