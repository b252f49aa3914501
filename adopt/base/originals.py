"""Python's own threads, locks and clock, also where an application has replaced them by gevent's or eventlet's.

Those run one after the other in one thread of the system: what they start never runs while a driver written in C waits.
A thread that is started here is none that `threading` knows: beside one of those gevent does not take over locks that are held.
"""

from __future__ import annotations

import _thread
import importlib
import sys
import time
from _queue import SimpleQueue  # of C: nobody replaces it
from typing import Any

__all__ = ["SimpleQueue", "allocate_lock", "monotonic", "original", "sleep", "start_new_thread"]


def original(module: str, name: str) -> Any:
    """What `module` had under this name before anybody replaced it."""
    if "gevent.monkey" in sys.modules:
        return sys.modules["gevent.monkey"].get_original(module, name)
    if "eventlet.patcher" in sys.modules:
        return getattr(sys.modules["eventlet.patcher"].original(module), name)
    return getattr(importlib.import_module(module), name)


if "gevent.monkey" in sys.modules or "eventlet.patcher" in sys.modules:
    start_new_thread, allocate_lock = original("_thread", "start_new_thread"), original("_thread", "allocate_lock")
    sleep = original("time", "sleep")
else:  # what the application does to these modules later changes nothing here
    start_new_thread, allocate_lock = _thread.start_new_thread, _thread.allocate_lock
    sleep = time.sleep
monotonic = time.monotonic
