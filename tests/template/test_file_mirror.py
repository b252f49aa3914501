"""The mirror: an application finds what it has written, and nothing real is changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.template.conftest import TEMPLATE
from tests.template.kernel import needs_abi

PROGRAM = """
import os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, {template!r})
from adopt.base import file_mirror, landlock
from hooks.inside.guard.own_mirror import own_mirror
files = file_mirror.Files({root!r})
files.install()
if {is_restricted}:
    assert landlock.restrict([{temporary!r}])
os.chdir({root!r})
with own_mirror(files):
    exec(compile({program!r}, "app.py", "exec"), {{"__name__": "app", "files": files, "own_mirror": own_mirror}})
assert os.listdir({temporary!r}) == [], os.listdir({temporary!r})
"""

# what applications do while they are loaded: each is Python that raises where it does not find what it has done
PROGRAMS = {
    "a log file that is appended to": """
import logging, os
handler = logging.FileHandler("app.log")
handler.emit(logging.makeLogRecord({"msg": "started"}))
handler.close()
assert open("app.log").read() == "before\\nstarted\\n"
assert os.path.getsize("app.log") == 15
""",
    "logs that rotate": """
import logging.handlers, os
handler = logging.handlers.RotatingFileHandler("app.log", maxBytes=10, backupCount=2)
for _ in range(4):
    handler.emit(logging.makeLogRecord({"msg": "a line of text"}))
handler.close()
assert sorted(name for name in os.listdir(".") if name.startswith("app.log")) == ["app.log", "app.log.1", "app.log.2"]
""",
    "an instance folder with a key": """
import os, secrets
if not os.path.isdir("instance"):
    os.makedirs(os.path.join("instance", "uploads"), exist_ok=True)
os.makedirs(os.path.join("instance", "uploads"), exist_ok=True)
with open("instance/secret.key", "xb") as file:
    file.write(secrets.token_bytes(16))
assert len(open("instance/secret.key", "rb").read()) == 16
try:
    open("instance/secret.key", "x")
except FileExistsError as error:
    assert error.filename == "instance/secret.key"
assert sorted(os.listdir("instance")) == ["secret.key", "uploads"]
assert [sorted(names) for _, _, names in os.walk("instance")] == [["secret.key"], []]
assert "instance" in os.listdir(".") and "app.log" in os.listdir(".")
""",
    "a file that is removed, and written anew": """
import os
os.remove("data.json")
assert not os.path.exists("data.json") and "data.json" not in os.listdir(".")
try:
    open("data.json")
except FileNotFoundError as error:
    assert error.filename == "data.json"
else:
    raise AssertionError
open("data.json", "w").write("{}")
assert open("data.json").read() == "{}"
assert "data.json" in [entry.name for entry in os.scandir(".")]
os.remove("data.json")
assert not os.path.exists("data.json")
""",
    "a file and a lock in shared memory": """
import multiprocessing, os, subprocess
path = "/dev/shm/mirror_%d" % os.getpid()
if os.path.isdir("/dev/shm"):
    open(path, "w").close()
    assert os.path.exists(path)
    assert subprocess.run(["test", "-e", path]).returncode == 1
    os.remove(path)
    multiprocessing.Lock()
""",
    "a file that is replaced": """
import json, os, tempfile
with tempfile.NamedTemporaryFile("w", dir=".", delete=False) as file:
    json.dump({"started": 2}, file)
os.replace(file.name, "data.json")
assert json.load(open("data.json")) == {"started": 2}
assert not os.path.exists(file.name)
os.rename("data.json", "moved.json")
assert os.path.exists("moved.json") and not os.path.exists("data.json")
""",
    "a folder that is removed with all that is in it": """
import os, shutil
shutil.rmtree("static")
assert not os.path.exists("static/css/a.css") and not os.path.isdir("static")
os.mkdir("static")
assert os.listdir("static") == []
shutil.copytree("templates", "static/templates")
assert os.listdir("static/templates") == ["index.html"]
""",
    "a folder that is moved": """
import os
open("static/new.txt", "w").close()
os.rename("static", "public")
assert sorted(os.listdir("public")) == ["css", "new.txt"] and open("public/css/a.css").read() == "a {}"
assert not os.path.exists("static")
""",
    "pathlib": """
from pathlib import Path
Path("cache").mkdir(exist_ok=True)
Path("cache/a").write_text("a")
Path("cache/b").touch()
assert sorted(path.name for path in Path("cache").iterdir()) == ["a", "b"]
assert sorted(path.name for path in Path("cache").glob("*")) == ["a", "b"]
assert Path("cache/a").read_text() == "a" and Path("cache/a").is_file() and Path("cache").is_dir()
Path("cache/a").rename("cache/c")
Path("cache/c").unlink()
assert not Path("cache/a").exists() and not Path("cache/c").exists()
Path("data.json").write_text("{}")
assert Path("data.json").stat().st_size == 2
Path("static/css/a.css").unlink()
Path("static/css").rmdir()
assert not Path("static/css").exists() and Path("static").exists()
""",
    "os.open, truncate, links and modes": """
import os
descriptor = os.open("data.json", os.O_RDWR)
os.write(descriptor, b"xx")
os.close(descriptor)
assert open("data.json").read().startswith("xx")
os.truncate("data.json", 1)
assert os.path.getsize("data.json") == 1
os.chmod("app.py", 0o600)
os.utime("app.py", (0, 0))
os.symlink("app.py", "link.py")
assert os.path.islink("link.py") and os.readlink("link.py") == "app.py"
os.link("app.py", "copy.py")
open("copy.py", "w").close()
assert open("app.py").read() == "# app"
open("out/side", "w").close()
assert os.path.exists("out/side")
""",
    "what is refused otherwise": """
import os
for action, expected in (
    (lambda: open("no/folder", "w"), FileNotFoundError), (lambda: os.mkdir("static"), FileExistsError),
    (lambda: os.rmdir("static"), OSError), (lambda: os.remove("missing"), FileNotFoundError),
    (lambda: open("static", "w"), IsADirectoryError), (lambda: open("missing", "r+"), FileNotFoundError),
    (lambda: os.rename("missing", "other"), FileNotFoundError), (lambda: os.open("missing", os.O_WRONLY), FileNotFoundError),
):
    try:
        action()
    except expected:
        continue
    raise AssertionError(expected)
""",
    "outside of the project": """
import os, tempfile
os.makedirs("../elsewhere/log")
open("../elsewhere/log/app.log", "w").write("x")
assert open("../elsewhere/log/app.log").read() == "x"
os.remove("../other.db")
assert not os.path.exists("../other.db")
with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as folder:
    assert os.path.exists(file.name) and os.path.isdir(folder)
with open(os.devnull, "w") as file:
    file.write("x")
""",
}


def everything(folder: Path) -> dict[str, tuple]:
    """What a folder holds: names, kinds, modes, times and bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime_ns if path.is_file() else 0, content)
    return found


def project(folder: Path) -> Path:
    """A project with the files that the programs know, in a folder beside others."""
    root = folder / "shop"
    for name, content in {
        "app.py": "# app",
        "app.log": "before\n",
        "data.json": '{"started": 1}',
        "static/css/a.css": "a {}",
        "templates/index.html": "<p>",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    (folder / "other.db").write_text("other")
    (folder / "linked").mkdir()
    (root / "out").symlink_to("../linked")
    return root


def run(interpreter: str, folder: Path, program: str, is_restricted: bool) -> None:
    """Run one program in a project of its own; everything is as before afterwards."""
    root = project(folder / "place")
    temporary = folder / "temporary"
    temporary.mkdir()
    before = everything(folder / "place")
    source = PROGRAM.format(
        template=str(TEMPLATE), root=str(root), temporary=str(temporary), program=program, is_restricted=is_restricted
    )
    environ = dict(os.environ, TMPDIR=str(temporary))

    done = subprocess.run([interpreter, "-c", source], capture_output=True, text=True, timeout=60, env=environ)

    assert done.returncode == 0, done.stderr
    assert everything(folder / "place") == before


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_application_finds_what_it_has_written(tmp_path, name):
    """It goes on as if it had written; the project, its surroundings and the temporary folder are as before."""
    run(sys.executable, tmp_path, PROGRAMS[name], is_restricted=False)


@needs_abi[3]
def test_under_landlock(tmp_path):
    """All of it also where the kernel allows nothing but the temporary folder to be written."""
    for number, program in enumerate(PROGRAMS.values()):
        run(sys.executable, tmp_path / str(number), program, is_restricted=True)


@pytest.mark.parametrize("version", ["3.7", "3.8", "3.9", "3.10", "3.12", "3.13"])
def test_on_other_pythons(tmp_path, version):
    """pathlib and shutil reach the file system in another way on each of them."""
    interpreter = next(iter(Path("~/.pyenv/versions").expanduser().glob(version + ".*/bin/python")), None) or shutil.which(
        "python" + version
    )
    if interpreter is None:
        pytest.skip(f"no Python {version}")
    for number, program in enumerate(PROGRAMS.values()):
        run(str(interpreter), tmp_path / str(number), program, is_restricted=False)


def test_a_project_that_removes_itself(tmp_path):
    """The application sees nothing any more; the folder of migrations can be read all the same."""
    (tmp_path / "place" / "shop" / "migrations").mkdir(parents=True)
    (tmp_path / "place" / "shop" / "migrations" / "env.py").write_text("# env")
    program = """
import os, shutil
shutil.rmtree(os.getcwd())
assert not os.path.exists("app.py")
assert open("migrations/env.py").read() == "# env" and os.listdir("migrations") == ["env.py"]
"""
    run(sys.executable, tmp_path, program, is_restricted=False)


def test_a_forked_child_has_a_mirror_of_its_own(tmp_path):
    """What it writes and takes away is not what its parent still reads."""
    program = """
import os
open("new.txt", "w").write("x")
child = os.fork()
if not child:
    with own_mirror(files):
        open("new.txt", "a").write("y")
        assert open("new.txt").read() == "xy"
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert open("new.txt").read() == "x"
"""
    run(sys.executable, tmp_path, program, is_restricted=False)
