"""Write hooks/worktree/stock_fingerprints.py anew, from all that `flask db init` has ever generated.

    python -m tests.stock CHECKOUT        a clone of Flask-Migrate with its tags

Nothing of those files comes into this repository but their fingerprints.
"""

from __future__ import annotations

import subprocess
import sys
from ast import parse
from collections.abc import Iterator
from pathlib import Path

from hooks.worktree.stock import fingerprint, setting, settings, units

TARGET = Path(__file__).resolve().parents[1] / "hooks" / "worktree" / "stock_fingerprints.py"
FOLDERS = ("src/flask_migrate/templates", "flask_migrate/templates")
HEAD = '''"""What `flask db init` has generated, from Flask-Migrate {oldest} to {newest}; written by tests/stock.py."""

ROWS = """
'''
TAIL = '''
"""
FINGERPRINTS = frozenset(ROWS.split())
'''
ROW = 10


def files(checkout: Path) -> Iterator[tuple[str, str, str]]:
    """(tag, file name, text) of each template for Flask in each release."""
    for tag in git(checkout, "tag", "--list", "v*", "--sort=v:refname").split():
        for path in git(checkout, "ls-tree", "-r", "--name-only", tag, *FOLDERS).split():
            folder, _, name = path.rpartition("/")
            if folder.rpartition("/")[2] in ("flask", "flask-multidb") and name != "README":
                yield tag, name, git(checkout, "show", f"{tag}:{path}")


def git(checkout: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=checkout, capture_output=True, text=True, check=True).stdout


def fingerprints(name: str, text: str) -> set[str]:
    """Those of one file."""
    if name == "env.py":
        return {fingerprint(kind, shape) for _, kind, shape in units(parse(text))}
    if name == "script.py.mako":
        return {fingerprint("mako", line.strip()) for line in text.splitlines() if line.strip()}
    return {fingerprint("ini", setting(*key, value)) for key, value in settings(text).items()}


def main(checkout: Path) -> None:
    """Write the file."""
    found, tags = set(), []
    for tag, name, text in files(checkout):
        tags.append(tag.removeprefix("v"))
        found |= fingerprints(name, text)
    ordered = sorted(found)
    rows = [" ".join(ordered[at : at + ROW]) for at in range(0, len(ordered), ROW)]
    TARGET.write_text(HEAD.format(oldest=tags[0], newest=tags[-1]) + "\n".join(rows) + TAIL)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
