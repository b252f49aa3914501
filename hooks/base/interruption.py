"""Ctrl-C, SIGTERM, a closed terminal, and a Copier that is gone: the tree is put back at once, whatever the run is doing.

Copier kills its task a quarter of a second after Ctrl-C. So the process that Copier starts does nothing but wait; its child does
the work, and may take the time that it needs to drop databases and to uninstall what it has installed. When a process finds that
the one above is gone, it ends as if it had been asked to.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
PAUSE_S = 0.2


class Interrupted(KeyboardInterrupt):
    """The run was asked to end; `status` is the exit status that tells by what."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = 128 + number


def hold_signals() -> None:
    """Let no signal through until `on_interruption` is ready for it."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def release_signals() -> None:
    """Let them through again, those that have come meanwhile first."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def on_interruption(undo: Callable[[], bool]) -> None:
    """From here on a signal calls `undo`, once and at once; where that returns True, Interrupted is raised in the main thread.

    A signal that the caller's environment ignores (nohup, a job in the background) stays ignored.
    """

    def interrupted(number: int, _frame: FrameType | None) -> None:
        ignore_signals()
        if undo():
            raise Interrupted(number)

    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupted)
    release_signals()


def ignore_signals() -> None:
    """What is being done now is done to its end."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def in_child(work: Callable[[], int]) -> int:
    """Do the work in a child, where the operating system has `fork`, and return its exit status; signals are on hold in it."""
    hold_signals()
    if sys.platform == "win32":
        return work()
    above = os.getppid()
    child = os.fork()
    if child == 0:
        end_with(os.getppid(), lambda: os.kill(os.getpid(), signal.SIGTERM))
        return work()
    end_with(above, lambda: os.kill(child, signal.SIGTERM))
    for number in SIGNALS:  # a terminal sends them to the child as well
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    release_signals()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status if status >= 0 else 128 - status


def end_with(parent: int, end: Callable[[], None]) -> None:
    """Call `end` when the parent, whose number is `parent`, has gone."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PAUSE_S)
        end()

    threading.Thread(target=watch, daemon=True).start()
