"""One project, twice, with `migrations/` of ours and of `flask db init`; each has a database of its own at the one revision."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import sample_app
from benchmarks.adopting import FLASK
from benchmarks.results import NotDone, Times
from benchmarks.servers import empty_database
from benchmarks.whole_run import run
from tests.end_to_end.tools import heads, stamped_at
from tests.template.conftest import put_migrations


class TwoProjects:
    """Both projects on one kind of database, each at head; the bytecode of both is there, as in any project that ran once."""

    def __init__(self, dialect: str, tables: int, folder: Path, stack: ExitStack) -> None:
        self.dialect, self.folder, self.stack = dialect, folder, stack
        self.urls = {"ours": self.new_database(), "theirs": self.new_database()}
        for name, url in self.urls.items():
            sample_app.write(folder / name, tables, url, by_hand=True)
        ours, theirs = (folder / name / "migrations" for name in self.urls)
        put_migrations(folder / "ours")
        (ours / "versions").mkdir()
        run(folder / "ours", *FLASK, "migrate", "-m", "baseline", env={"DATABASE_URL": self.new_database()})
        run(folder / "theirs", *FLASK, "init")
        shutil.copytree(ours / "versions", theirs / "versions", dirs_exist_ok=True)
        for name in self.urls:
            self.run(name, *FLASK, "upgrade")
            self.run(name, *FLASK, "upgrade")  # the bytecode of what only the second one imports

    def new_database(self) -> str:
        """The URL of an empty database, which is dropped in the end."""
        return empty_database(self.dialect, self.folder, self.stack)

    def run(self, name: str, *command: str) -> Times:
        """What one command takes in one of them; its database is at the newest revision afterwards."""
        times = run(self.folder / name, *command, env={"FLASK_APP": "big"})
        if len(heads(self.folder / name)) != 1 or stamped_at(self.urls[name]) != heads(self.folder / name):
            raise NotDone(f"the database is at {stamped_at(self.urls[name])}, the revisions are {heads(self.folder / name)}")
        return times

    def pair(self, commands: Mapping[str, Sequence[str]], number: int) -> tuple[Times, Times]:
        """Ours and theirs, one right after the other, which is first changing from round to round."""
        measured = {name: self.run(name, *commands[name]) for name in sorted(self.urls, reverse=bool(number % 2))}
        return measured["ours"], measured["theirs"]
