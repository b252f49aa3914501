"""The caller's side: time limits, death on either side, and nothing left running or lying about."""

from __future__ import annotations

import hashlib
import subprocess
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from hooks.base.errors import ScriptDied, ScriptTimedOut
from hooks.inside.base.messages import Verified
from tests.inside import tools
from tests.servers import SERVERS, engine_for

pytestmark = pytest.mark.usefixtures("from_nothing")  # how the process starts is what these are about

HANG = "import time\nprint('waiting for a server', flush=True)\ntime.sleep(600)\n"


def processes_below(root: Path) -> list[str]:
    """The processes whose working directory is the project."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if (process / "cwd").readlink() == root:
                    found.append((process / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue  # it has gone, or is not ours
    return found


def scratch_databases(root: Path) -> set[str]:
    """The scratch databases of this project on the PostgreSQL server."""
    prefix = "scratch_" + hashlib.sha1(str(root).encode()).hexdigest()[:10]
    with engine_for(SERVERS["postgresql"]).connect() as connection:
        names = connection.execute(text("SELECT datname FROM pg_database")).scalars()
        return {name for name in names if name.startswith(prefix)}


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """A folder for temporary files that no other test uses."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def test_hanging_import_is_ended(tmp_path: Path, temporary: Path) -> None:
    """After the time limit the process is gone, and what it printed is there."""
    root = tools.shop(tmp_path / "shop", after="with app.app_context():\n    db.create_all()\n" + HANG)

    with (
        tools.start(root, env={"TMPDIR": str(temporary)}, timeout_s=8) as inside,
        pytest.raises(ScriptTimedOut) as stop,
    ):
        list(inside.events())

    assert (stop.value.reason, stop.value.timeout_s) == ("timed-out", 8)
    assert "waiting for a server" in stop.value.output
    assert processes_below(root) == []
    assert list(temporary.iterdir()) == []


def test_children_are_ended_too(tmp_path: Path) -> None:
    """What the app started while it loaded ends with the session, though it outlives its parent."""
    code = "import subprocess\nsubprocess.Popen(['sleep', '600'])\nif os.fork() == 0:\n    import time\n    time.sleep(600)\n"
    root = tools.shop(tmp_path / "shop", after=code)

    heard = tools.hear(root, stamp=False)

    assert heard.names == ["loaded", "verified"]
    assert processes_below(root) == []


@pytest.mark.parametrize("hang", [True, False], ids=["while the app hangs", "while it waits for the word"])
def test_caller_dies(tmp_path: Path, temporary: Path, postgresql_url: str, hang: bool) -> None:
    """Where the caller goes away, the session drops its scratch database and ends by itself."""
    root = tools.shop(tmp_path / "shop", after=("with app.app_context():\n    db.create_all()\n" + HANG) if hang else "")
    url = postgresql_url.replace("postgresql://", "postgresql+psycopg2://")
    more = {"base_url": url} if hang else {}

    inside = tools.start(root, env={"EXISTING_URL": url, "TMPDIR": str(temporary)}, **more)
    if hang:
        deadline = time.monotonic() + 30
        while "waiting for a server" not in inside.stderr_tail() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert scratch_databases(root)
    else:
        assert next(event for event in inside.events() if isinstance(event, Verified))
    stdin = inside._process.stdin
    assert stdin is not None
    stdin.close()
    status = inside._process.wait(timeout=30)

    assert status in (0, 1)
    assert scratch_databases(root) == set()
    assert list(temporary.iterdir()) == []


def test_sigterm_drops_the_scratch_database(tmp_path: Path, postgresql_url: str) -> None:
    """A polite signal ends the session as the caller's death does."""
    root = tools.shop(tmp_path / "shop", after="with app.app_context():\n    db.create_all()\n" + HANG)
    url = postgresql_url.replace("postgresql://", "postgresql+psycopg2://")

    with tools.start(root, env={"EXISTING_URL": url}, base_url=url) as inside:
        while "waiting for a server" not in inside.stderr_tail():
            time.sleep(0.05)
        inside._process.terminate()
        with pytest.raises(ScriptDied):
            list(inside.events())

    assert scratch_databases(root) == set()


def test_killed_session_is_cleaned_up_by_the_next(tmp_path: Path, postgresql_url: str) -> None:
    """SIGKILL leaves a scratch database behind; the next session of the project drops it."""
    root = tools.shop(tmp_path / "shop", after="with app.app_context():\n    db.create_all()\n" + HANG)
    url = postgresql_url.replace("postgresql://", "postgresql+psycopg2://")
    with tools.start(root, env={"EXISTING_URL": url}, base_url=url) as inside:
        while "waiting for a server" not in inside.stderr_tail():
            time.sleep(0.05)
        inside._process.kill()
        with pytest.raises(ScriptDied) as stop:
            list(inside.events())
    assert stop.value.failed.status == "-9"
    assert scratch_databases(root)

    tools.shop(root)
    heard = tools.hear(root, stamp=False, env={"EXISTING_URL": url})

    assert heard.one("verified")["offline"] is False
    assert scratch_databases(root) == set()


def test_dying_process_is_told(tmp_path: Path) -> None:
    """A crash of the interpreter is an error with the last of the output, not an empty answer."""
    root = tools.shop(
        tmp_path / "shop", after="print('about to crash', flush=True)\nimport signal\nos.kill(os.getpid(), signal.SIGSEGV)\n"
    )

    with tools.start(root) as inside, pytest.raises(ScriptDied) as stop:
        list(inside.events())

    assert stop.value.failed.status == "-11"
    assert "about to crash" in stop.value.output


def test_request_is_on_no_command_line(tmp_path: Path) -> None:
    """The base URL may hold a password: other users of the machine can read command lines."""
    root = tools.shop(tmp_path / "shop", after=HANG)

    with tools.start(root, base_url="postgresql://shop:geheim@db/shop") as inside:
        while "waiting for a server" not in inside.stderr_tail():
            time.sleep(0.05)
        shown = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(inside._process.pid)], capture_output=True, text=True).stdout

    assert "run.py" in shown
    assert "geheim" not in shown
