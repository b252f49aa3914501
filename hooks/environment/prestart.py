"""Find the project's Python, and let it import its libraries, while the source is still being read."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from hooks.base.environ import child_environ
from hooks.base.facts import Interpreter
from hooks.environment.install import is_complete
from hooks.environment.interpreter import find_interpreter
from hooks.environment.project_python import ProjectPython


class EarlyPython:
    """Use it with `with`: a process that nobody took is ended."""

    def __init__(self, root: Path, answer: str) -> None:
        self._root, self._answer = root, answer
        self._process: ProjectPython | None = None
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._found = self._pool.submit(self._find)

    def _find(self) -> Interpreter:
        interpreter = find_interpreter(self._root, self._answer, os.environ)
        if is_complete(interpreter):  # else what it would import by now is not what it will have
            self._process = ProjectPython.launch(interpreter, root=self._root, environ=child_environ())
        return interpreter

    def interpreter(self) -> Interpreter:
        """The project's Python.

        Raises:
            NoInterpreter: as `find_interpreter` does; not before this is asked for.
        """
        return self._found.result()

    def take(self) -> ProjectPython | None:
        """The process that waits for its request, once; None afterwards, or where something has to be installed first."""
        self._found.exception()
        process, self._process = self._process, None
        return process

    def __enter__(self) -> EarlyPython:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        process = self.take()
        self._pool.shutdown()
        if process is not None:
            process.close()
