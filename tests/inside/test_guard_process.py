"""Applications that, while they load, start servers, leave, run programs, print without end or write files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.inside import tools

pytestmark = pytest.mark.usefixtures("from_nothing")  # how the process starts is what these are about


@pytest.mark.parametrize(
    "server",
    ["app.run()", "from werkzeug.serving import run_simple\nrun_simple('127.0.0.1', 0, app)"],
    ids=["app.run", "run_simple"],
)
def test_servers_are_not_started(tmp_path: Path, server: str) -> None:
    """`app.run()` at module level returns at once."""
    root = tools.shop(tmp_path / "shop", after=server)

    heard = tools.hear(root, stamp=False)

    assert heard.names == ["loaded", "verified"]


@pytest.mark.parametrize("call", ["exit('SECRET_KEY is not set')", "import sys; sys.exit(3)", "os._exit(4)"])
def test_exit_is_a_fact(tmp_path: Path, call: str) -> None:
    """An app that ends the process is named with the place."""
    root = tools.shop(tmp_path / "shop", after=call)

    error = tools.hear(root).one("error")

    assert (error["reason"], error["path"], error["line"]) == ("app-exits-while-loading", "app.py", 18)


def test_program_that_could_write_is_not_started(tmp_path: Path) -> None:
    """A child process would not be guarded."""
    root = tools.shop(tmp_path / "shop", after="import subprocess, sys\nsubprocess.run([sys.executable, 'seed.py'], check=True)\n")

    error = tools.hear(root).one("error")

    assert (error["reason"], error["text"]) == (
        "app-starts-program-while-loading",
        "subprocess.run([sys.executable, 'seed.py'], check=True)",
    )


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ("os.write(number, b'verified\\n')", "verified"),
        ("os.write(number, b'[1]\\n')", "[1]"),
        ('os.write(number, b\'{"event": "verified"}\\n\')', '{"event": "verified"}'),
        ("os.write(number, json.dumps(PART).encode() + b'\\n')", None),
        ("os.write(number, json.dumps(WHOLE).encode() + b'\\n')", '{"event": "verified", ...}'),
    ],
)
def test_result_of_the_application_is_none(tmp_path: Path, sent: str, line: str | None) -> None:
    """What it writes to the pipes of its process is told as that, and stamps nothing."""
    code = f"""
        import json
        VERIFIED = {{"event": "verified", "databases": []}}
        WHOLE = {{"event": VERIFIED, "private": [{{"url": "sqlite:///other.db", "schemas": []}}], "secrets": {{}}}}
        PART = dict(WHOLE, event={{"event": "verified"}})
        for number in range(3, 64):
            try:
                {sent}
            except OSError:
                pass
    """
    root = tools.shop(tmp_path / "shop", after=code)

    heard = tools.hear(root)

    error = heard.one("error")
    assert error["reason"] == "app-writes-to-our-pipe"
    assert line is None or error["text"] == line
    assert heard.names == ["error"]


def test_output_does_not_reach_the_events(tmp_path: Path) -> None:
    """A flood on standard output, also by a child and on the descriptor itself, is kept apart and bounded."""
    flood = """
        import subprocess
        for number in range(20000):
            print('{"event": "stamped"}', number)
        os.write(1, b'{"event": "done"}\\n')
        subprocess.call(["echo", "child"])
    """
    root = tools.shop(tmp_path / "shop", after=flood)

    heard = tools.hear(root, stamp=False)

    assert heard.names == ["loaded", "verified"]
    assert "child\n" in heard.stderr
    assert len(heard.stderr) <= 64 * 1024


def test_threads_do_not_keep_the_process(tmp_path: Path) -> None:
    """A thread that never ends, and an exit handler that hangs, do not delay the end."""
    code = """
        import atexit, threading, time
        atexit.register(time.sleep, 600)
        threading.Thread(target=time.sleep, args=(600,)).start()
    """
    root = tools.shop(tmp_path / "shop", after=code)
    began = time.monotonic()

    heard = tools.hear(root, stamp=False)

    assert heard.names == ["loaded", "verified"]
    assert time.monotonic() - began < 20


def test_files_are_as_they_were(tmp_path: Path) -> None:
    """Logs, caches and folders that the app writes while it loads leave no trace, and the app reads back what it wrote."""
    writes = """
        import logging, pathlib
        logging.basicConfig(filename=os.path.join(HERE, "app.log"))
        logging.error("started")
        os.makedirs(os.path.join(HERE, "var", "uploads"))
        with open(os.path.join(HERE, "var", "uploads", "cache.txt"), "w") as file:
            file.write("cache")
        settings = pathlib.Path(HERE, "settings.txt")
        settings.write_text("new")
        assert settings.read_text() == "new"
        pathlib.Path(HERE, "made").mkdir()
    """
    root = tools.shop(tmp_path / "shop", after=writes)
    (root / "app.log").write_text("yesterday\n")
    (root / "settings.txt").write_text("old")
    before = tools.tree(root)

    heard = tools.hear(root, stamp=False)

    assert heard.names == ["loaded", "verified"], heard.stderr
    assert tools.tree(root) == before


def test_instance_folder_is_not_left(tmp_path: Path) -> None:
    """Flask-SQLAlchemy 3 makes `instance/` for a relative SQLite path, also where there is no database; 2 has it at the root."""
    root = tools.shop(tmp_path / "shop")
    source = (root / "app.py").read_text()
    (root / "app.py").write_text(source.replace("= URL", '= "sqlite:///relative.db"'))
    before = tools.tree(root)

    heard = tools.hear(root, stamp=False)

    assert heard.one("loaded")["url"] in (f"sqlite:///{root}/instance/relative.db", f"sqlite:///{root}/relative.db")
    assert tools.tree(root) == before
