"""Python's own threads, locks and clock, also where an application has replaced them by gevent's or eventlet's.

Those run one after the other in one thread of the system: what they start never runs while a driver written in C waits.
"""

import _thread
import importlib
import sys
import time
from _queue import SimpleQueue  # of C: nobody replaces it

__all__ = ["SimpleQueue", "allocate_lock", "beside", "get_ident", "monotonic", "original", "sleep", "start_new_thread"]


def original(module, name):
    """What `module` had under this name before anybody replaced it."""
    if "gevent.monkey" in sys.modules:
        return sys.modules["gevent.monkey"].get_original(module, name)
    if "eventlet.patcher" in sys.modules:
        return getattr(sys.modules["eventlet.patcher"].original(module), name)
    return getattr(importlib.import_module(module), name)


if "gevent.monkey" in sys.modules or "eventlet.patcher" in sys.modules:
    start_new_thread, allocate_lock, get_ident = (
        original("_thread", name) for name in ("start_new_thread", "allocate_lock", "get_ident")
    )
    sleep = original("time", "sleep")
else:  # what the application does to these modules later changes nothing here
    start_new_thread, allocate_lock, get_ident = _thread.start_new_thread, _thread.allocate_lock, _thread.get_ident
    sleep = time.sleep
monotonic = time.monotonic


def beside(function):
    """Run `function`, which raises nothing, in a thread of its own; returns its number, and what waits for its end.

    `threading` does not know this thread: gevent replaces locks that are held already only where there is no other thread.
    """
    running = allocate_lock()
    running.acquire()

    def run():
        try:
            function()
        finally:
            running.release()

    def wait():
        running.acquire()
        running.release()

    return start_new_thread(run, ()), wait
