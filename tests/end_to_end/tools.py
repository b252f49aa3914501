"""Run the real command on whole projects: copy one from tests/projects/, fill its database, run `copier copy`, look at everything.

The template is the working tree as it is, uncommitted changes included, committed to a repository of its own once per test process.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import MetaData, inspect, select, text

from tests.plain_environ import plain_environ
from tests.servers import engine_for

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = ROOT / "tests" / "projects"
EXPECTED = ROOT / "tests" / "expected"
TEMPLATE = ROOT / "template"
TEMPLATE_PATHS = ("copier.yml", "template", "hooks")

# How each shape is named to `flask --app`, and the command of its own that puts rows into its database.
APPS = {"shop_factory": "shop", "single_module": "app", "factory_package": "tracker", "two_apps": "shop.app"}
SEED_COMMANDS = {"shop_factory": "seed", "single_module": "seed", "factory_package": "seed", "two_apps": "routes"}


@dataclass(frozen=True)
class Project:
    """A copy of tests/projects/<shape>/ with one commit; `database_url` is its existing database, absolute (a fresh clone: "")."""

    root: Path
    shape: str
    app: str
    database_url: str = ""


@dataclass(frozen=True)
class Result:
    """How one process ended; Copier and the hook speak on `stderr`."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def output(self) -> str:
        """All it said, to be shown when an assertion fails."""
        return self.stdout + self.stderr


def run(*command: object, cwd: Path, env: Mapping[str, str] | None = None, timeout_s: float = 300) -> Result:
    """Run a command without a terminal, in a plain environment to which `env` is added."""
    environ = {**plain_environ(), **(env or {})}
    began = time.perf_counter()
    ended = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout_s,
        check=False,
    )
    seconds = time.perf_counter() - began
    return Result(ended.returncode, ended.stdout.decode(errors="replace"), ended.stderr.decode(errors="replace"), seconds)


def git(root: Path, *arguments: str) -> str:
    """The output of a git command that must go well."""
    result = run("git", *arguments, cwd=root)
    assert result.returncode == 0, result.output
    return result.stdout


def commit_all(root: Path, message: str = "a commit") -> None:
    """Put everything that is not ignored under version control."""
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)


def make_template(folder: Path, tag: str = "", edits: Mapping[str, str] | None = None) -> Path:
    """Commit the working tree's template to a new repository in `folder`; `edits` replaces files, `tag` names the version."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *TEMPLATE_PATHS)
    for path in filter(None, listed.split("\0")):
        if (ROOT / path).exists():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path)
    for path, content in (edits or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")
    commit_all(folder, tag or "working tree")
    if tag:
        git(folder, "tag", tag)
    return folder


@cache
def template_source() -> Path:
    """The working tree's template, as a repository without tags."""
    folder = Path(tempfile.mkdtemp(prefix="template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_template(folder)


def make_project(shape: str, tmp_path: Path, database_url: str = "", *, populate: bool = True) -> Project:
    """Copy a shape to tmp_path/<shape>, commit it, and let it make and fill its own database.

    `database_url` takes the place of the one `sqlite:///` literal in the shape's configuration; "" leaves that as it is. Without
    `populate` the project is a fresh clone: its application was never loaded.
    """
    root = tmp_path / shape
    shutil.copytree(PROJECTS / shape, root, ignore=shutil.ignore_patterns("__pycache__", "instance", "*.db", ".pytest_cache"))
    if database_url:
        point_at(root, database_url)
    commit_all(root, "as it was")
    project = Project(root, shape, APPS[shape], database_url)
    if not populate:
        return project
    seeded = flask(project, SEED_COMMANDS[shape])
    assert seeded.returncode == 0, seeded.output
    return project if database_url else Project(root, shape, project.app, sqlite_file(root))


def point_at(root: Path, database_url: str) -> None:
    """Replace the URL of the file database in the project's source, tests aside."""
    replaced = 0
    for path in sorted(root.rglob("*.py")):
        if "tests" not in path.relative_to(root).parts:
            before = path.read_text(encoding="utf-8")
            after, count = re.subn(r"sqlite:///\w+\.db", lambda _: database_url, before)
            replaced += count
            path.write_text(after, encoding="utf-8")
    assert replaced, "the shape has no sqlite:///name.db to replace"


def sqlite_file(root: Path) -> str:
    """The URL of the one SQLite file below `root`."""
    (path,) = root.rglob("*.db")
    return f"sqlite:///{path}"


def flask(project: Project, *arguments: str, app: bool = True, env: Mapping[str, str] | None = None) -> Result:
    """Run `flask` in the project with this test's Python; `app=False` leaves finding the application to flask, as a team does."""
    named = ("--app", project.app) if app else ()
    return run(sys.executable, "-m", "flask", *named, *arguments, cwd=project.root, env=env)


def run_copier(
    project: Project | Path,
    *data: str,
    template: Path | None = None,
    command: str = "copy",
    options: tuple[str, ...] = (),
    env: Mapping[str, str] | None = None,
) -> Result:
    """Run `copier copy --trust --defaults` in the project; each of `data` is a `name=value`.

    The project's Python is this test's unless `data` says otherwise. `command` may be "recopy" or "update", which take no
    `template`.
    """
    root = project if isinstance(project, Path) else project.root
    if not any(one.startswith("python=") for one in data):
        data = (*data, f"python={sys.executable}")
    answers = [word for one in data for word in ("-d", one)]
    places = (template or template_source(), ".") if command == "copy" else (".",)
    return run(sys.executable, "-m", "copier", command, "--trust", "--defaults", *options, *answers, *places, cwd=root, env=env)


def tree_bytes(root: Path) -> dict[str, bytes]:
    """Every file below `root` with its content, ignored ones included, `.git` left out. Symbolic links give their target."""
    return {
        path.relative_to(root).as_posix(): os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in sorted(root.rglob("*"))
        if (path.is_symlink() or path.is_file()) and ".git" not in path.relative_to(root).parts
    }


def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, sorted, `alembic_version` aside."""
    engine = engine_for(url)
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in sorted(metadata.tables.items())
            if name != "alembic_version"
        }


def stamped_at(url: str) -> list[str]:
    """The revisions in `alembic_version`; [] where that table is missing."""
    engine = engine_for(url)
    if not inspect(engine).has_table("alembic_version"):
        return []
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT version_num FROM alembic_version ORDER BY version_num")))


def heads(root: Path) -> list[str]:
    """The ids of the revisions in migrations/versions, from the file names `<date>_<id>_<slug>.py`."""
    found = [
        re.search(r"^revision\b.*?['\"](\w+)['\"]", path.read_text(), re.M) for path in (root / "migrations/versions").glob("*.py")
    ]
    return sorted(match[1] for match in found if match)


def template_files() -> list[str]:
    """The paths that the template renders into a project."""
    return [
        path.relative_to(TEMPLATE).as_posix().removesuffix(".jinja")
        for path in sorted(TEMPLATE.rglob("*.*"))
        if path.suffix != ".pyc"
    ]


def changes(project: Project) -> str:
    """What the run did to the tree, as text that is the same each time: other files than the template's by name, and their diff.

    The revision id, dates, server versions and the path of the project read as <revision>, <date>, <version>, <root>.
    """
    own = [path for path in template_files() if "_copier_conf" not in path]
    missing = [path for path in own if not (project.root / path).is_file()]
    assert not missing, f"the template's files {missing} were not rendered"
    git(project.root, "add", "-A", "--intent-to-add")
    others = ["--", ".", *(f":(exclude){path}" for path in own)]
    names = git(project.root, "status", "--porcelain", "-uall", *others)
    diff = git(project.root, "diff", "--no-renames", *others, ":(exclude).copier-answers*")
    whole = names + "\n" + re.sub(r"^index .*\n", "", diff, flags=re.M)
    for revision in heads(project.root):
        whole = whole.replace(revision, "<revision>")
    whole = re.sub(r"\d{4}[-_]?\d\d[-_]?\d\d(?=_<revision>)", "<date>", whole)
    whole = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d+)?)?", "<date>", whole)
    whole = re.sub(r"(on (?:SQLite|PostgreSQL|MariaDB|MySQL)) [\d.]+\d", r"\1 <version>", whole)
    return whole.replace(str(project.root), "<root>")


def check_changes(project: Project) -> None:
    """Compare `changes` with tests/expected/<shape>.diff; UPDATE_EXPECTED=1 writes that file, to be read before it is committed."""
    path = EXPECTED / f"{project.shape}.diff"
    now = changes(project)
    if os.environ.get("UPDATE_EXPECTED") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    assert now == path.read_text(encoding="utf-8")
