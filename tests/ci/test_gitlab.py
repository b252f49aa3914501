"""The job of GitLab CI, and the line that includes it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from hooks.ci.facts import Ci, Job, Way
from hooks.ci.github import HEAD
from hooks.ci.gitlab import include, job_file
from hooks.ci.services import make_service
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.requirements import ByHand

ON_MARIADB = make_service("mariadb", "mysql+pymysql", "MariaDB 10.11.6", [])
JOB = Job("3.11", Way(("python -m pip install -r requirements.txt",)), "DATABASE_URL", ON_MARIADB.url, ON_MARIADB)
SQLITE = replace(JOB, url="sqlite:////tmp/migrations.db", service=None)
USED = Ci(gitlab=".gitlab-ci.yml")


def test_whole_text():
    """A project with a server of its own, on the runners that all jobs ask for."""
    assert job_file(JOB, replace(USED, stages=("build", "Test"), tags=("docker",))) == HEAD + (
        "migrations:\n"
        "  stage: Test\n"
        "  tags:\n"
        "    - docker\n"
        "  image: python:3.11\n"
        "  services:\n"
        "    - name: mariadb:10.11\n"
        "      alias: database\n"
        "  variables:\n"
        "    MARIADB_ROOT_PASSWORD: not-a-secret\n"
        "    MARIADB_DATABASE: project\n"
        "    DATABASE_URL: mysql+pymysql://root:not-a-secret@database:3306/project\n"
        "  before_script:\n"
        "    - python -m pip install -r requirements.txt\n"
        "  script:\n"
        "    - python -m migrations.adopt check\n"
    )


def test_a_folder_of_a_larger_repository():
    """It goes there first, and runs only when something there changes."""
    job = replace(SQLITE, folder="services/api", paths=("services/api/**",))
    found = yaml.safe_load(job_file(job, Ci(top="../../", folder="services/api", jobs=("migrations-services-api",))))

    assert found["migrations-services-api-check"]["rules"] == [{"changes": ["services/api/**/*"]}]
    assert found["migrations-services-api-check"]["before_script"][0] == "cd services/api"


def test_a_pipeline_without_a_stage_for_tests():
    """`.pre` is in every pipeline."""
    assert yaml.safe_load(job_file(SQLITE, replace(USED, stages=("build", "deploy"))))["migrations"]["stage"] == ".pre"


LOCAL = "include:\n  - local: migrations/gitlab-ci.yml\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("test:\n  script: make\n", f"test:\n  script: make\n\n{LOCAL}", id="none"),
        pytest.param("test:\n  script: make", f"test:\n  script: make\n\n{LOCAL}".removesuffix("\n"), id="no newline at the end"),
        pytest.param(
            "a:\r\n  script: b\r\n", f"a:\r\n  script: b\r\n\r\n{LOCAL}".replace("\r\n", "\n").replace("\n", "\r\n"), id="CRLF"
        ),
        pytest.param("\ufeffa:\n  script: b\n", f"\ufeffa:\n  script: b\n\n{LOCAL}", id="BOM"),
        pytest.param(
            "include:\n- template: A.yml\n\n# jobs\na:\n  script: b\n",
            "include:\n- template: A.yml\n- local: migrations/gitlab-ci.yml\n\n# jobs\na:\n  script: b\n",
            id="list without indent",
        ),
        pytest.param(
            "a:\n  script: !reference [.x, script]\ninclude:\n    - /b.yml   # theirs\n",
            "a:\n  script: !reference [.x, script]\ninclude:\n    - /b.yml   # theirs\n    - local: migrations/gitlab-ci.yml\n",
            id="at the end, beside a tag",
        ),
        pytest.param(
            "include:\n  - remote: r\n    x:\n      - a\n      - b\nx:\n  script: y\n",
            "include:\n  - remote: r\n    x:\n      - a\n      - b\n  - local: migrations/gitlab-ci.yml\nx:\n  script: y\n",
            id="after a nested list",
        ),
        pytest.param("# nothing yet\n", f"# nothing yet\n\n{LOCAL}", id="only comments"),
    ],
)
def test_included(before: str, after: str):
    """The line is added, and for YAML nothing else changes."""
    assert include(before.encode(), USED) == after.encode()
    assert include(after.encode(), USED) == Untouched(".gitlab-ci.yml", Reason.ALREADY_THERE)


def test_a_file_of_its_own():
    """Asked for where there is none yet, the pipeline is the check alone; the path is that from the top."""
    assert include(None, Ci(top="../", folder="api")) == b"include:\n  - local: api/migrations/gitlab-ci.yml\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("include: other.yml\na:\n  script: b\n", id="one file"),
        pytest.param("include: [a.yml, b.yml]\n", id="in one line"),
        pytest.param("include:\n  local: a.yml\n", id="mapping"),
        pytest.param("spec:\n  inputs: {}\n---\na:\n  script: b\n", id="two documents"),
        pytest.param("a: [\n", id="no YAML"),
        pytest.param("- a\n- b\n", id="list"),
        pytest.param("a:\n\tscript: b\n", id="tabs"),
        pytest.param("{a: {script: b}}\n", id="all in one line"),
    ],
)
def test_left_alone(text: str):
    """Written in another way, it is for a person to change."""
    assert isinstance(include(text.encode(), USED), ByHand)
