"""Run the real command on whole projects: copy one from tests/projects/, fill its database, run `copier copy`, look at everything.

The template is the working tree as it is, uncommitted changes included, committed to a repository of its own once per test process.

What costs time, and what is there so that it does not (processor seconds):
- A Python that `run`, `run_copier`, `flask` or `as_its_team` starts is the fork of a process that has the libraries imported
  (tests/warm): 0.15 instead of 0.8 for a `flask db` command, 1.2 instead of 3 for `copier copy`. A commit is cloned once.
- A test with the fixture `from_nothing` starts everything as a user does: one for each kind of command, and those that are about
  that start.
"""

from __future__ import annotations

import atexit
import codecs
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import MetaData, inspect, select, text

from hooks import bundle
from hooks.edit.files.schema_page import PATH as SCHEMA_PAGE
from tests import warm
from tests.end_to_end.shapes import PROJECTS, SHAPES, Shape
from tests.plain_environ import plain_environ
from tests.servers import engine_for

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = ROOT / "tests" / "expected"
TEMPLATE = ROOT / "template"
TEMPLATE_PATHS = ("copier.yml", "template", "hooks", "adopt", "pyproject.toml")


@dataclass(frozen=True)
class Project:
    """A copy of tests/projects/<shape>/ with one commit; `database_url` is its existing database, absolute (a fresh clone: "").

    `binds` are the further ones, those of its binds. `root` is the folder in which commands are run, `top` that of the whole
    repository.
    """

    root: Path
    shape: Shape
    database_url: str = ""
    top: Path = field(default=Path(), kw_only=True)
    binds: tuple[str, ...] = ()

    @property
    def databases(self) -> tuple[str, ...]:
        """Every existing database."""
        return (self.database_url, *self.binds) if self.database_url else ()


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
    """Run a command without a terminal, in a plain environment to which `env` is added; a Python as tests/warm does."""
    environ = {**plain_environ(), **(env or {})}
    words = [str(word) for word in command]
    libraries = warm.libraries_for(words, environ)
    began = time.perf_counter()
    if libraries:
        ended = warm.run(words, libraries=libraries, cwd=cwd, environ=environ, timeout_s=timeout_s)
    else:
        ended = subprocess.run(
            words, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
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
    top = tmp_path / shape
    shutil.copytree(PROJECTS / shape, top, ignore=shutil.ignore_patterns("__pycache__", "instance", "*.db", ".pytest_cache"))
    if database_url:
        point_at(top, database_url)
    commit_all(top, "as it was")
    project = Project(top / SHAPES[shape].folder, SHAPES[shape], database_url, top=top)
    if not populate or not project.shape.fill:
        return project
    for command in project.shape.fill:
        filled = as_its_team(project, command)
        assert filled.returncode == 0, filled.output
    if database_url or project.shape.error:
        return project
    first, *others = sqlite_files(top)
    return replace(project, database_url=first, binds=tuple(others))


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


def sqlite_files(root: Path) -> list[str]:
    """The URLs of the SQLite files below `root` that have tables, whatever their names, in the order of those."""
    paths = (path for path in sorted(root.rglob("*")) if path.is_file() and path.read_bytes().startswith(b"SQLite format 3\0"))
    return [f"sqlite:///{path}" for path in paths]


def flask(project: Project, *arguments: str, app: bool = True, env: Mapping[str, str] | None = None) -> Result:
    """Run `flask` in the project with this test's Python; `app=False` leaves finding the application to flask, as a team does."""
    named = ("--app", project.shape.app) if app and project.shape.app else ()
    return run(sys.executable, "-m", "flask", *named, *arguments, cwd=project.root, env={**project.shape.env, **(env or {})})


def as_its_team(project: Project, command: str, env: Mapping[str, str] | None = None) -> Result:
    """Run a command line of the project's own as its team did before the run: `flask` and `python` are this test's."""
    program, *arguments = shlex.split(command)
    words = {"flask": (sys.executable, "-m", "flask"), "python": (sys.executable,)}.get(program, (program,))
    named = {"FLASK_APP": project.shape.app} if project.shape.app else {}
    return run(*words, *arguments, cwd=project.root, env={**named, **project.shape.env, **(env or {})})


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
    if isinstance(project, Project):
        data, env = (*project.shape.answers, *data), {**project.shape.env, **(env or {})}
    if not any(one.startswith("python=") for one in data):
        data = (*data, f"python={warm.python()}")
    answers = [word for one in data for word in ("-d", one)]
    places = (template or template_source(), ".") if command == "copy" else (".",)
    words = (sys.executable, "-m", "copier", command, "--trust", "--defaults", *options, *answers, *places)
    return run(*words, cwd=root, env=env)


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


def schema(url: str) -> object:
    """Everything about the tables but `alembic_version`: columns, keys, indexes, and where sequences stand."""
    engine = engine_for(url)
    inspector = inspect(engine)
    tables = {
        name: (
            [(one["name"], str(one["type"]), one["nullable"], str(one["default"])) for one in inspector.get_columns(name)],
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted(str(one) for one in inspector.get_unique_constraints(name)),
            sorted(str(one["name"]) for one in inspector.get_indexes(name)),
        )
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }
    sequences = []
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            sequences = connection.execute(text("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")).fetchall()
    return tables, [tuple(one) for one in sequences]


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


def newest(root: Path) -> list[str]:
    """Those of them that no other one follows."""
    texts = [path.read_text() for path in (root / "migrations/versions").glob("*.py")]
    followed = {found for text in texts for found in re.findall(r"^down_revision\b.*?['\"](\w+)['\"]", text, re.M)}
    return [revision for revision in heads(root) if revision not in followed]


def template_files() -> list[str]:
    """The paths that the template renders into a project, and that its task makes there."""
    rendered = [
        path.relative_to(TEMPLATE).as_posix().removesuffix(".jinja")
        for path in sorted(TEMPLATE.rglob("*.*"))
        if path.suffix != ".pyc"
    ]
    return [*rendered, bundle.PATH]


def changes(project: Project) -> str:
    """What the run did to the tree, as text that is the same each time: other files than the template's by name, and their diff.

    SCHEMA.md is not among them: its facts are those of the report, which is compared as a whole.
    """
    folder = project.root.relative_to(project.top)
    own = [(folder / path).as_posix() for path in (*template_files(), SCHEMA_PAGE) if "_copier_conf" not in path]
    missing = [path for path in own if not (project.top / path).is_file()]
    assert not missing, f"the template's files {missing} were not rendered"
    git(project.top, "add", "-A", "--intent-to-add")
    others = ["--", ".", *(f":(exclude){path}" for path in own)]
    names = git(project.top, "status", "--porcelain", "-uall", *others)
    diff = git(project.top, "diff", "--no-renames", *others, f":(exclude){(folder / '.copier-answers.yml').as_posix()}")
    diff = re.sub(r"^Binary files a/(.*) and b/\1 differ\n", lambda found: utf16_diff(project.top, found[1]), diff, flags=re.M)
    return unchanging(project, names + "\n" + re.sub(r"^index .*\n", "", diff, flags=re.M))


def utf16_diff(top: Path, path: str) -> str:
    """The changes of a file that git takes for a binary one."""
    now = (top / path).read_bytes()
    assert now.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)), f"{path} is not UTF-16"
    before = subprocess.run(["git", "show", f"HEAD:{path}"], cwd=top, capture_output=True, check=True).stdout
    lines = [content.decode("utf-16").splitlines(keepends=True) for content in (before, now)]
    return "UTF-16\n" + "".join(difflib.unified_diff(*lines, f"a/{path}", f"b/{path}"))


def said(result: Result) -> str:
    """What the hook says: all after Copier announces its task, but what Copier adds to an error."""
    words = re.split(r"^ > Running task .*\n", result.stderr, flags=re.M)[-1]
    return re.split(r"^Task \[.*", words, flags=re.M)[0].strip("\n") + "\n"


def said_in_the_end(project: Project, result: Result) -> str:
    """What the hook says after the steps that it takes, as text that is the same each time."""
    return unchanging(project, re.sub(r"^  \w+ +\d+\.\d\d s.*\n", "", said(result), flags=re.M).lstrip("\n"))


def unchanging(project: Project, text: str) -> str:
    """`text` with <revision>, <date>, <version> and <root> in the place of what differs from run to run, or between machines."""
    for revision in heads(project.root):
        text = text.replace(revision, "<revision>")
    text = re.sub(r"\d{4}[-_]?\d\d[-_]?\d\d(?=_<revision>)", "<date>", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d+)?)?", "<date>", text)
    text = re.sub(r"(?mi)^\+.*\b(flask-migrate|python-dotenv)\b.*", without_version, text)
    text = re.sub(r"((?:on|,) (?:SQLite|PostgreSQL|MariaDB|MySQL)) [\d.]+\d", r"\1 <version>", text)
    commit = git(project.top, "rev-parse", "--short", "HEAD").strip()
    return text.replace(f"git show {commit}:", "git show <commit>:").replace(str(project.top), "<root>")


def without_version(declared: re.Match[str]) -> str:
    """A declared dependency that reads the same when the package's next version is installed: X.Y.Z, X.Y, <X+1."""
    installed = version(declared[1])
    major, minor, *_ = installed.split(".")
    line = declared[0].replace(installed, "X.Y.Z").replace(f"{major}.{minor}", "X.Y")
    return re.sub(rf"<{int(major) + 1}(?!\d)", "<X+1", line)


def check_changes(project: Project) -> None:
    """Compare what the run did to the tree with tests/expected/<shape>.diff."""
    check_expected(f"{project.shape.name}.diff", changes(project))


def check_expected(name: str, now: str) -> None:
    """Compare with a file in tests/expected/; UPDATE_EXPECTED=1 writes that file, to be read before it is committed."""
    path = EXPECTED / name
    if os.environ.get("UPDATE_EXPECTED") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(now.encode())
    assert now == path.read_bytes().decode()
