"""Whether an image that gets the application gets migrations/ too."""

from __future__ import annotations

import pytest

from hooks.detect.deploy.dockerfile import find_copied
from hooks.detect.deploy.image import left_out, opened_folder


def lines(text: str, app: str, path: str = "Dockerfile") -> list[tuple[int, str]]:
    """The line that copies the application, and the one to add."""
    return [(copy.where.line, line) for copy, line in left_out(list(find_copied(path, text)), app)]


@pytest.mark.parametrize(
    ("text", "app", "expected"),
    [
        pytest.param(
            "COPY shop/ /srv/shop/\nCOPY wsgi.py /srv/", "shop/__init__.py", (1, "COPY migrations /srv/migrations"), id="folder"
        ),
        pytest.param("COPY requirements.txt .\nCOPY app.py ./", "app.py", (2, "COPY migrations ./migrations"), id="file"),
        pytest.param("COPY ./*.py /code/", "app.py", (1, "COPY migrations /code/migrations"), id="pattern"),
        pytest.param('COPY ["src", "/app/src"]', "src/shop/__init__.py", (1, "COPY migrations /app/migrations"), id="exec form"),
        pytest.param(
            "ADD ./server /server\nWORKDIR /server",
            "server/server.py",
            (1, "COPY migrations /server/migrations"),
            id="folder that the commands run in",
        ),
        pytest.param("COPY server /server", "server/server.py", (1, "COPY migrations /migrations"), id="folder at the root"),
        pytest.param("WORKDIR /srv\nCOPY shop .", "shop/app.py", (2, "COPY migrations ./migrations"), id="what is in a folder"),
        pytest.param(
            "ADD --chown=www:www shop shop", "shop/__init__.py", (1, "COPY migrations ./migrations"), id="ADD with an option"
        ),
        pytest.param(
            "COPY a.txt \\\n  shop \\\n  /srv/", "shop/__init__.py", (1, "COPY migrations /srv/migrations"), id="continued"
        ),
    ],
)
def test_migrations_are_missing(text: str, app: str, expected: tuple[int, str]):
    """The Dockerfile names what it copies, so a folder that is new is not in the image."""
    assert lines(text, app) == [expected]


@pytest.mark.parametrize(
    ("text", "app", "folder"),
    [
        pytest.param("ADD ./server /server\nWORKDIR /server", "server/server.py", "server", id="copied to where commands run"),
        pytest.param("WORKDIR /srv\nCOPY shop .", "shop/app.py", "shop", id="copied to here"),
        pytest.param("WORKDIR /srv\nCOPY shop shop", "shop/app.py", "", id="beside"),
        pytest.param("WORKDIR /srv\nCOPY . .", "shop/app.py", "", id="everything"),
        pytest.param("COPY shop /srv\nWORKDIR $HOME", "shop/app.py", "", id="variable"),
        pytest.param("COPY shop /srv", "shop/app.py", "", id="not said"),
    ],
)
def test_commands_run_inside_of_a_folder(text: str, app: str, folder: str):
    """There the modules have no folder before their names."""
    assert [opened_folder(copy, app) for copy in find_copied("Dockerfile", text)] == [folder]


@pytest.mark.parametrize(
    ("text", "app", "path"),
    [
        pytest.param("COPY . .", "shop/__init__.py", "Dockerfile", id="everything"),
        pytest.param("ADD ./ /srv", "app.py", "docker/Dockerfile", id="everything, from a folder"),
        pytest.param("COPY * /srv/", "app.py", "Dockerfile", id="star"),
        pytest.param("COPY shop shop\nCOPY migrations migrations", "shop/__init__.py", "Dockerfile", id="named"),
        pytest.param("COPY requirements.txt .\nRUN pip install shop", "shop/__init__.py", "Dockerfile", id="installed"),
        pytest.param("COPY package.json .\nCOPY src src", "shop/__init__.py", "web/Dockerfile", id="another application"),
        pytest.param("COPY $APP_DIR /srv", "shop/__init__.py", "Dockerfile", id="variable"),
        pytest.param("COPY --from=build /srv/shop /srv/shop", "shop/__init__.py", "Dockerfile", id="another stage"),
        pytest.param("# COPY shop /srv", "shop/__init__.py", "Dockerfile", id="comment"),
        pytest.param("COPY . /srv", "api/app.py", "api/Dockerfile", id="context of its own"),
    ],
)
def test_nothing_is_missing(text: str, app: str, path: str):
    """All is copied, or not the application, or it cannot be told."""
    assert lines(text, app, path) == []
