"""The check in CI: for the CI that is asked for or in use, made once, never over a file of the user's, and undone with the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.test_guarantees import killed_run
from tests.end_to_end.tools import ROOT, Project, commit_all, make_project, make_template, run_copier, said, tree_bytes

WORKFLOW = ".github/workflows/migrations.yml"


def written(project: Project) -> list[str]:
    """The files of the check, from the top of the repository."""
    files = tree_bytes(project.top)
    return sorted(path for path in files if path.endswith("migrations/gitlab-ci.yml") or "workflows/migrations" in path)


@pytest.mark.parametrize(
    ("shape", "answer", "expected"),
    [
        pytest.param("single_module", "auto", [], id="no CI"),
        pytest.param("single_module", "github", [WORKFLOW], id="GitHub asked for"),
        pytest.param("single_module", "gitlab", ["migrations/gitlab-ci.yml"], id="GitLab asked for"),
        pytest.param("docker_and_github", "none", [], id="none asked for"),
        pytest.param("docker_and_github", "gitlab", ["migrations/gitlab-ci.yml"], id="the other one asked for"),
    ],
)
def test_which_ci(shape: str, answer: str, expected: list[str], tmp_path: Path) -> None:
    """Without an answer it is the one that the repository uses; with one it is that."""
    project = make_project(shape, tmp_path)

    result = run_copier(project, f"ci={answer}")

    assert result.returncode == 0, result.output
    assert written(project) == expected
    included = (project.top / ".gitlab-ci.yml").exists()
    assert included == (answer == "gitlab")


def test_a_file_of_the_users_is_left_alone(tmp_path: Path) -> None:
    """A workflow of that name stays byte for byte; the report says what it would have run."""
    project = make_project("docker_and_github", tmp_path)
    (project.root / WORKFLOW).write_text("name: theirs\non: push\njobs: {}\n")
    commit_all(project.top)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert (project.root / WORKFLOW).read_text() == "name: theirs\non: push\njobs: {}\n"
    assert (
        f"note       {WORKFLOW} is there already and stays as it is; the check of the migrations is"
        "  python -m migrations.adopt check\n"
    ) in said(result)


def test_ci_of_a_larger_repository(tmp_path: Path) -> None:
    """Its files are above the project's folder, so none is written unless it is asked for; the report says what is to run."""
    project = make_project("gitlab_and_procfile", tmp_path)
    before = tree_bytes(project.top)

    result = run_copier(project, "ci=auto")

    assert result.returncode == 0, result.output
    assert written(project) == []
    after = tree_bytes(project.top)
    assert {path: raw for path, raw in after.items() if not path.startswith("services/ledger/")} == {
        path: raw for path, raw in before.items() if not path.startswith("services/ledger/")
    }
    assert (
        "note       no check of the migrations was added, as the files of CI are above this folder; have CI run, in"
        " services/ledger:  python -m migrations.adopt check\n"
    ) in said(result)


def test_an_include_that_cannot_be_extended(tmp_path: Path) -> None:
    """The job's file is written, .gitlab-ci.yml stays as it is, and the report has the line."""
    project = make_project("gitlab_and_procfile", tmp_path)
    ci = project.top / ".gitlab-ci.yml"
    ci.write_text("include: [a.yml]\n")
    commit_all(project.top)

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert ci.read_text() == "include: [a.yml]\n"
    assert written(project) == ["services/ledger/migrations/gitlab-ci.yml"]
    assert (
        "note       ../../.gitlab-ci.yml cannot be edited (its `include` is written in another way); add to its `include`:"
        "  - local: services/ledger/migrations/gitlab-ci.yml\n"
    ) in said(result)


def test_uncommitted_changes_above_the_project(tmp_path: Path) -> None:
    """The tree of the project is clean, .gitlab-ci.yml at the top is not: it is not edited."""
    project = make_project("gitlab_and_procfile", tmp_path)
    ci = project.top / ".gitlab-ci.yml"
    ci.write_bytes(ci.read_bytes() + b"# soon\r\n")
    before = ci.read_bytes()

    result = run_copier(project)

    assert result.returncode == 0, result.output
    assert ci.read_bytes() == before
    assert "../../.gitlab-ci.yml cannot be edited (it has uncommitted changes)" in said(result)


@pytest.mark.parametrize("shape", ["docker_and_github", "gitlab_and_procfile"])
def test_undone_with_the_rest(shape: str, tmp_path: Path) -> None:
    """A run that is killed while it writes, and then refused, leaves nothing of it, above the project's folder neither."""
    project = make_project(shape, tmp_path)
    tree = tree_bytes(project.top)
    killed_run(project.root, tmp_path, KILL_AT_WRITE="9", **project.shape.env)
    assert tree_bytes(project.top) != tree

    result = run_copier(project, "app=nowhere:app")

    assert result.returncode != 0
    assert tree_bytes(project.top) == tree


def test_made_once(tmp_path: Path) -> None:
    """The team edits one file and takes the other away: neither recopy nor update brings anything back."""
    template = make_template(tmp_path / "template", tag="v1.0.0")
    project = make_project("docker_and_github", tmp_path)
    assert run_copier(project, template=template, env={}).returncode == 0
    commit_all(project.top)
    (project.root / WORKFLOW).unlink()
    commit_all(project.top)
    env_py = (template / "template" / "migrations" / "env.py").read_text()
    make_template(template, tag="v1.1.0", edits={"template/migrations/env.py": env_py + "\n# newer\n"})

    updated = run_copier(project, command="update")
    commit_all(project.top)
    again = run_copier(project, command="recopy", options=("--overwrite",))

    assert updated.returncode == 0, updated.output
    assert again.returncode == 0, again.output
    assert written(project) == []


def test_update_of_a_project_that_was_never_asked(tmp_path: Path) -> None:
    """A version without the question was used first: the update takes its default, and writes no CI."""
    asked = (ROOT / "copier.yml").read_text()
    question = asked[asked.index("ci:\n  type: str") : asked.index("# The next three")]
    older = asked.replace(question, "").replace("'ci': ci, ", "").replace(", ci=ci", "")
    name = "template/{{ _copier_conf.answers_file }}.jinja"
    answers = (ROOT / name).read_text()
    template = make_template(tmp_path / "template", tag="v1.0.0", edits={"copier.yml": older, name: answers.replace(", ci=ci", "")})
    project = make_project("docker_and_github", tmp_path)
    assert run_copier(project, template=template).returncode == 0
    (project.root / WORKFLOW).unlink()
    commit_all(project.top)
    make_template(template, tag="v1.1.0", edits={"copier.yml": asked, name: answers})

    updated = run_copier(project, command="update")

    assert updated.returncode == 0, updated.output
    assert "ci: auto\n" in (project.root / ".copier-answers.yml").read_text()
    assert written(project) == []
