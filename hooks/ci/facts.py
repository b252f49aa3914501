"""What is known of a repository's continuous integration, and the job that is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CHECK = "python -m migrations.adopt check"


@dataclass(frozen=True)
class Ci:
    """What the repository uses. Paths are relative to the project's root; `top` leads to the repository's, "../" as a rule, or "".

    `folder` is the project's folder seen from there, "" at the top. `actions` maps "actions/checkout" to how the workflows name it,
    `values` the variables that they set to a literal; `images` are the service images that compose files and CI name.
    `stages`, `jobs` and `tags` are those of .gitlab-ci.yml; `tags` only where all jobs have the same.
    """

    top: str = ""
    folder: str = ""
    workflows: tuple[str, ...] = ()
    gitlab: str = ""
    branches: tuple[str, ...] = ()
    actions: Mapping[str, str] = field(default_factory=dict)
    pythons: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    stages: tuple[str, ...] | None = None
    jobs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Way:
    """How the project is installed: the shell commands, and what comes before `python` to run it in what they made.

    `cached` is the file that pip's cache goes by, "" where pip does not install.
    """

    commands: tuple[str, ...]
    prefix: str = ""
    cached: str = ""
    conda: str = ""


@dataclass(frozen=True)
class Service:
    """The database server beside the job; `url` has "{host}" where the host belongs."""

    image: str
    variables: Mapping[str, str]
    port: int
    health: tuple[str, ...]
    url: str


@dataclass(frozen=True)
class Job:
    """All that the job needs; `environ` are variables besides the one that names the database, which is `variable`.

    `service` is None for SQLite, with its URL in `url`. `runs` are the commands after installing; `paths` are patterns of what
    concerns the project, none where it is the whole repository.
    """

    python: str
    way: Way
    variable: str
    url: str
    service: Service | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    runs: tuple[str, ...] = (CHECK,)
    folder: str = ""
    paths: tuple[str, ...] = ()
