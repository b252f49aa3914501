"""The job does what it is for: its own commands, in a fresh clone, on an empty database of the kind that the workflow starts."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
import yaml
from sqlalchemy import inspect, make_url

from tests.end_to_end.tools import Project, Result, commit_all, git, make_project, run, run_copier
from tests.servers import engine_for, new_database


def clone(project: Project, tmp_path: Path) -> Path:
    """What CI checks out: the committed files alone."""
    commit_all(project.top, "with migrations")
    there = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(project.top), str(there))
    return there / project.root.relative_to(project.top)


def job_of(root: Path) -> tuple[dict[str, str], bool, list[str]]:
    """Of the one job that was added: its variables, whether it starts a server, and its commands."""
    gitlab = root / "migrations" / "gitlab-ci.yml"
    if gitlab.exists():
        job = yaml.safe_load(gitlab.read_text())["migrations"]
        variables, commands = job["variables"], [*job["before_script"], *job["script"]]
        services = [service["alias"] for service in job.get("services", [])]
    else:
        job = yaml.safe_load((root / ".github" / "workflows" / "migrations.yml").read_text())["jobs"]["migrations"]
        variables, commands = job["env"], [step["run"] for step in job["steps"] if "run" in step]
        services = list(job.get("services", []))
    assert services == ["database"] * ("services" in job)
    return {str(name): str(value) for name, value in variables.items()}, "services" in job, commands


def run_job(root: Path, database_url: str = "") -> Result:
    """Run the job's commands but for installing; `database_url` is where the service is here. The last result, or a failure."""
    environ, has_server, commands = job_of(root)
    assert has_server == bool(database_url)
    if database_url:
        assert make_url(environ["DATABASE_URL"]).drivername == make_url(database_url).drivername
        environ["DATABASE_URL"] = database_url
    else:
        environ["DATABASE_URL"] = environ["DATABASE_URL"].replace("/tmp/", f"{root}/")
    result = Result(1, "", "no command", 0)
    for command in commands:
        words = shlex.split(command)
        if words[:4] == ["python", "-m", "pip", "install"]:
            continue
        program = [sys.executable] if words[0] == "python" else [sys.executable, "-m", "flask"]
        result = run(*program, *words[1:], cwd=root, env=environ)
        if result.returncode:
            break
    return result


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_on_each_kind_of_database(ci: str, database_url: str, tmp_path: Path) -> None:
    """The check goes well in a clone, on another and empty database, which it leaves empty; a model without a revision fails it."""
    project = make_project("single_module", tmp_path, database_url)
    assert run_copier(project, f"ci={ci}").returncode == 0
    root = clone(project, tmp_path)
    kind = {"postgresql": "postgresql", "mysql": "mariadb"}.get(make_url(database_url).get_backend_name())
    if kind is None:
        passed = run_job(root)
        change_models(root)
        failed = run_job(root)
    else:
        with new_database(kind) as empty:
            passed = run_job(root, empty)
            change_models(root)
            failed = run_job(root, empty)
            assert inspect(engine_for(empty)).get_table_names() == []

    assert passed.returncode == 0, passed.output
    assert failed.returncode == 1, failed.output
    assert "error: models-differ" in failed.output


def change_models(root: Path) -> None:
    """A table more in app.py."""
    app = root / "app.py"
    more = "\n\nclass Later(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n"
    before, mark, after = app.read_text().rpartition("\nif __name__")
    app.write_text(before + more + mark + after if mark else app.read_text() + more)


def test_a_variable_that_the_application_needs(tmp_path: Path) -> None:
    """The job sets it as the other workflow does; nothing else of the machine's is needed."""
    project = make_project("docker_and_github", tmp_path)
    assert run_copier(project).returncode == 0

    result = run_job(clone(project, tmp_path))

    assert result.returncode == 0, result.output


@pytest.mark.parametrize("in_file", [False, True], ids=["in the environment", "in a .env that git ignores"])
@pytest.mark.parametrize("is_needed", [True, False], ids=["needed", "only read"])
def test_a_variable_whose_value_matters(is_needed: bool, in_file: bool, tmp_path: Path) -> None:
    """Where the application starts here by what only this machine has, a job would fail from the first commit on: there is none."""
    project = make_project("single_module", tmp_path)
    app = project.root / "app.py"
    needs = 'if len(os.environ.get("VAULT_KEY", "")) < 8:\n    raise ValueError("VAULT_KEY is too short")\n' if is_needed else ""
    reads = f'import os\n\nVAULT_KEY = os.environ.get("VAULT_KEY", "")\n{needs}'
    app.write_text(reads + app.read_text())
    (project.root / ".gitignore").write_text("*.db\ninstance/\n.env\n__pycache__/\n")
    commit_all(project.top)
    if in_file:
        (project.root / ".env").write_text("VAULT_KEY=long-enough\n")

    ran = run_copier(project, "ci=github", env={} if in_file else {"VAULT_KEY": "long-enough"})

    assert ran.returncode == 0, ran.output
    why = (
        "note       no check of the migrations was added to GitHub Actions: the application does not start with what is set there"
        " (ValueError: VAULT_KEY is too short (app.py:5)); set what it needs, and run  python -m migrations.adopt check\n"
    )
    assert (why in ran.output) == is_needed, ran.output
    assert (project.root / ".github").exists() == (not is_needed)
    if not is_needed:
        assert run_job(clone(project, tmp_path)).returncode == 0


@pytest.mark.parametrize("shape", ["seeds_at_start", "queries_at_import"])
def test_an_application_that_needs_its_tables(shape: str, tmp_path: Path) -> None:
    """Where it starts on an empty database because its create_all() stays, the job goes well; where it does not, there is none."""
    project = make_project(shape, tmp_path)
    ran = run_copier(project, "ci=github")
    assert ran.returncode == 0, ran.output

    if project.shape.needs_tables:
        assert "no check of the migrations was added to GitHub Actions: the application does not start on an empty" in ran.output
        return
    result = run_job(clone(project, tmp_path))
    assert result.returncode == 0, result.output
