"""Retrofit the sample shop before your eyes: a populated database, one command, and what became of code and rows.

    python -m tests.demo .demo

The shop is tests/projects/shop_factory/; the template is this checkout, uncommitted changes included. The exit status is 0 only if
the database is at the head revision, `flask db check` finds nothing to do, every row is as it was and the shop's own tests pass.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.end_to_end.tools import PROJECTS, ROOT, commit_all, heads, rows, sqlite_files, stamped_at
from tests.plain_environ import plain_environ

BIN = Path(sys.executable).parent
Rows = dict[str, list[tuple[object, ...]]]


def say(title: str) -> None:
    """Head a part of the demonstration."""
    print(f"\n=== {title}", flush=True)


def run(folder: Path, *command: str) -> int:
    """Show a command as one would type it, and run it; programs come from this Python's environment."""
    print(f"\n$ {shlex.join(command)}", flush=True)
    environ = plain_environ()
    environ["PATH"] = f"{BIN}:{environ.get('PATH', '')}"
    return subprocess.run(
        command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=False
    ).returncode


def print_counts(counted: Rows) -> None:
    """One line with the number of rows in every table."""
    print("\nrows: " + ", ".join(f"{table} {len(content)}" for table, content in counted.items()), flush=True)


def retrofit(folder: Path) -> int:
    """The command of README.md, with this checkout in the place of the published template and this Python as the shop's."""
    return run(
        folder, "copier", "copy", "--trust", "--defaults", "--vcs-ref", "HEAD", "-d", f"python={sys.executable}", str(ROOT), "."
    )


def main(folder: Path) -> int:
    """Make the shop in `folder` anew and retrofit it; 1 if anything is not as promised."""
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(PROJECTS / "shop_factory", folder, ignore=shutil.ignore_patterns("__pycache__", "instance", ".pytest_cache"))
    commit_all(folder, "The shop as its team has it")

    say(f"The shop, in {folder.name}/: an application factory, 11 tables, db.create_all() at start-up")
    if run(folder, "flask", "--app", "shop", "seed"):
        return 1
    (database,) = sqlite_files(folder)
    before = rows(database)
    print_counts(before)

    say("Flask-Migrate is added by one command")
    if retrofit(folder):
        say("Failed: the command did not go through")
        return 1

    say("What changed in the code")
    run(folder, "git", "--no-pager", "status", "--short", "--untracked-files=all")
    run(folder, "git", "--no-pager", "diff")

    say("What changed in the database: its revision, nothing else")
    run(folder, "flask", "db", "current")
    problems = []
    if run(folder, "flask", "db", "check"):
        problems.append("flask db check failed")
    after = rows(database)
    print_counts(after)
    if not stamped_at(database) or stamped_at(database) != heads(folder):
        problems.append(f"the database is at {stamped_at(database)}, the head is {heads(folder)}")
    if after != before:
        problems.append("rows or tables are not as they were")

    say("The shop works as before: its own tests")
    if run(folder, "pytest", "-q", "-p", "no:cacheprovider"):
        problems.append("the shop's own tests failed")

    say("Failed: " + "; ".join(problems) if problems else "Done. The retrofitted shop is in " + str(folder))
    return 1 if problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Retrofit the sample shop and show what happened.")
    parser.add_argument("folder", type=Path, help="where the shop is put; what is there is removed")
    sys.exit(main(parser.parse_args().folder.absolute()))
