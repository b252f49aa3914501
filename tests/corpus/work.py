"""One project of the corpus at work: what its notes say, the copies that a run works on, and the log of every command."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.corpus.databases import Outside
from tests.plain_environ import plain_environ

TIMEOUT_S = 300


@dataclass
class Case:
    """One checkout and what its `.env` file says of it."""

    name: str
    checkout: Path
    environment: Path | None = None
    folder: str = "."
    variables: dict[str, str] = field(default_factory=dict)
    database: str = ""
    answers: list[str] = field(default_factory=list)


def read_case(checkout: Path, environments: Path | None) -> Case:
    """The case of a checkout, with the environment that goes with it."""
    case = Case(checkout.name, checkout)
    notes = checkout.with_name(f"{checkout.name}.env")
    environment = checkout.name
    for line in notes.read_text(encoding="utf-8").splitlines() if notes.exists() else ():
        if line.startswith("# database:"):
            case.database = line.partition(":")[2].strip()
        elif line.startswith("# environment:"):
            environment = line.partition(":")[2].strip()
        elif line.startswith("# folder:"):
            case.folder = line.partition(":")[2].strip()
        elif line.startswith("# answer:"):
            case.answers.append(line.partition(":")[2].strip())
        elif "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            case.variables[name.strip()] = value.strip()
    if environments is not None:
        case.environment = environments / environment
    return case


class Log:
    """All that was run for one project, with its output."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("", encoding="utf-8")

    def add(self, text: str) -> None:
        """Append to the file, if there is one."""
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(text.rstrip("\n") + "\n")


@dataclass
class Work:
    """The copies that one run works on, and how commands are run there; `root` is the project's folder in `checkout`."""

    case: Case
    checkout: Path
    python: Path
    outside: Outside | None
    template: str
    log: Log
    said_to_export: re.Match[str] | None = None

    @property
    def root(self) -> Path:
        """Where the commands are run."""
        return self.checkout / self.case.folder

    def run(self, *command: object, cwd: Path | None = None, **variables: str) -> tuple[int, str]:
        """Exit status and output of a command in the copy; 124 after the time limit, as of timeout(1)."""
        words = [str(word) for word in command]
        environ = {**plain_environ(), **self.case.variables, **variables}
        began = time.perf_counter()
        try:
            ended = subprocess.run(
                words,
                cwd=cwd or self.root,
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
            status, output = ended.returncode, ended.stdout.decode(errors="replace") + ended.stderr.decode(errors="replace")
        except subprocess.TimeoutExpired as expired:
            status, output = 124, f"no end after {TIMEOUT_S} s\n{(expired.stderr or b'').decode(errors='replace')}"
        self.log.add(f"\n$ {' '.join(words)}   [{status}, {time.perf_counter() - began:.1f} s]\n{output}")
        return status, output

    def copier(self) -> tuple[int, str]:
        """The command of README.md, unattended, with this project's Python and answers."""
        answers = [word for one in (f"python={self.python.parent.parent}", *self.case.answers) for word in ("-d", one)]
        options = ["--trust", "--defaults", "--vcs-ref", "HEAD"]
        status, output = self.run(sys.executable, "-m", "copier", "copy", *options, *answers, self.template, ".")
        self.said_to_export = re.search(r"(?m)\bexport FLASK_APP=(\S+)", output) or self.said_to_export
        return status, output
