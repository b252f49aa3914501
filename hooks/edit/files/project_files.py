"""The small files beside the code: dependency declarations, Makefile, .flaskenv, .env.example; all in memory."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from hooks.base.facts import App, Interpreter, Project
from hooks.base.formats.declared import read_entries
from hooks.base.formats.requirement import normalised
from hooks.base.git import tracked_files
from hooks.base.links import find_link
from hooks.base.location import Span
from hooks.base.reading import read
from hooks.base.worktree_errors import GitRefuses
from hooks.detect.dependencies import declares
from hooks.detect.search import holding
from hooks.detect.strict_settings import find_strict_settings
from hooks.edit.core.splice import Untouched
from hooks.edit.files import dotenv, env_example, makefile, package_discovery, requirements
from hooks.environment.distributions import NoAnswer, probe
from hooks.environment.hashes import find_hashes
from hooks.environment.install import DOTENV, reads_flaskenv, wanted
from hooks.planning.flask_app import file_for_old_flask
from hooks.planning.oldest_python import find_oldest_python, is_for
from hooks.planning.plan import Plan

DB_MK = "migrations/db.mk"


@dataclass
class ProjectFiles:
    """New contents, former contents (None: the file is new), what was done in each, and what the user should know.

    `root` is the project's, a real path; None where there are no files but those in memory.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    before: dict[str, bytes | None] = field(default_factory=dict)
    done: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    root: Path | None = None

    def put(self, path: str, before: bytes | None, after: bytes | Untouched, what: str) -> None:
        """Take an editor's result: new bytes, or the reason why the file stays as it is."""
        if isinstance(after, requirements.ByHand):
            lines = " ".join(after.lines.split())
            name = path or "the dependencies"
            self.notes.append(f"{name} cannot be edited ({after.why}); add by hand:  {lines}")
        elif not isinstance(after, Untouched) and after != before:
            link = find_link(self.root, path) if self.root else None
            if link is not None and not link.place:
                lines = "  ".join(added_lines(before or b"", after))
                self.notes.append(
                    f"{path} is not edited: the symbolic link {link.path} leads to {link.target}; add by hand:  {lines}"
                )
                return
            if link is not None:
                path, what = link.place, f"{what} (where the symbolic link {link.path} leads)"
            self.files[path], self.before[path] = after, before
            self.done.append((path, what))


def added_lines(before: bytes, after: bytes) -> list[str]:
    """The lines that an edit adds, without their indent."""
    old, new = (raw.decode("utf-8", "replace").splitlines() for raw in (before, after))
    lines = [line[1:].strip() for line in [*difflib.unified_diff(old, new, n=0)][2:] if line.startswith("+")]
    return [line for line in lines if line]


def project_files(
    root: Path,
    project: Project,
    plan: Plan,
    interpreter: Interpreter,
    installed: Mapping[str, str],
    driver: str = "",
    pythons: Iterable[str] = (),
    *,
    is_followed: bool = True,
) -> ProjectFiles:
    """Compute every such edit.

    `installed` are the distributions that this run has added, with their versions; `driver` is that of the existing database's URL;
    `pythons` are the versions of Python that CI and images name. `is_followed`: setting the variable has an effect, as far as is
    known.
    """
    result = ProjectFiles(root=root)
    declare(result, root, project, plan, interpreter, installed, pythons)
    name_package(result, root, project)

    path = makefile.find_makefile(project.files)
    if path:
        before = read(root, path)
        result.put(path, before, makefile.include_targets(before, path, targets_of(root)), f"includes {DB_MK}")
    else:
        result.notes.append(f"no Makefile is added beside the justfile; the targets are there as  make -f {DB_MK} db-help")

    if not reads_flaskenv(interpreter):
        result.notes.append(named_in_shell(plan.app, project, interpreter.installed["flask"]))
    elif plan.flask_app is not None:
        before = read(root, dotenv.PATH)
        result.put(dotenv.PATH, before, dotenv.set_flask_app(before, plan.flask_app), f"FLASK_APP={plan.flask_app}")

    path = env_example.find_env_example(project.files)
    before = read(root, path)
    called = "" if driver.startswith("sqlite") else env_example.name_in(text_of(root, site.value) for site in plan.uri_sites)
    example = env_example.example_url(driver or "sqlite", called or root.name)
    today = [name for site in plan.uri_sites for name in site.variables] + [*plan.prefixed]
    settings = holding(root, project.files, ("BaseSettings",))
    strict = find_strict_settings(settings, lambda name: read(root, name))
    there_already = (
        env_example.is_shown(project.files, partial(read, root), plan.variable)
        or env_example.is_shown_above(root, plan.variable)
        or is_env_tracked(root, project)
    )
    if not is_followed or (before is None and there_already):
        pass  # it has no effect, or the settings that everybody has are in another file, or in .env itself
    elif strict is None or strict.fields & {plan.variable.lower()}:
        of_app = [site for site in project.config.sites if not site.is_test and not site.passes_on]
        is_only = bool(of_app) and all(site.variables == (plan.variable,) and not site.has_url for site in of_app)
        after = env_example.add_example(before, plan.variable, example, path, today, is_only=is_only)
        result.put(path, before, after, f"shows {plan.variable}")
    else:
        who = f"{strict.name} ({strict.where.path}:{strict.where.line})"
        result.notes.append(
            f"{path} does not show {plan.variable}: {who} refuses what is no field of it in .env; set it in the environment"
        )
    return result


def text_of(root: Path, span: Span) -> str:
    """The lines of a piece of code."""
    lines = (read(root, span.path) or b"").decode("utf-8", "replace").splitlines()
    return "\n".join(lines[span.line - 1 : span.end_line])


def is_env_tracked(root: Path, project: Project) -> bool:
    """Whether `.env` is in git, as one that holds no secret."""
    with contextlib.suppress(GitRefuses):
        return ".env" in project.files and bool(tracked_files(root, [".env"]))
    return False


def name_package(result: ProjectFiles, root: Path, project: Project) -> None:
    """Name the package that setuptools finds by itself today: it would not any more, with migrations/ beside it."""
    installs = [words for _, words in project.deploy.installs]
    is_installed = any(words[0] == "pip" and any(re.match(r"\.(\[|/?$)", word) for word in words) for words in installs)
    before = read(root, package_discovery.PATH)

    def now(path: str) -> bytes | None:
        return result.files.get(path, read(root, path))

    after = package_discovery.name_package(project.files, now, is_installed=is_installed)
    result.put(package_discovery.PATH, before, after, "names the package for setuptools")


def declare(
    result: ProjectFiles,
    root: Path,
    project: Project,
    plan: Plan,
    interpreter: Interpreter,
    installed: Mapping[str, str],
    pythons: Iterable[str],
) -> None:
    """Add Flask-Migrate, and what else the project now needs, to the files that declare its dependencies."""
    versions = {**interpreter.installed, **installed}
    names = [name for name in wanted(interpreter) if not (name == DOTENV and has_dotenv(root, project, plan))]
    new = {name: versions.get(normalised(name), "") for name in names}
    asked_for = {normalised(name) for name in wanted(interpreter)}
    new.update({name: version for name, version in installed.items() if normalised(name) not in asked_for})
    python, older = not_for_all(root, interpreter, new, pythons)
    declared = requirements.declare_all(
        root,
        project.declarations,
        new,
        near=plan.app.where.path,
        not_for_all=older,
        find_hashes=lambda versions: find_hashes(interpreter, versions),
    )
    forms = {one.path: one.form for one in project.declarations}
    for path, before, after in declared.changed:
        was, now = ({entry.key for entry in read_entries(forms[path], raw)} for raw in (before, after))
        names = [name for name in wanted(interpreter) if normalised(name) in now - was]
        result.put(path, before, after, "declares " + " and ".join(names))
        result.notes += [
            f"{path} names no version of {name}: the installed one is not for Python {python}, which the project is for"
            for name in sorted(older & {normalised(name) for name in names})
            if versions[name] not in "\n".join(added_lines(before, after))
        ]
    for untouched in declared.untouched:
        result.put(untouched.path, None, untouched, "")
    for lock, command in declared.stale_locks:
        result.notes.append(f"{lock} does not know the new dependencies yet; run:  {command}")


def has_dotenv(root: Path, project: Project, plan: Plan) -> bool:
    """Whether people who develop have python-dotenv, and whoever runs the application does without: no `.flaskenv` is needed."""
    return plan.flask_app is None and declares(root, project.files, normalised(DOTENV))


def not_for_all(root: Path, interpreter: Interpreter, versions: Mapping[str, str], pythons: Iterable[str]) -> tuple[str, set[str]]:
    """(the oldest Python that the project is for, those of `versions`, normalised, whose version there is not for that one)."""
    python = find_oldest_python(partial(read, root), pythons)
    names = {normalised(name) for name, version in versions.items() if version}
    if not names or not python or int(python.partition(".")[2]) >= interpreter.version[1]:
        return python, set()
    try:
        found = probe(interpreter.path, os.environ, Path(tempfile.gettempdir())).distributions
    except NoAnswer:  # it answered before, and its packages are there: their versions are named as they are
        return python, set()
    return python, {name for name in names & found.keys() if not is_for(found[name].requires_python, python)}


def named_in_shell(app: App, project: Project, version: str) -> str:
    """How a plain `flask` gets to the application before Flask 1.0."""
    path = file_for_old_flask(app, project)
    if path is not None:
        return f"Flask {version} reads no .flaskenv; say in each shell:  export FLASK_APP={path}"
    line = f"from {app.module} import {app.name}; app = {app.name}({app.arguments})"
    return f"Flask {version} calls no factory; make a file wsgi.py with  {line}  and say in each shell:  export FLASK_APP=wsgi.py"


def targets_of(root: Path) -> list[str]:
    """The names of the targets that the rendered db.mk defines."""
    text = (root / DB_MK).read_text(encoding="utf-8") if (root / DB_MK).exists() else ""
    return re.findall(r"^([a-z][\w-]*):", text, flags=re.MULTILINE)
