"""One thing that a version changes in a team's own code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """`version` is the first that needs it, as "0.3.0"; `what` says in the report what it does, as "includes migrations/db.mk".

    `edits` reads the project at the path it is given and returns new contents of its files, {} where nothing is left to do: run
    again, it changes nothing. It opens no database and imports nothing of the project. Where a place cannot be edited safely it
    raises `CannotEdit`, with the lines to add by hand.
    """

    version: str
    what: str
    edits: Callable[[Path], Mapping[str, bytes]]
