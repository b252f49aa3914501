"""Python programs that start in a hundredth of a second: forked from a process that has imported their libraries already.

`flask db current` spends nine tenths of its time on importing Flask, SQLAlchemy and Alembic, and `copier copy` a third on Copier.
A process of server.py imports them once for each pytest process. Every program is a fork of it, with a working directory,
environment, arguments and streams of its own, and leaves as Python does: a process as any other to the test, to the code in it
and to the databases. Four things are different: libraries are imported before the program's first line, the hashes of strings are
the same in all programs, each is the leader of a session, and garbage is looked for less often.

Where a test is about that start, or is to be as a user's run in everything, it takes the fixture `from_nothing`. For every test:
    WARM=0 make test
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

from hooks import bundle
from tests.warm.server import at_start

SERVER = Path(__file__).with_name("server.py")
STAND_IN = Path(__file__).with_name("python.py")
LIBRARIES = {
    "copier": ("copier", "copier._cli", "copier._main"),
    # hooks/inside/load/warm_up.py imports these before a project's code, too. No driver: when it comes can make a difference.
    "flask": (
        *("sqlalchemy.orm", "flask.cli", "flask_sqlalchemy", "alembic.command", "mako.template", "flask_migrate", "dotenv"),
        *("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.mysql"),
        "cryptography.hazmat.primitives.serialization",  # of PyMySQL
    ),
}
COMPILE = """
from migrations import adopt
importer = adopt.Importer("shop")
for name in importer.texts:
    importer.get_code("shop." + name)
"""
# Programs of `python -m` that are no part of a project.
OTHERS = ("pip", "pytest", "ruff", "uv", "venv", "mypy")


def libraries_for(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """Which libraries a command is forked with; "" for one that is to be started from nothing."""
    if not is_on() or command[0] != sys.executable or len(command) < 2 or at_start(environ) != at_start(os.environ):
        return ""
    if command[1] == "-m":
        return "" if command[2] in OTHERS else "copier" if command[2] == "copier" else "flask"
    return "flask" if command[1] == "-c" or command[1].endswith(".py") else ""


def is_on() -> bool:
    """Whether programs are forked at all: on Linux, unless WARM=0."""
    return hasattr(os, "pidfd_open") and os.environ.get("WARM") != "0"


def python() -> str:
    """A Python for programs that start others: a stand-in for this test's (python.py), which forks what can be forked."""
    return stand_in() if is_on() else sys.executable


@cache
def stand_in() -> str:
    """The path of the stand-in, written on first use."""
    for libraries in LIBRARIES:
        server(libraries)
    kept()
    path = folder() / "python"
    path.write_text(f"#!{sys.executable} -IS\n" + STAND_IN.read_text())
    path.chmod(0o755)
    (folder() / "stands_for").write_text(sys.executable)
    return str(path)


def run(
    command: Sequence[str],
    *,
    libraries: str,
    cwd: Path,
    environ: Mapping[str, str],
    timeout_s: float,
    merged: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """As `subprocess.run` with nothing to read and both streams caught, in one with `merged`.

    Copier reads the template in a clone that is kept, and starts the hook with `python()`.

    Raises:
        subprocess.TimeoutExpired: the program, and all that it had started, was ended.
    """
    is_copier = libraries == "copier"
    command = [python() if is_copier else command[0], *command[1:]]
    prepare = [("preparing", "keep_clones" if is_copier else "keep_code", [str(kept())])]
    return run_prepared(command, libraries, cwd, environ, prepare, timeout_s=timeout_s, merged=merged)


def run_prepared(
    command: Sequence[str],
    libraries: str,
    cwd: Path,
    environ: Mapping[str, str],
    prepare: Sequence[tuple[str, str, Sequence[str]]],
    *,
    timeout_s: float,
    merged: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """The program, after what is prepared for it; its own Python is the first word."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr, socket.socket(socket.AF_UNIX) as connection:
        connection.connect(server(libraries))
        request = {
            "arguments": list(command[1:]),
            "cwd": str(cwd),
            "environ": dict(environ),
            "executable": command[0],
            "prepare": prepare,
        }
        send(connection, request, (stdout, stdout if merged else stderr))
        status = wait(connection, command, timeout_s)
        return subprocess.CompletedProcess(list(command), status, content(stdout), content(stderr))


def send(connection: socket.socket, request: Mapping[str, object], outputs: Sequence[IO[bytes]]) -> None:
    """Hand over the request and the streams; the program reads from /dev/null."""
    text = json.dumps(request).encode() + b"\n"
    with Path(os.devnull).open("rb") as nothing:
        sent = socket.send_fds(connection, [text], [nothing.fileno(), *(stream.fileno() for stream in outputs)])
    connection.sendall(text[sent:])


def wait(connection: socket.socket, command: Sequence[str], timeout_s: float) -> int:
    """How the program ends: its status, or the negative number of the signal."""
    deadline = time.monotonic() + timeout_s
    said = b""
    while said.count(b"\n") < 2:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            part = connection.recv(100)
        except TimeoutError:
            raise subprocess.TimeoutExpired(list(command), timeout_s) from None
        assert part, f"the process of tests/warm/server.py is gone; it had said {said!r}"
        said += part
    return os.waitstatus_to_exitcode(int(said.split()[1]))


def content(stream: IO[bytes]) -> bytes:
    """All that was written."""
    stream.seek(0)
    return stream.read()


@cache
def folder() -> Path:
    """Where the sockets and the stand-in are."""
    return Path(tempfile.mkdtemp(prefix="warm-"))


@cache
def kept() -> Path:
    """Where clones of templates and byte code are kept (preparing.py); that of migrations/adopt.py is there from the first."""
    path = folder() / "kept"
    path.mkdir()
    if not is_on():
        return path
    place = folder() / bundle.PATH
    place.parent.mkdir()
    place.write_bytes(bundle.bundle())
    command = [sys.executable, "-c", COMPILE]
    prepare = [("preparing", "keep_code", [str(path)])]
    ended = run_prepared(command, "flask", folder(), os.environ, prepare, timeout_s=60)
    assert ended.returncode == 0, ended.stderr
    return path


@cache
def server(libraries: str) -> str:
    """The socket of a server with these libraries, started on first use; it ends with this process."""
    path = str(folder() / libraries)
    process = subprocess.Popen(
        [sys.executable, SERVER, path, *LIBRARIES[libraries]], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=folder()
    )
    atexit.register(end, process)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            return path
        time.sleep(0.01)
    raise RuntimeError(f"tests/warm/server.py does not answer; its status is {process.poll()}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a server, as this process ends."""
    process.send_signal(signal.SIGTERM)
    process.wait()
    shutil.rmtree(folder(), ignore_errors=True)
