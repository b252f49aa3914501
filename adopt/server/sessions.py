"""Sessions of a server that end, or are at work, while a fingerprint is taken: what they do is waited for, a bounded time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..base.types import Fingerprint


WAIT_S = 1
AT_WORK_S = 10


def settled(sessions: Callable[[], dict[str, Any]], since: Fingerprint) -> dict[str, Any]:
    """The other sessions in this database, {number: [when it last began or ended something, for how many seconds it was idle]}.

    One that is about to end, of ours or since then, is waited for: it is in the list for a moment after its connection was closed.
    """
    old = set(since.get("sessions", {}))
    until = time.monotonic() + (WAIT_S if since else WAIT_S / 10)
    while True:
        found = sessions()
        ending = set(found) - old if since else {number for number, (_, idle) in found.items() if idle is None or idle < 1}
        if not ending or time.monotonic() > until:
            return found
        time.sleep(0.01)


def at_work(numbers: Callable[[], Iterable[Any]], since: Fingerprint) -> list[Any]:
    """The sessions of this login, from this machine, that began since then, and whose statement goes on."""
    until = time.monotonic() + AT_WORK_S
    while since:
        found = [str(number) for (number,) in numbers() if str(number) not in since["sessions"]]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.1)
    return []
