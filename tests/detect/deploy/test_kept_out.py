"""Lines that keep migrations/ out of what is deployed."""

from __future__ import annotations

import pytest

from hooks.base.location import Location
from hooks.detect.deploy.kept_out import find_kept_out


def found(path: str, text: str) -> list[Location]:
    """The lines of one file."""
    return list(find_kept_out([path], lambda name: text.encode()))


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        pytest.param(".dockerignore", "node_modules\nmigrations\n", 2, id="name"),
        pytest.param(".dockerignore", "/migrations/\r\n", 1, id="slashes, CRLF"),
        pytest.param(".dockerignore", "**/migrations", 1, id="anywhere"),
        pytest.param(".dockerignore", "# all but the code\n*\n!shop\n!requirements.txt\n", 2, id="all but"),
        pytest.param(".dockerignore", "migrations/versions/*.py", 1, id="revisions"),
        pytest.param(".dockerignore", "**/*.ini", 1, id="ini anywhere"),
        pytest.param("api.Dockerfile.dockerignore", "mig*", 1, id="of one Dockerfile"),
        pytest.param(".slugignore", "migrations/\n", 1, id="Heroku"),
        pytest.param(".gcloudignore", "*.ini\n", 1, id="Google"),
    ],
)
def test_found(path: str, text: str, line: int):
    """The line that decides, as the tool reads it."""
    assert found(path, text) == [Location(path, line, text.splitlines()[line - 1].strip())]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(".dockerignore", "venv\n*.pyc\n.git\n", id="others"),
        pytest.param(".dockerignore", "# migrations\n", id="comment"),
        pytest.param(".dockerignore", "*.ini\n", id="at the top of the context only"),
        pytest.param(".dockerignore", "*.md\nversions\n", id="not ours, or another folder"),
        pytest.param(".dockerignore", "*\n!shop\n!migrations\n", id="taken back"),
        pytest.param(".dockerignore", "migrations\n!migrations/**\n", id="content taken back"),
        pytest.param(".slugignore", "*.psd\n/spec\n", id="Heroku"),
        pytest.param("web/.dockerignore", "migrations\n", id="another context"),
        pytest.param(".gitignore", "migrations\n", id="git's own"),
        pytest.param(".dockerignore", "migrations[\n", id="broken pattern"),
    ],
)
def test_left_alone(path: str, text: str):
    """What keeps out nothing that is needed there."""
    assert found(path, text) == []
