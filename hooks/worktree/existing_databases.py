"""The existing databases of one run: what they were before the application was loaded, and whether they are that still.

They are looked at by a process of the project's Python that runs nothing of the project, once all others have ended: so what is
said holds whichever way the run ends, also where a process hangs or dies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hooks.base.environ import child_environ
from hooks.base.errors import ScriptDied, ScriptTimedOut
from hooks.base.facts import Interpreter
from hooks.environment.project_python import ProjectPython
from hooks.inside.base.messages import Compared, Fingerprints, Request

COMPARING_S = 60.0
OfDatabase = tuple[str, str]  # a database, and a sentence about it


class ExistingDatabases:
    """`taken` are the fingerprints, as the processes that hold databases have sent them; they hold passwords."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._interpreter: Interpreter | None = None
        self.taken: list[Mapping[str, Any]] = []
        self.are_known = True  # or the application was run, and has not told what its databases are

    @property
    def may_be_reached(self) -> bool:
        """Whether anything of the application was run."""
        return self._interpreter is not None

    def expect(self, interpreter: Interpreter) -> None:
        """The application is about to be run in this Python."""
        if self._interpreter is None:
            self._interpreter, self.are_known = interpreter, False

    def note(self, seen: Fingerprints) -> None:
        """Keep what was seen; the first fingerprint of a database stays."""
        known = {one["url"] for one in self.taken}
        self.taken += [one for one in seen.databases if one["url"] not in known]
        self.are_known |= seen.is_known

    def compare(self) -> tuple[Sequence[OfDatabase], Sequence[OfDatabase]]:
        """(what was changed, what others may have changed or could not be looked at)."""
        if self._interpreter is None or not self.taken:
            return (), ()
        request = Request(mode="compare", databases=self.taken)
        why = "no answer"
        try:
            process = ProjectPython.start(
                self._interpreter, request, root=self._root, environ=child_environ(), timeout_s=COMPARING_S
            )
            with process:
                for event in process.events():
                    if isinstance(event, Compared):
                        unclear = [(one["database"], line) for one in event.databases for line in one["unclear"]]
                        return [(database, line) for database, line in event.changes], unclear
        except (ScriptDied, ScriptTimedOut, OSError) as error:
            why = getattr(error, "reason", "") or str(error)
        return (), [("the databases", f"they could not be compared with what they were ({why})")]
