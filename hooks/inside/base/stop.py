"""Why a session ends early: a stable reference and facts, never text for people."""

from __future__ import annotations

from typing import Any

from .messages import Failed


class Stop(Exception):
    """The session ends here; `facts` are fields of `Failed`."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason)
        self.reason, self.failed = reason, Failed(reason, **facts)
