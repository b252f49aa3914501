"""What the kernel refuses to a process that has restricted itself, and to what it starts."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adopt.base import landlock
from tests.template.conftest import TEMPLATE
from tests.template.kernel import ABI, REFUSED, needs_abi, outcomes


def restricted(writable: list[Path], actions: list[str]) -> tuple[int, list[str]]:
    """What becomes of each action, a line of Python, in one process that has restricted itself."""
    folders = [*map(str, writable)]
    return outcomes(f"from adopt.base import landlock; said = landlock.restrict({folders!r})", actions)


@needs_abi[3]
def test_files_outside_of_the_folder_cannot_be_changed(tmp_path):
    """Whatever writes, makes, removes, renames or links is refused outside of the writable folder, in child processes too."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    kept = outside / "kept"
    kept.write_text("kept")
    (outside / "folder").mkdir()
    refused = [
        f"open({str(kept)!r}, 'w')",
        f"open({str(kept)!r}, 'a')",
        f"import io; io.FileIO({str(kept)!r}, 'r+')",
        f"import os; os.truncate({str(kept)!r}, 0)",
        f"import os; os.remove({str(kept)!r})",
        f"import os; os.rename({str(kept)!r}, {str(outside / 'moved')!r})",
        f"import os; os.rename({str(kept)!r}, {str(inside / 'moved')!r})",
        f"import os; os.link({str(kept)!r}, {str(outside / 'link')!r})",
        f"import os; os.link({str(kept)!r}, {str(inside / 'link')!r})",
        f"import os; os.symlink('x', {str(outside / 'link')!r})",
        f"import os; os.mkdir({str(outside / 'made')!r})",
        f"import os; os.rmdir({str(outside / 'folder')!r})",
        f"import os; os.mkfifo({str(outside / 'pipe')!r})",
        f"import shutil; shutil.rmtree({str(outside)!r})",
        f"import socket; socket.socket(socket.AF_UNIX).bind({str(outside / 'socket')!r})",
    ]
    in_children = [f"import subprocess; subprocess.run(['rm', '-f', {str(kept)!r}], stderr=subprocess.DEVNULL)"]

    abi, became = restricted([inside], refused + in_children)

    assert became.pop(8) == "Invalid cross-device link", "what the kernel says of a link from one folder to another"
    assert became == [REFUSED] * (len(refused) - 1) + ["done"]
    assert sorted(path.name for path in outside.iterdir()) == ["folder", "kept"]
    assert kept.read_text() == "kept"
    assert list(inside.iterdir()) == []
    assert abi == ABI


@needs_abi[3]
def test_what_ordinary_code_needs_stays_writable(tmp_path):
    """The folder, the null device, standard output by its name, and the semaphores of multiprocessing."""
    folder, log = tmp_path / "folder", tmp_path / "log"
    folder.mkdir()
    allowed = [
        f"import os; os.makedirs({str(folder / 'a/b')!r}); open({str(folder / 'a/b/c')!r}, 'w').write('c')",
        f"import os; os.rename({str(folder / 'a/b/c')!r}, {str(folder / 'd')!r})",
        f"import os; os.truncate({str(folder / 'd')!r}, 0); os.remove({str(folder / 'd')!r})",
        f"import sqlite3; sqlite3.connect({str(folder / 'e.db')!r}).execute('create table t (id)')",
        "open('/dev/null', 'w').write('x')",
        "import logging; logging.FileHandler('/dev/stdout').close()",
        "import multiprocessing; multiprocessing.Lock(); multiprocessing.Queue()",
        "import subprocess; subprocess.run(['true'], check=True, stdout=subprocess.DEVNULL)",
        f"open({str(log)!r}, 'w')",
    ]

    assert restricted([folder], allowed)[1] == ["done"] * 8 + [REFUSED]


@needs_abi[3]
@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no shared memory here")
def test_a_database_in_shared_memory_cannot_be_written(tmp_path):
    """Where a database is kept in /dev/shm, that stays unwritable."""
    database = Path("/dev/shm") / f"test_landlock_{os.getpid()}.db"
    database.write_text("no database")
    try:
        action = f"import os; os.truncate({str(database)!r}, 0)"
        assert restricted([tmp_path], [action])[1] == ["done"]
        database.write_bytes(b"SQLite format 3\0kept")
        assert restricted([tmp_path], [action])[1] == [REFUSED]
        assert database.read_bytes() == b"SQLite format 3\0kept"
    finally:
        database.unlink(missing_ok=True)


@needs_abi[3]
@pytest.mark.skipif(platform.machine() not in landlock.MODES, reason="not known on this machine")
def test_modes_owners_times_and_attributes_stay(tmp_path):
    """What would change them says nothing and does nothing, also below the folder, in the C library and in child processes."""
    kept = tmp_path / "kept"
    kept.write_text("kept")
    before = kept.stat()
    path, libc = str(kept), "import ctypes; libc = ctypes.CDLL(None); "
    actions = [
        f"import os; os.chmod({path!r}, 0o600)",
        f"import os; os.fchmod(os.open({path!r}, os.O_RDONLY), 0o600)",
        f"import os; os.chown({path!r}, os.getuid(), os.getgid())",
        f"import os; os.utime({path!r}, (1, 1))",
        f"import os; os.setxattr({path!r}, 'user.evil', b'1')",
        f"{libc}libc.chmod({path!r}.encode(), 0o600)",
        f"{libc}libc.fchmodat(-100, {path!r}.encode(), 0o600, 0)",
        f"{libc}libc.syscall(452, -100, {path!r}.encode(), 0o600, 0)",
        f"import subprocess; subprocess.run(['chmod', '600', {path!r}], check=True)",
    ]

    assert restricted([tmp_path], actions)[1] == ["done"] * len(actions)

    after = kept.stat()
    assert (after.st_mode, after.st_uid, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_mode,
        before.st_uid,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )
    assert os.listxattr(kept) == []


@needs_abi[3]
@pytest.mark.skipif(platform.machine() not in landlock.MODES, reason="not known on this machine")
def test_what_an_ioctl_changes_stays(tmp_path):
    """The flags of a file that is open for reading are not set, and nothing is typed into a terminal; what only tells does."""
    kept = tmp_path / "kept"
    kept.write_text("kept")
    opened = f"import fcntl, os, struct; f = os.open({str(kept)!r}, os.O_RDONLY); "
    actions = [
        f"{opened}fcntl.ioctl(f, 0x40086602, struct.pack('l', 0x80))",
        f"{opened}fcntl.ioctl(f, 0x401C5820, bytes(28))",
        f"{opened}fcntl.ioctl(f, 0x5000940F, bytes(4096)[:1000])",
        f"{opened}fcntl.ioctl(f, 0x5412, b'y')",
        f"{opened}fcntl.ioctl(os.pipe()[0], 0x541B, bytes(4))",
    ]

    assert restricted([], actions)[1] == ["Inappropriate ioctl for device"] * 4 + ["done"]


@needs_abi[3]
@pytest.mark.skipif(platform.machine() not in landlock.MODES, reason="not known on this machine")
def test_limits_of_other_processes_stay(tmp_path):
    """Those of the parent are not to be changed, its own are."""
    limits = "import os, resource; resource.prlimit({}, resource.RLIMIT_CORE, (0, 0))"
    actions = [
        limits.format("os.getppid()"),
        limits.format("0"),
        "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
    ]

    assert restricted([tmp_path], actions)[1] == ["Operation not permitted", "done", "done"]


@needs_abi[3]
@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_devices_are_made_nowhere(tmp_path):
    """Not below the folder either: the disk would be open for writing."""
    made = f"import os, stat; os.mknod({str(tmp_path / 'null')!r}, 0o600 | stat.S_IFCHR, os.makedev(1, 3))"
    fifo = f"import os; os.mkfifo({str(tmp_path / 'fifo')!r})"

    assert restricted([tmp_path], [made, fifo])[1] == [REFUSED, "done"]


@needs_abi[6]
def test_signals_reach_own_children_only():
    """Neither the process that started it nor any other is ended; what it starts itself is."""
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        actions = [
            f"import os; os.kill({bystander.pid}, 9)",
            "import os; os.kill(os.getppid(), 9)",
            "import subprocess; subprocess.Popen(['sleep', '60']).kill()",
        ]
        assert restricted([], actions)[1] == ["Operation not permitted"] * 2 + ["done"]
        assert bystander.poll() is None
    finally:
        bystander.send_signal(signal.SIGKILL)
        bystander.wait()


def test_a_kernel_without_landlock(monkeypatch):
    """Nothing is raised; what is said is that nothing holds."""
    monkeypatch.setattr(landlock.platform, "machine", lambda: "vax")

    assert landlock.restrict(["/tmp"]) == 0


@needs_abi[3]
@pytest.mark.parametrize("abi", [1, 2, 3, 4, 5, 6])
def test_older_kernels(tmp_path, abi):
    """With an older ABI no newer right is asked for, and files are kept all the same."""
    program = (
        f"import sys; sys.path.insert(0, {str(TEMPLATE.parent)!r})\n"
        "from adopt.base import landlock\n"
        f"landlock.Kernel.abi = lambda self: {abi}\n"
        "print(landlock.restrict([]))\n"
        f"open({str(tmp_path / 'made')!r}, 'w')"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert run.stdout == f"{abi}\n"
    assert run.stderr.splitlines()[-1].startswith("PermissionError")
