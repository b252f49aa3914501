"""A test in a process of its own, which takes with it what the code under test leaves behind: modules, listeners, patches.

Each project has its own `migrations/adopt.py`, whose modules mend SQLAlchemy and Alembic where they need it. A pytest process that
has loaded hundreds of them is large, and several times as slow.
"""

from __future__ import annotations

import functools
import os
import traceback
from collections.abc import Callable
from typing import ParamSpec

import pytest

from tests import warm
from tests.warm.preparing import keep_code

P = ParamSpec("P")


def forked(test: Callable[P, None]) -> Callable[P, None]:
    """Let a test run in a fork of the pytest process; how it fails is told as a text, for no exception can be handed over."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        read_end, write_end = os.pipe()
        kept = warm.kept()
        child = os.fork()
        if child == 0:
            os.close(read_end)
            keep_code(str(kept))
            failure = ""
            try:
                test(*args, **kwargs)
            except BaseException:  # noqa: BLE001 -- whatever it is, the other process raises it
                failure = traceback.format_exc()
            with os.fdopen(write_end, "w") as file:
                file.write(failure)
            os._exit(0 if not failure else 1)
        os.close(write_end)
        with os.fdopen(read_end) as file:
            failure = file.read()
        status = os.waitpid(child, 0)[1]
        if status:
            pytest.fail(failure or f"the process of the test ended with the status {status}", pytrace=False)

    return run
