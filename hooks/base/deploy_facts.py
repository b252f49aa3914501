"""What is known of how the repository runs its application elsewhere; `facts.Project` holds it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hooks.base.location import Location


class Place(Enum):
    """When a command that stands in a file of the repository is run."""

    IMAGE = "image"  # while an image or a slug is built
    START = "start"  # whenever a container or a process starts
    RELEASE = "release"  # once for each deployment
    CI = "ci"
    TASK = "task"  # somebody asks for it: make, just, a script
    PAGE = "page"  # a page tells people to


class Does(Enum):
    """What such a command does to the migrations or to the database."""

    INIT = "init"  # flask db init
    MIGRATE = "migrate"  # flask db migrate
    CREATE_ALL = "create_all"  # makes the tables from the models
    STAMP = "stamp"  # flask db stamp
    UPGRADE = "upgrade"  # flask db upgrade
    UPGRADE_ELSEWHERE = "upgrade elsewhere"  # flask db upgrade --directory db/migrations
    SERVE = "serve"  # starts the application


@dataclass(frozen=True)
class Step:
    """One command that the repository says to run; `command` is how it is called whatever is wrapped around it.

    Steps of one `block` are run one after the other, in `folder` where the file says so. `creator` is where a CREATE_ALL has its
    call, unless that is in the command itself; `drops` says that it drops the tables first.
    """

    does: Does
    place: Place
    where: Location
    command: str
    block: str = ""
    creator: Location | None = None
    folder: str = ""
    drops: bool = False


@dataclass(frozen=True)
class Copied:
    """One COPY or ADD of a Dockerfile from its build's context; `starts_in` is where its commands run, "" where it is not known."""

    sources: tuple[str, ...]
    target: str
    where: Location
    starts_in: str = ""


@dataclass(frozen=True)
class Deploy:
    """How the repository runs its application elsewhere, as far as it concerns the database.

    `kept_out` are lines of .dockerignore and its like that keep migrations/ out of what is deployed, `without_flaskenv` those that
    keep `.flaskenv` out. `installs` are the commands, as words, that install packages, with the place that runs them. `scripts`
    are the lines that make console scripts. `releases` is what the platform already runs once for each deployment.
    """

    steps: tuple[Step, ...] = ()
    copied: tuple[Copied, ...] = ()
    kept_out: tuple[Location, ...] = ()
    without_flaskenv: tuple[Location, ...] = ()
    installs: tuple[tuple[Place, tuple[str, ...]], ...] = ()
    scripts: tuple[Location, ...] = ()
    releases: tuple[Location, ...] = ()
