"""tests/warm: a forked program does and says what the same program does when it is started from nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import warm
from tests.template.conftest import put_migrations

PROGRAMS = {
    "streams": "import sys; print('out'); print('err', file=sys.stderr); print(repr(sys.stdin.read()))",
    "arguments": "import sys; print(sys.argv, sys.path[0] == '', __name__)",
    "folder": "import os; print(os.getcwd(), os.environ['SHOP'], 'WARM' in os.environ)",
    "status": "raise SystemExit(3)",
    "words at the end": "raise SystemExit('no such table')",
    "error": "def f():\n    1 / 0\nf()",
    "signal": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "last words": "import atexit, threading, time\natexit.register(print, 'last')\n"
    "threading.Thread(target=lambda: (time.sleep(0.1), print('thread'))).start()\nprint('main')",
    "no byte code": "import sys; print(sys.dont_write_bytecode, sys.executable)",
}


def outcome(ended: subprocess.CompletedProcess[bytes]) -> tuple[int, str, str]:
    """What a caller sees of a program."""
    return ended.returncode, ended.stdout.decode(), ended.stderr.decode()


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_if_started_from_nothing(name: str, tmp_path: Path) -> None:
    """Status, both streams, arguments, folder, environment, threads and exit functions are the same."""
    command = [sys.executable, "-c", PROGRAMS[name], "one", "two words"]
    environ = {**os.environ, "SHOP": "open"}

    forked = warm.run(command, libraries="flask", cwd=tmp_path, environ=environ, timeout_s=60)
    started = subprocess.run(command, cwd=tmp_path, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)

    assert outcome(forked) == outcome(started)


def test_script_and_module(tmp_path: Path) -> None:
    """A file and a module of the working directory are run, each with its own first place to import from."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "seed.py").write_text("import sys; print(__name__, sys.argv, sys.path[0])")
    environ = dict(os.environ)

    for arguments in (["tools/seed.py", "x"], ["-m", "tools.seed", "x"]):
        command = [sys.executable, *arguments]
        forked = warm.run(command, libraries="flask", cwd=tmp_path, environ=environ, timeout_s=60)
        started = subprocess.run(command, cwd=tmp_path, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        assert outcome(forked) == outcome(started)


def test_time_that_is_up(tmp_path: Path) -> None:
    """A program that takes too long is ended, with what it has started."""
    alive = tmp_path / "alive"
    child = f"import time, pathlib; time.sleep(2); pathlib.Path({str(alive)!r}).touch()"
    command = [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"]

    with pytest.raises(subprocess.TimeoutExpired):
        warm.run(command, libraries="flask", cwd=tmp_path, environ=dict(os.environ), timeout_s=1)

    time.sleep(2)
    assert not alive.exists()


@pytest.mark.parametrize(
    ("command", "environ", "libraries"),
    [
        (["-m", "flask", "db", "check"], {}, "flask"),
        (["-m", "copier", "copy"], {}, "copier"),
        (["-m", "pip", "install"], {}, ""),
        (["-m", "flask"], {"PYTHONPATH": "/elsewhere"}, ""),
        (["-m", "flask"], {"PYTHONDONTWRITEBYTECODE": ""}, "flask"),
        (["-I", "-c", "pass"], {}, ""),
    ],
)
def test_what_is_forked(command: list[str], environ: dict[str, str], libraries: str) -> None:
    """What is no program of a project's, or whose environment Python looks at when it starts, is started from nothing."""
    assert warm.libraries_for([sys.executable, *command], {**os.environ, **environ}) == libraries


def test_the_stand_in(tmp_path: Path) -> None:
    """It forks a one-liner, that has it as its Python, and is a real Python for all else; an end by a signal is handed on."""
    tell = "import sys; print(sys.executable, 'flask' in sys.modules)"
    script = tmp_path / "tell.py"
    script.write_text(tell)

    said = [
        subprocess.run([warm.python(), *one], capture_output=True, text=True, check=True).stdout for one in (["-c", tell], [script])
    ]
    killed = subprocess.run([warm.python(), "-c", PROGRAMS["signal"]], check=False)

    assert said == [f"{warm.python()} True\n", f"{sys.executable} False\n"]
    assert killed.returncode == -9


def test_a_killed_stand_in_takes_its_program_along(tmp_path: Path) -> None:
    """Who ends the process that they have started ends the fork that does its work."""
    begun, alive = tmp_path / "begun", tmp_path / "alive"
    program = f"import time, pathlib; pathlib.Path({str(begun)!r}).touch(); time.sleep(1); pathlib.Path({str(alive)!r}).touch()"
    with subprocess.Popen([warm.python(), "-c", program]) as process:
        while not begun.exists():
            time.sleep(0.01)
        process.kill()

    time.sleep(1.5)
    assert not alive.exists()


def test_modules_of_adopt_are_compiled_once(tmp_path: Path) -> None:
    """Of migrations/adopt.py, in whichever project it is; a program that is forked finds them."""
    compiled = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        put_migrations(tmp_path / name)
        command = [sys.executable, "-m", "migrations.adopt", "--help"]
        ended = warm.run(command, libraries="flask", cwd=tmp_path / name, environ=dict(os.environ), timeout_s=60)
        assert ended.returncode == 0, ended.stderr
        compiled.append({path.name for path in warm.kept().iterdir() if path.is_file()})

    assert len(compiled[0]) > 30
    assert compiled[1] - compiled[0] == set()
