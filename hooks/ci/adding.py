"""Add the files of the check to the others of a run, for the CI that was asked for, or for the one that the repository uses."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from hooks.base.facts import Answers, Interpreter, Project
from hooks.base.reading import read
from hooks.ci import github, gitlab
from hooks.ci.facts import Ci
from hooks.ci.job import PLACEHOLDER, Circumstances, NoJob, make_job
from hooks.detect.ignored import find_ignored
from hooks.edit.core.splice import Reason
from hooks.edit.files import dotenv
from hooks.edit.files.project_files import ProjectFiles
from hooks.edit.files.requirements import ByHand
from hooks.environment.install import reads_flaskenv
from hooks.planning.flask_app import file_for_old_flask, longest_flask_app_spec, said_flask_app
from hooks.planning.plan import Plan
from hooks.prove.proof import Proven, failure
from hooks.prove.rehearsal import Rehearsal

NAMES = {"github": "GitHub Actions", "gitlab": "GitLab CI"}


def add_ci(
    result: ProjectFiles,
    root: Path,
    project: Project,
    plan: Plan,
    answers: Answers,
    interpreter: Interpreter,
    ci: Ci,
    proven: Proven | None = None,
) -> None:
    """Put the files into `result`; where there can be none, say why in its notes.

    Above the project's folder, which may be others', they are written where somebody has asked for them.
    `proven` is what loading the application has told; before that, the files are those that are likely.
    """
    kinds = wanted(answers.ci, ci)
    if not kinds:
        return
    now = circumstances(root, project, plan, interpreter, proven)
    try:
        job = make_job(project, plan, interpreter, ci, now)
    except NoJob as why:
        result.notes.append(f"no check of the migrations was added to {' and '.join(NAMES[kind] for kind in kinds)}: {why}")
        return
    if answers.ci == "auto" and ci.top:
        result.notes.append(
            f"no check of the migrations was added, as the files of CI are above this folder; have CI run, in {ci.folder}:"
            f"  {' && '.join(job.runs)}"
        )
        return
    if "github" in kinds:
        put_new(result, root, github.path_of(ci), github.workflow(job, ci), job.runs)
    if "gitlab" in kinds:
        put_new(result, root, gitlab.FILE, gitlab.job_file(job, ci), job.runs)
        put_include(result, root, ci, answers)
    invented = [name for name, value in job.environ.items() if value == PLACEHOLDER]
    if invented:
        result.notes.append(
            f"the check in CI sets {', '.join(invented)} to {PLACEHOLDER!r}, as the application reads them to start"
        )


def wanted(answer: str, ci: Ci) -> list[str]:
    """The kinds of CI to write for."""
    used = {"github": bool(ci.workflows), "gitlab": bool(ci.gitlab)}
    return [kind for kind, is_used in used.items() if (is_used if answer == "auto" else answer == kind)]


def put_new(result: ProjectFiles, root: Path, path: str, text: str, runs: Sequence[str]) -> None:
    """A file of our own, unless there is one of that name."""
    if (root / path).exists():
        result.notes.append(f"{path} is there already and stays as it is; the check of the migrations is  {runs[-1]}")
        return
    result.put(path, None, text.encode("ascii", "backslashreplace"), "checks the migrations in CI")


def put_include(result: ProjectFiles, root: Path, ci: Ci, answers: Answers) -> None:
    """The line in .gitlab-ci.yml, or what to add there by hand."""
    path = ci.gitlab or f"{ci.top}.gitlab-ci.yml"
    before = read(root, path)
    after = gitlab.include(before, ci)
    if before is not None and isinstance(after, bytes) and not answers.allow_dirty and is_dirty(root, path):
        after = ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, "it has uncommitted changes", "")
    if isinstance(after, ByHand):
        line = f"{ci.folder}/{gitlab.FILE}".lstrip("/")
        result.notes.append(f"{path} cannot be edited ({after.why}); add to its `include`:  - local: {line}")
        return
    result.put(path, before, after, f"includes {gitlab.FILE}")


def is_dirty(root: Path, path: str) -> bool:
    """Whether a file differs from what is committed, or was never committed."""
    command = ["git", "status", "--porcelain", "--", path]
    asked = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return not asked.returncode and bool(asked.stdout.strip())


def circumstances(
    root: Path, project: Project, plan: Plan, interpreter: Interpreter, proven: Proven | None = None
) -> Circumstances:
    """What is known for the job; before the application was loaded, what is likely."""
    named = flask_app(root, project, plan, interpreter)
    if proven is None:
        return Circumstances(likely_driver(interpreter), flask_app=named)
    rehearsal = proven.rehearsal or Rehearsal()
    if rehearsal.flask_exception:  # what the committed files say leads nowhere
        named = longest_flask_app_spec(plan.app)
    is_tried = proven.rehearsal is not None and rehearsal.is_tried
    database = proven.databases[0]
    return Circumstances(
        driver=database.database.partition(":")[0],
        server=database.dialect,
        starts=not is_tried or rehearsal.starts,
        follows_variable=not is_tried or rehearsal.follows,
        needs_tables=bool(proven.needs_tables),
        databases=len(proven.databases),
        flask_app=named,
        lacks=failure(rehearsal.in_ci) if rehearsal.in_ci else "",
    )


def likely_driver(interpreter: Interpreter) -> str:
    """The driver of the database, by what is installed; SQLite's where there is none of a server."""
    drivers = {
        "psycopg2": "postgresql",
        "psycopg2-binary": "postgresql",
        "psycopg": "postgresql+psycopg",
        "pg8000": "postgresql+pg8000",
    }
    drivers |= {"pymysql": "mysql+pymysql", "mysqlclient": "mysql", "mysql-connector-python": "mysql+mysqlconnector"}
    return next((driver for name, driver in drivers.items() if name in interpreter.installed), "sqlite")


def flask_app(root: Path, project: Project, plan: Plan, interpreter: Interpreter) -> str:
    """What FLASK_APP must be where only committed files are; "" where those say it, or nothing need be said."""
    if not reads_flaskenv(interpreter):
        return file_for_old_flask(plan.app, project) or longest_flask_app_spec(plan.app)
    said = said_flask_app(project)
    if said and find_ignored(root, [said.where.path]):
        return said.spec
    return plan.flask_app if plan.flask_app and find_ignored(root, [dotenv.PATH]) else ""
