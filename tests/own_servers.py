"""Run a command with a PostgreSQL, a MariaDB and a folder for temporary files of its own, all of them in memory.

    python -m tests.own_servers python -m pytest

The tests make and drop ten thousand databases and a million small files, which on a disk takes a third of their time. A server that
POSTGRESQL_SERVER or MARIADB_SERVER names is used, as is the one that the machine runs (see servers.py) where none can be started.
The temporary files are in memory where this process may mount something.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
LEAST = 2 << 30  # bytes that have to be free there for the servers
MOUNTED = "TESTS_OWN_MOUNTS"  # set in the processes whose mounts nobody else sees
START_S = 30


def in_own_mounts(arguments: list[str]) -> int | None:
    """Run this program again where what it mounts is gone with it; None where that is not to be had."""
    command = ["unshare", "--mount", "--propagation", "private"]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        return None
    again = [*command, sys.executable, "-m", "tests.own_servers", *arguments]
    return subprocess.run(again, env={**os.environ, MOUNTED: "1"}, check=False).returncode


@contextlib.contextmanager
def memory() -> Iterator[tuple[Path | None, bool]]:
    """A folder in memory that is gone afterwards, None where there is none; and whether the temporary files fit in, too."""
    with tempfile.TemporaryDirectory(prefix="tests-") as folder:  # sockets of tests are below: a long name is too long for them
        mounting = ["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", folder]
        if os.environ.get(MOUNTED) and subprocess.run(mounting, capture_output=True, check=False).returncode == 0:
            try:
                yield Path(folder), True
            finally:
                subprocess.run(["umount", "--lazy", folder], check=False)
            return
    if SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free > LEAST:
        with tempfile.TemporaryDirectory(prefix="tests-", dir=SHARED_MEMORY) as folder:
            Path(folder).chmod(0o755)
            yield Path(folder), False
    else:
        yield None, False


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def of_user(name: str) -> dict[str, str]:
    """As whom a server runs: not as root."""
    return {"user": name, "group": name} if os.geteuid() == 0 else {}


def initialised(folder: Path, user: dict[str, str], *command: object) -> None:
    """Make the folder of a server, and let the command fill it."""
    folder.mkdir()
    if user:
        shutil.chown(folder, **user)
    subprocess.run([str(word) for word in command], check=True, capture_output=True, cwd=folder, **user)  # type: ignore[call-overload]


def debians(program: str) -> str:
    """PostgreSQL's newest program of this name where Debian puts it, "" for none; what PATH has is a slow script that picks one."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: float(path.parts[-3]))
    return str(found[-1]) if found else ""


def postgresql(folder: Path) -> tuple[str, Callable[[], object]]:
    """(its URL, what ends it); its settings are those of a new cluster, but it does not wait for a disk."""
    programs, data = Path(shutil.which("postgres") or debians("postgres")).parent, folder / "data"
    user, port = of_user("postgres"), free_port()
    options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
    initialised(folder, user, programs / "initdb", "-D", data, *options)
    settings = [*("-p", str(port)), *("-k", str(folder)), *("-c", "fsync=off"), *("-c", "listen_addresses=127.0.0.1")]
    process = start([str(programs / "postgres"), "-D", str(data), *settings], folder, port, user)
    return f"postgresql://postgres@127.0.0.1:{port}/postgres", lambda: end(process, signal.SIGINT)


def mariadb(folder: Path) -> tuple[str, Callable[[], object]]:
    """(its URL, what ends it); its settings are the machine's."""
    server, user, port = shutil.which("mariadbd") or "/usr/sbin/mariadbd", of_user("mysql"), free_port()
    data = f"--datadir={folder / 'data'}"
    options = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
    initialised(folder, user, "mariadb-install-db", data, *options)
    places = [data, f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}", f"--port={port}", "--bind-address=127.0.0.1"]
    process = start([server, *places, "--innodb-flush-log-at-trx-commit=0"], folder, port, user)
    return f"mysql+pymysql://root@127.0.0.1:{port}/mysql", lambda: end(process, signal.SIGKILL)


def start(command: list[str], folder: Path, port: int, user: dict[str, str]) -> subprocess.Popen[bytes]:
    """The process, which listens at the port; what it says is in `log`."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # type: ignore[call-overload]
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **user
        )
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return process
        time.sleep(0.05)
    end(process, signal.SIGKILL)
    raise OSError((folder / "log").read_text(errors="replace")[-500:])


def end(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    process.send_signal(number)
    process.wait()


def main(command: list[str]) -> int:
    """The status of the command."""
    if not os.environ.get(MOUNTED):
        status = in_own_mounts(command)
        if status is not None:
            return status
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    environ = {name: value for name, value in os.environ.items() if name != MOUNTED}
    with memory() as (folder, is_large), contextlib.ExitStack() as stack:
        if folder is not None:
            if is_large:
                environ["TMPDIR"] = str(folder)
            for variable, server in (("POSTGRESQL_SERVER", postgresql), ("MARIADB_SERVER", mariadb)):
                if variable in environ:
                    continue
                try:
                    environ[variable], ending = server(folder / server.__name__)
                except (OSError, LookupError, subprocess.CalledProcessError) as error:
                    print(f"{server.__name__}: the machine's own is used, for none could be started: {error}", file=sys.stderr)
                else:
                    stack.callback(ending)
        return subprocess.run(command, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
