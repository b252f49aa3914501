"""The workflow of GitHub Actions: its whole text, and that YAML reads back what was meant."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from hooks.ci.facts import CHECK, Ci, Job, Way
from hooks.ci.github import HEAD, path_of, quoted, scalar, workflow
from hooks.ci.services import make_service

PIP = Way(("python -m pip install -r requirements.txt",), cached="requirements.txt")
ON_POSTGRESQL = make_service("postgres", "postgresql+psycopg2", "PostgreSQL 15.4", [])
JOB = Job("3.11", PIP, "DATABASE_URL", ON_POSTGRESQL.url, ON_POSTGRESQL)
SQLITE = Job("3.11", PIP, "DATABASE_URL", "sqlite:////tmp/migrations.db")

TEXT = """\
name: Migrations

on:
  push:
    branches: [main, master]
  pull_request:

permissions:
  contents: read

jobs:
  migrations:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    services:
      database:
        image: postgres:15
        env:
          POSTGRES_PASSWORD: not-a-secret
        ports:
          - 5432:5432
        options: >-
          --health-cmd pg_isready
          --health-interval 5s
          --health-timeout 5s
          --health-retries 20
    env:
      DATABASE_URL: postgresql+psycopg2://postgres:not-a-secret@127.0.0.1:5432/postgres
    steps:
      - uses: actions/checkout@v6
        with:
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.11"
          cache: pip
          cache-dependency-path: requirements.txt
      - run: python -m pip install -r requirements.txt
      - run: python -m migrations.adopt check
"""


def test_whole_text():
    """A project with a server of its own, at the top of its repository."""
    assert workflow(JOB, Ci()) == HEAD + TEXT


def read(job: Job, ci: Ci) -> dict[object, object]:
    """The workflow as YAML reads it."""
    read_back = yaml.safe_load(workflow(job, ci))
    assert isinstance(read_back, dict)
    return read_back


def test_sqlite_needs_no_service():
    """The variable names a file, since the application may have no other way to its database."""
    job = read(SQLITE, Ci())["jobs"]["migrations"]  # type: ignore[index]

    assert "services" not in job
    assert job["env"] == {"DATABASE_URL": "sqlite:////tmp/migrations.db"}


def test_a_folder_of_a_larger_repository():
    """It runs in that folder, when something there changes, under a name of its own at the top."""
    ci = Ci(top="../../", folder="services/api")
    job = replace(
        SQLITE,
        way=replace(PIP, cached="../../requirements.txt"),
        folder="services/api",
        paths=("services/api/**", "requirements.txt"),
    )
    found = read(job, ci)

    paths = ["services/api/**", "requirements.txt", ".github/workflows/migrations-services-api.yml"]
    assert path_of(ci) == "../../.github/workflows/migrations-services-api.yml"
    assert found[True] == {"push": {"branches": ["main", "master"], "paths": paths}, "pull_request": {"paths": paths}}
    assert found["jobs"]["migrations"]["defaults"] == {"run": {"working-directory": "services/api"}}  # type: ignore[index]
    assert found["jobs"]["migrations"]["steps"][1]["with"]["cache-dependency-path"] == "requirements.txt"  # type: ignore[index]


@pytest.mark.parametrize(
    ("theirs", "used"),
    [
        pytest.param("", "actions/checkout@v6", id="none"),
        pytest.param("actions/checkout@v2", "actions/checkout@v6", id="too old"),
        pytest.param("actions/checkout@v7.1", "actions/checkout@v7.1", id="newer"),
        pytest.param(f"actions/checkout@{'0f' * 20}  # v4.2.2", f"actions/checkout@{'0f' * 20}  # v4.2.2", id="pinned"),
        pytest.param("actions/checkout@main", "actions/checkout@v6", id="branch"),
    ],
)
def test_actions(theirs: str, used: str):
    """Where a repository pins its actions, so does this workflow; what the runners have dropped is not taken over."""
    text = workflow(SQLITE, Ci(actions={"actions/checkout": theirs} if theirs else {}))

    assert f"      - uses: {used}\n" in text


def test_python_3_7_needs_an_older_runner():
    """The newest runners do not have it."""
    assert read(replace(SQLITE, python="3.7"), Ci())["jobs"]["migrations"]["runs-on"] == "ubuntu-22.04"  # type: ignore[index]


def test_conda():
    """The runner's own conda, whose Python is that of the environment."""
    way = Way(("conda env create --name project --file environment.yml",), "conda run --name project ", conda="project")
    steps = read(replace(SQLITE, way=way, runs=(f"conda run --name project {CHECK}",)), Ci())["jobs"]["migrations"]["steps"]  # type: ignore[index]

    assert [step["run"] for step in steps[1:]] == [
        '"$CONDA/bin/conda" env create --name project --file environment.yml',
        '"$CONDA/bin/conda" run --name project python -m migrations.adopt check',
    ]


@pytest.mark.parametrize(
    "value",
    [
        "text",
        "a b",
        "yes",
        "1",
        "1.0",
        "",
        "a: b",
        "a #b",
        "%x",
        "@x",
        "~",
        "http://x:1/y?z=1",
        "it's",
        '"',
        "\u00fc",
        "\\",
        "k:",
        "2024-01-01",
    ],
)
def test_values_are_read_back(value: str):
    """Whatever a variable holds is text for YAML, too."""
    assert yaml.safe_load(f"x: {quoted(value)}\n") == {"x": value}


@pytest.mark.parametrize("command", ['"$X" a', "a && b", 'pip install -e ".[x]"', "echo a: b", "a # b", "python -m x", "{a}"])
def test_commands_are_read_back(command: str):
    """A command is one string, wherever it has quotes or colons."""
    assert yaml.safe_load(f"- run: {scalar(command)}\n") == [{"run": command}]
