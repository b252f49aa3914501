"""Python's own threads, locks and clock, also where an application has replaced them by gevent's or eventlet's.

Those run one after the other in one thread of the system: what they start never runs while a driver written in C waits.
"""

import _thread
import importlib
import sys
import time


def original(module, name):
    """What `module` had under this name before anybody replaced it."""
    if "gevent.monkey" in sys.modules:
        return sys.modules["gevent.monkey"].get_original(module, name)
    if "eventlet.patcher" in sys.modules:
        return getattr(sys.modules["eventlet.patcher"].original(module), name)
    return getattr(importlib.import_module(module), name)


if "gevent.monkey" in sys.modules or "eventlet.patcher" in sys.modules:
    start_new_thread, allocate_lock = original("_thread", "start_new_thread"), original("_thread", "allocate_lock")
    sleep, monotonic = original("time", "sleep"), time.monotonic
else:  # what the application may do to these modules later changes nothing here
    start_new_thread, allocate_lock, sleep, monotonic = _thread.start_new_thread, _thread.allocate_lock, time.sleep, time.monotonic
