"""A migrations/ that `flask db init` has set up: its revisions, and what the team has written into the files that are replaced.

A README.md of the team's own keeps its text, below the template's: there `copier update` merges the one and leaves the other.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hooks.base.facts import Option
from hooks.base.location import Location
from hooks.edit.files import ini
from hooks.worktree import stock
from hooks.worktree.stock_fingerprints import FINGERPRINTS

ENV, INI, MAKO = "migrations/env.py", "migrations/alembic.ini", "migrations/script.py.mako"
REPLACED = (ENV, INI, MAKO)
PAGE, STOCK_PAGE = "migrations/README.md", "migrations/README"
KNOWN_OTHERWISE = {("alembic", "script_location"), ("alembic", "sqlalchemy.url"), ("alembic", "databases")}
# What `Migrate(...)` has to say instead of env.py, or the database is looked for its stamp in the wrong place.
DECIDING = ("version_table", "version_table_schema")
DONE_ANYWAY = {"compare_type": "True", "render_as_batch": "True", "literal_binds": "True"}


@dataclass(frozen=True)
class ByHand:
    """`before` are the files that are replaced, or added to (PAGE), `after` what they become. `revisions` are the names of
    the files in versions/.

    `own` are the team's lines that are in none of the new files, `options` those of them that are arguments of `context.configure`,
    `carried` the settings that alembic.ini keeps. `spare` are files of Flask-Migrate's that nobody needs any more. `commit` has the
    replaced files as they were, but for the `unsaved` ones.
    """

    revisions: tuple[str, ...]
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    own: tuple[Location, ...] = ()
    options: tuple[Option, ...] = ()
    carried: tuple[str, ...] = ()
    unsaved: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()
    commit: str = ""

    @property
    def copies(self) -> dict[str, bytes]:
        """Copies of replaced files beside them, for those with lines of the team's that nothing else would have."""
        return {f"{path}.before": self.before[path] for path in self.unsaved}


def is_flask_migrates(env: bytes) -> bool:
    """Whether an Alembic env.py gets its database from the Flask application, as Flask-Migrate's own does."""
    code = re.sub(rb"(?m)#.*$", b"", env)  # "no current_app here", another tool's says
    return b"current_app" in code and re.search(rb"extensions\[.migrate.\]|SQLALCHEMY_DATABASE_URI|flask_migrate", code) is not None


def read_by_hand(root: Path, sources: Mapping[str, Path]) -> ByHand:
    """What is there now; `sources` are the template's files by the paths that they are rendered to."""
    before = {path: (root / path).read_bytes() for path in REPLACED if (root / path).is_file()}
    texts = {path: raw.decode("utf-8", errors="replace") for path, raw in before.items()}
    after = {path: sources[path].read_bytes() for path in before}
    mine = stock.own_settings(texts.get(INI, ""))
    carried = {key: value for key, value in mine.items() if key not in KNOWN_OTHERWISE and value.isascii()}
    if carried:
        after[INI] = ini.with_settings(after[INI].decode("ascii"), carried).encode("ascii")
    templates, page = sources[PAGE].read_bytes(), (root / PAGE).read_bytes()
    if not page.startswith(templates):
        before[PAGE] = page
        after[PAGE] = templates + b"\n" + page.replace(b"\r\n", b"\n").lstrip(b"\n")
    own, versions = own_lines(texts), root / "migrations" / "versions"
    touched = {one.path for one in own}
    return ByHand(
        revisions=tuple(sorted(path.name for path in versions.rglob("*.py") if path.name != "__init__.py")),
        before=before,
        after=after,
        own=tuple(own),
        options=tuple(options(texts.get(ENV, ""))),
        carried=tuple(stock.setting(*key, value) for key, value in carried.items()),
        unsaved=tuple(path for path in before if path in touched and not is_in_git(root, path)),
        spare=(STOCK_PAGE,) if is_stock_page(root / STOCK_PAGE) else (),
        commit=last_commit(root),
    )


def is_stock_page(path: Path) -> bool:
    """Whether it is the one line that `flask db init` writes."""
    return path.is_file() and re.fullmatch(rb"\s*[\w -]+-database configuration( for \w+)?\.\s*", path.read_bytes()) is not None


def own_lines(texts: Mapping[str, str]) -> list[Location]:
    """The team's lines in env.py and script.py.mako; all of an env.py that is no Python 3."""
    found: list[Location] = []
    if ENV in texts:
        try:
            found += stock.own_statements(ENV, texts[ENV])
        except SyntaxError as error:
            found.append(Location(ENV, error.lineno or 1, (error.text or "").strip()))
    if MAKO in texts:
        found += stock.own_lines(MAKO, texts[MAKO])
    return found


def options(env: str) -> list[Option]:
    """The arguments of every `context.configure` in an env.py that Flask-Migrate has not generated, each once."""
    try:
        tree = ast.parse(env)
    except SyntaxError:
        return []
    lines = env.splitlines()
    found: dict[str, Option] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "configure":
            for keyword in node.keywords:
                is_stock = stock.fingerprint("argument", stock.shape(keyword)) in FINGERPRINTS
                if keyword.arg and not is_stock:
                    where = Location(ENV, keyword.value.lineno, lines[keyword.value.lineno - 1].strip())
                    found.setdefault(keyword.arg, Option(keyword.arg, ast.unparse(keyword.value), where))
    return list(found.values())


def last_commit(root: Path) -> str:
    """Its short name, "" outside of git."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout.strip()


def is_in_git(root: Path, path: str) -> bool:
    """Whether the last commit has the file as it is now."""
    asked = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", path], cwd=root, capture_output=True, check=False)
    known = subprocess.run(["git", "ls-files", "--error-unmatch", "--", path], cwd=root, capture_output=True, check=False)
    return not asked.returncode and not known.returncode
