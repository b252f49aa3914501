"""Write down what the processes of a command do that could reach a database: which programs they start, what they connect to.

Every Python that the command starts loads a `sitecustomize` with an audit hook (https://docs.python.org/3/library/audit_events.html),
so that no task, however it is started, goes unnoticed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

HOOK = """\
import json, os, sys

WATCHED = ("subprocess.Popen", "os.posix_spawn", "os.exec", "sqlite3.connect", "socket.connect")


def plain(value):
    if isinstance(value, bytes):
        return os.fsdecode(value)
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value if isinstance(value, (str, int, type(None))) else str(value)


def watch(event, arguments):
    if event in WATCHED:
        line = json.dumps({"event": event, "arguments": plain(arguments[:3]), "folder": os.getcwd()})
        descriptor = os.open(os.environ["TRACE_TO"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line.encode() + b"\\n")
        os.close(descriptor)


if os.environ.get("TRACE_TO"):
    sys.addaudithook(watch)
"""


@dataclass(frozen=True)
class Trace:
    """What has been written down so far; `env` is what the command to watch must have in its environment."""

    file: Path
    env: dict[str, str]

    def events(self, *kinds: str) -> list[dict[str, object]]:
        """The events of these kinds, in their order."""
        lines = self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []
        return [event for event in map(json.loads, lines) if event["event"] in kinds]

    def commands(self) -> list[tuple[list[str], str]]:
        """(words, folder) of every process that was started."""
        started = []
        for event in self.events("subprocess.Popen"):
            _, words, folder = event["arguments"]
            started.append(([words] if isinstance(words, str) else list(words), folder or event["folder"]))
        for event in self.events("os.posix_spawn", "os.exec"):
            started.append((list(event["arguments"][1]), event["folder"]))
        return started

    def hooks(self) -> list[tuple[str, str]]:
        """(which file of hooks/, in which folder) of every process that ran code of the template, but made adopt.py."""
        ran = [(word.rpartition("/hooks/")[2], folder) for words, folder in self.commands() for word in words if "/hooks/" in word]
        return [one for one in ran if one[0] != "bundle.py"]

    def programs(self) -> set[str]:
        """The names of the programs that were started."""
        return {Path(words[0]).name for words, _ in self.commands()}

    def connections(self) -> list[object]:
        """What was connected to: files of SQLite, addresses of servers."""
        return [event["arguments"] for event in self.events("sqlite3.connect", "socket.connect")]


def trace(folder: Path) -> Trace:
    """Make a trace in `folder`, to be handed to a command by its `env`."""
    site = folder / "traced"
    site.mkdir(parents=True, exist_ok=True)
    (site / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    return Trace(site / "trace.jsonl", {"PYTHONPATH": str(site), "TRACE_TO": str(site / "trace.jsonl")})
