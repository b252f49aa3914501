"""What the repository's own CI says."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from hooks.ci.detecting import find_ci, read_ci
from hooks.ci.facts import Ci
from tests.end_to_end.tools import commit_all

WORKFLOW = """\
    on:
      push:
        branches: [develop, release/1.x, "feat/*"]
    env:
      SECRET_KEY: for-tests
      TOKEN: ${{ secrets.TOKEN }}
    jobs:
      test:
        strategy:
          matrix:
            python-version: ["3.9", "3.12"]
        services:
          db:
            image: postgis/postgis:15-3.3
        steps:
          - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683  # v4.2.2
          - uses: "actions/setup-python@v6"
          - uses: somebody/else@v1
"""
GITLAB = """\
    image: registry.example.org/python:3.10-slim
    stages: [build, Test]
    variables:
      DB_HOST: postgres
    include:
      - template: Security.yml
    .hidden:
      tags: [shell]
    lint:
      tags: [docker, linux]
      script: [ruff check .]
    unit:
      tags: [docker, linux]
      services:
        - mariadb:10.6
      script: pytest
"""


def test_workflow():
    """Branches, pinned actions, Pythons, literal variables and images; what is computed or secret is left out."""
    assert read_ci({"ci.yml": dedent(WORKFLOW)}, "", []) == Ci(
        branches=("develop", "release/1.x"),
        actions={
            "actions/checkout": "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683  # v4.2.2",
            "actions/setup-python": "actions/setup-python@v6",
        },
        pythons=("3.9", "3.12"),
        values={"SECRET_KEY": "for-tests"},
        images=("postgis/postgis:15-3.3",),
    )


def test_gitlab():
    """Stages, jobs and the tags that all of them have."""
    assert read_ci({}, dedent(GITLAB), []) == Ci(
        pythons=("3.10",),
        values={"DB_HOST": "postgres"},
        images=("mariadb:10.6",),
        stages=("build", "Test"),
        jobs=("lint", "unit"),
        tags=("docker", "linux"),
    )


def test_different_tags_are_not_taken_over():
    """Which runner is meant cannot be told."""
    assert read_ci({}, "a:\n  tags: [x]\nb:\n  tags: [y]\n", []).tags == ()


def test_compose_names_the_server():
    """What the application runs with comes before what CI uses."""
    compose = "services:\n  db:\n    image: postgres:13-alpine\n  web:\n    depends_on: [postgres]\n    build: .\n"

    assert read_ci({"ci.yml": dedent(WORKFLOW)}, "", [compose]).images == ("postgres:13-alpine", "postgis/postgis:15-3.3")


def test_what_is_not_yaml_says_nothing():
    """Broken files are somebody else's affair."""
    assert read_ci({"ci.yml": "on: [\n"}, "a: b: c\n", ["\t-"]) == Ci()


def test_a_folder_of_a_larger_repository(tmp_path: Path):
    """CI is at the top of the repository, the Python and the compose file may be beside the project."""
    root = tmp_path / "services" / "api"
    root.mkdir(parents=True)
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "web.yaml").write_text("on: push\n")
    (tmp_path / ".gitlab-ci.yml").write_text("test:\n  script: make\n")
    (root / ".python-version").write_text("3.10.4\n")
    (root / "compose.yaml").write_text("services:\n  db:\n    image: mysql:8.0\n")
    commit_all(tmp_path)

    assert find_ci(root) == Ci(
        top="../../",
        folder="services/api",
        workflows=("../../.github/workflows/web.yaml",),
        gitlab="../../.gitlab-ci.yml",
        pythons=("3.10",),
        images=("mysql:8.0",),
        jobs=("test",),
    )


def test_a_repository_without_ci(tmp_path: Path):
    """Versions of Python are named by several files; an environment's name is none."""
    (tmp_path / "Dockerfile").write_text("FROM python:3.9-slim AS base\n")
    (tmp_path / "runtime.txt").write_text("python-3.8.2\n")
    (tmp_path / "Pipfile").write_text('[requires]\npython_version = "3.7"\n')
    (tmp_path / ".python-version").write_text("shop-env\n")

    assert find_ci(tmp_path) == Ci(pythons=("3.8", "3.7", "3.9"))
