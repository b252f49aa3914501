"""Files above a project that run something in its folder."""

from __future__ import annotations

from pathlib import Path

from hooks.base.deploy_facts import Does, Place
from hooks.base.location import Location
from hooks.detect.deploy.above import named_above, ran_above
from hooks.detect.deploy.creators import Creators
from hooks.detect.deploy.find_deploy import find_deploy

COMPOSE = """\
services:
  api:
    build:
      context: ./services/api
    command: sh -c "flask db init && flask run"
  blog:
    build: services/blog
    command: flask db init
  db:
    image: postgres:16
"""
WORKFLOW = """\
on: push
jobs:
  api:
    defaults:
      run:
        working-directory: services/api
    steps:
      - run: flask db migrate
  blog:
    steps:
      - run: flask db migrate
        working-directory: services/blog
      - run: flask db init
"""


def found(root: Path) -> list[tuple[Does, Place, str, int]]:
    """What does what, when and where, servers aside."""
    steps = find_deploy([], lambda path: None, Creators(), ran_above(root)).steps
    return [(step.does, step.place, step.where.path, step.where.line) for step in steps if step.does is not Does.SERVE]


def test_what_is_run_in_the_folder(tmp_path: Path):
    """Compose by what it builds, workflows by their working directory; what other folders run is their affair."""
    (tmp_path / ".git").mkdir()
    root = tmp_path / "services" / "api"
    root.mkdir(parents=True)
    (tmp_path / "docker-compose.yml").write_text(COMPOSE)
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "ci.yml").write_text(WORKFLOW)

    assert found(root) == [
        (Does.MIGRATE, Place.CI, "../../.github/workflows/ci.yml", 8),
        (Does.INIT, Place.START, "../../docker-compose.yml", 5),
    ]


PAGE = """\
# Start

    docker compose run users python manage.py recreate_db
    docker compose run users python manage.py db upgrade
    docker compose run orders python manage.py seed_db
    python -c "from app import db; db.create_all()"
"""
CIRCLE = """\
jobs:
  build:
    steps:
      - run: docker compose run users flask recreate_db
      - run: flask db migrate
"""


def test_commands_of_its_own_in_a_folder_that_is_not_known(tmp_path: Path):
    """Whoever runs one means this project; what others have as well may be theirs."""
    (tmp_path / ".git").mkdir()
    root = tmp_path / "services" / "users"
    root.mkdir(parents=True)
    (tmp_path / "README.md").write_text(PAGE)
    (tmp_path / "Makefile").write_text("reset:\n\tdocker compose exec users flask recreate_db\n\tflask db init\n")
    (tmp_path / ".circleci").mkdir()
    (tmp_path / ".circleci" / "config.yml").write_text(CIRCLE)
    (tmp_path / "services" / "Procfile").write_text("web: flask recreate_db && gunicorn app:app\n")
    made = Location("manage.py", 12, "db.create_all()")
    creators = Creators(commands={"recreate_db": made}, scripts={"create_db.py": made}, functions={"create_all": made})

    steps = find_deploy([], lambda path: None, creators, named=named_above(root)).steps

    assert [(step.place, step.where.path, step.where.line, step.command) for step in steps] == [
        (Place.CI, "../../.circleci/config.yml", 4, "flask recreate_db"),
        (Place.TASK, "../../Makefile", 2, "flask recreate_db"),
        (Place.PAGE, "../../README.md", 3, "python manage.py recreate_db"),
        (Place.START, "../Procfile", 1, "flask recreate_db"),
    ]


def test_a_project_at_the_top(tmp_path: Path):
    """Nothing is above it, whatever the folders around the repository hold."""
    (tmp_path / "docker-compose.yml").write_text(COMPOSE)
    root = tmp_path / "services" / "api"
    (root / ".git").mkdir(parents=True)

    assert found(root) == []
    assert list(named_above(root)) == []


def test_no_repository(tmp_path: Path):
    """Without git there is no telling where a repository ends."""
    (tmp_path / "docker-compose.yml").write_text(COMPOSE)
    root = tmp_path / "services" / "api"
    root.mkdir(parents=True)

    assert found(root) == []
