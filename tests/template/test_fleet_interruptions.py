"""Ctrl-C at the worst moment: in the middle of the line that says how a database ended."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from adopt.commands.fleet.fleet_command import counted_interruptions
from adopt.commands.fleet.fleet_run import Fleet

TOTAL = 2000


class Quick(Fleet):
    """One thread, for which a database is done in a millisecond."""

    def __init__(self) -> None:
        super().__init__(None, range(TOTAL), None, None, None, 1)

    def _adopt(self, entry: int) -> int:
        time.sleep(0.001)
        return entry


@pytest.fixture(autouse=True)
def main_thread() -> None:
    """Signals arrive in no other, so elsewhere these tests would show nothing."""
    assert threading.current_thread() is threading.main_thread()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_begun_is_told_once(number):
    """No line is lost and none comes twice; no other database is begun."""
    told = []

    def tell(entry, found):
        if len(told) == 3:
            os.kill(os.getpid(), number)
        told.append(entry)

    with counted_interruptions() as interruptions:
        is_whole = Quick().run(tell, interruptions=interruptions)

    assert not is_whole
    assert told == list(range(len(told)))
    assert 4 <= len(told) < TOTAL


def test_a_second_one_leaves_what_was_begun():
    """Somebody does not want to wait for a server."""
    told = []

    def tell(entry, found):
        told.append(entry)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), counted_interruptions() as interruptions:
        Quick().run(tell, interruptions=interruptions)

    assert 2 <= len(told) <= TOTAL


def test_handlers_are_those_from_before():
    """Afterwards Ctrl-C is what it was."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    with counted_interruptions():
        assert signal.getsignal(signal.SIGINT) is not before[0]

    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
