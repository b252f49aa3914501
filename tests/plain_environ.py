"""The environment in which tests, the demo and the benchmarks run: nothing in the developer's shell changes what they see."""

from __future__ import annotations

import os
from collections.abc import Mapping

# What would change what a Flask project, git, Copier or a make inside of `make test` does.
MISLEADING = ("DATABASE_URL", "EMPTY_DATABASE_URL", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME", "PGDATABASE")
MISLEADING_PREFIXES = ("FLASK_", "SQLALCHEMY_", "COPIER_", "GIT_", "MAKE", "MFLAGS")
PLAIN = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def plain_environ(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`environ` without what misleads, with a git identity, and writing no bytecode into sample projects."""
    kept = {name: value for name, value in environ.items() if name not in MISLEADING and not name.startswith(MISLEADING_PREFIXES)}
    return {**kept, **PLAIN}
