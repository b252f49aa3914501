"""Run a command in a process of its own, which is where the application is loaded: on an empty play database first.

Where it does not start on that, the next process loads it on the existing database, read-only. A command that writes nothing is run
under Landlock as well, where the kernel has it: it may write in a temporary folder of its own only, and what the application writes
in Python goes to a mirror there. What the application has started, and still runs, is ended with the process.

Where processes cannot be forked the command is run in this one, on the existing database, read-only.
"""

import os
import shutil
import signal
import sys
import tempfile

from ..base import file_mirror, landlock
from ..base.errors import DatabaseChanged, NotOnEmptyDatabase
from ..base.paths import ROOT
from ..history import redirecting
from ..history.redirecting import EXISTING, PLAY

CAN_FORK = sys.platform == "linux"
CHANGED = 1  # as for any database that differs
SEEN = "seen.json"
STEPPED_DOWN = 79  # the exit status of a process whose application does not start on an empty database
DIE_WITH_PARENT, ADOPT_ORPHANS = 1, 36  # https://man7.org/linux/man-pages/man2/prctl.2.html


def run(command, writes_nothing):
    """The exit status of `command(rung)`, which raises NotOnEmptyDatabase where another rung is to be tried.

    It comes back in the process that runs the command, too, which ends as every program does: connections are closed.
    """
    if not CAN_FORK:
        return command(EXISTING)
    folder = tempfile.mkdtemp(prefix="adopt-")
    writable = folder if writes_nothing else None
    prctl(ADOPT_ORPHANS, 1)  # what outlives its parent becomes a child of this process
    try:
        for rung in (PLAY, EXISTING):
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if not pid:
                folder = None
                os.setpgid(0, 0)  # a terminal sends Ctrl-C to the parent alone, which hands it on
                prctl(DIE_WITH_PARENT, signal.SIGKILL)
                return run_here(command, rung, writable)
            status = waited(pid)
            if status != STEPPED_DOWN:
                break
        end_all()
        late = redirecting.late_changes(os.path.join(folder, SEEN)) if writes_nothing else []
        if late:
            said = DatabaseChanged(late)
            print("\n  ".join(["error: " + said.reference, str(said)] + said.evidence), file=sys.stderr)
            return CHANGED
        return status
    finally:
        if folder is not None:
            end_all()
            shutil.rmtree(folder, ignore_errors=True)


def run_here(command, rung, writable):
    """The exit status of the command in this process; `writable` is the folder where it may write, None for everywhere."""
    if writable is not None:
        tempfile.tempdir = os.environ["TMPDIR"] = writable
        file_mirror.Files(ROOT).install()
        landlock.restrict([writable])
    try:
        status = command(rung)
    except NotOnEmptyDatabase:
        return STEPPED_DOWN
    if writable is not None:
        redirecting.leave_for_parent(os.path.join(writable, SEEN))
    return status


def waited(pid):
    """The exit status of a child; a signal that ends this process is handed on, and the child ends in its own way."""

    def hand_on(number, frame):
        os.kill(pid, number)

    before = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        status = os.waitpid(pid, 0)[1]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if os.WIFSIGNALED(status):
        return 128 + os.WTERMSIG(status)
    return os.WEXITSTATUS(status)


def prctl(option, value):
    """A setting of this process, where the kernel has it."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass


def end_all():
    """End what the application has started and left running."""
    try:
        with open("/proc/self/task/{}/children".format(os.getpid())) as file:
            left = [int(word) for word in file.read().split()]
    except OSError:
        return
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except OSError:
            continue
