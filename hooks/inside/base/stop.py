"""Why a session ends early: a stable reference and facts, never text for people."""

from __future__ import annotations


class Stop(Exception):
    """The session ends here; `facts` and `private` go into the error event."""

    def __init__(self, reason, **facts):
        super().__init__(reason)
        self.reason, self.facts, self.private = reason, facts, {}
