"""Print what a run does: steps as they happen, the diff, rows; and keep the same for a program. The words are made elsewhere.

Everything goes to standard error, as Copier's own messages do. Colour and the progress bar appear in a terminal only.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from hooks.base.report_json import Told

BAR_WIDTH = 30


@dataclass
class Step:
    """One step while it runs; `detail` is shown at its end."""

    name: str
    detail: str = ""


@dataclass
class Report:
    """Speaks to the user; with `quiet` only rows and errors are shown. `told` is the same for a program."""

    quiet: bool = False
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    told: Told = field(default_factory=Told)
    _bar_shown: bool = False

    @property
    def is_terminal(self) -> bool:
        """Whether a person may be watching."""
        return self.stream.isatty()

    def line(self, text: str = "") -> None:
        """Show one line, unless quiet."""
        if not self.quiet:
            self._wipe_bar()
            self.always(text)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time what happens inside; its line appears when it has ended well."""
        step = Step(name)
        self.progress(name, 0, 0)
        began = time.perf_counter()
        yield step
        self.step_done(name, time.perf_counter() - began, step.detail)

    def step_done(self, name: str, seconds: float, detail: str) -> None:
        """Show one step that has ended."""
        self.told.steps.append({"name": name, "seconds": round(seconds, 3), "detail": detail})
        self.line(f"  {name:<10} {seconds:6.2f} s  {detail}".rstrip())

    def tried(self, name: str, why: str) -> None:
        """Show that loading the application under one of its names failed, where there are others to try."""
        self.line(f"  {'tried':<10}           {name}: {why}")

    def progress(self, name: str, done: int, total: int) -> None:
        """Show that a step runs and, where that is known, how far it is; only in a terminal."""
        if self.quiet or not self.is_terminal:
            return
        filled = BAR_WIDTH * done // (total or 1)
        bar = f"[{'#' * filled}{' ' * (BAR_WIDTH - filled)}] {done}/{total}" if total else "..."
        self.stream.write(f"\r\033[K  {name:<10} {bar}")
        self.stream.flush()
        self._bar_shown = True

    def _wipe_bar(self) -> None:
        if self._bar_shown:
            self.stream.write("\r\033[K")
            self._bar_shown = False

    def diff(self, text: str) -> None:
        """Show a unified diff, in colour in a terminal."""
        if self.quiet:
            return
        if self.is_terminal:
            from pygments import highlight
            from pygments.formatters import TerminalFormatter
            from pygments.lexers import DiffLexer

            text = highlight(text, DiffLexer(), TerminalFormatter())
        self.line(text.rstrip("\n"))

    def error(self, code: str, text: str) -> None:
        """Show why the run ended; also when quiet."""
        self._wipe_bar()
        self.told.error = {"code": code, "text": text}
        self.always("\n" + text)

    def always(self, text: str) -> None:
        """Print, also when quiet."""
        print(text, file=self.stream, flush=True)

    def rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show aligned "word  sentence" lines, which are the result; also when quiet."""
        self.told.rows += rows
        self._wipe_bar()
        for word, sentence in rows:
            self.always(f"{word:<10} {sentence}".rstrip())
