"""Where the repository gives an example of something that a machine must have of its own: a variable, a settings file.

SECRET_KEY=change-me        in .env.example, compose, Dockerfile, CI, README: the places that people copy from
config.example.py           for config.py; also config.py.tpl, config_sample.py, example_config.py, settings-dist.py
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from hooks.base.location import Location

TEMPLATE_WORDS = frozenset(
    {"example", "examples", "sample", "template", "tmpl", "tpl", "dist", "default", "defaults", "skel", "dev", "in"}
)
# The order is the order of use: what is made to be copied, what runs, what is told.
SHOWING = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(^|/)\.?(env|flaskenv)[\w.-]*$|(^|/)[\w.-]+\.env([.-]\w+)?$|(^|/)(example|sample)\.?env$",
        r"(^|/)(docker-)?compose[\w.-]*\.ya?ml$|(^|/)[\w.-]*dockerfile[\w.-]*$",
        r"(^|/)(app\.ya?ml|app\.json|render\.yaml|fly\.toml|manifest\.ya?ml|makefile|justfile|tox\.ini|pytest\.ini|[\w.-]+\.service)$",
        r"^\.github/workflows/[^/]+\.ya?ml$|^\.gitlab-ci\.yml$|^\.travis\.yml$|^\.circleci/config\.yml$|\.(sh|bash|bat|ps1)$",
        r"(^|/)(readme|contributing|install|development|setup)[\w.-]*$|^docs/.*\.(md|rst)$",
    )
)
LARGEST = 200_000  # bytes; longer files are data
MOST = 4


def find_variable(files: Iterable[str], read: Callable[[str], bytes | None], name: str) -> tuple[Location, ...]:
    """The first line of each file that shows `name`, the file to copy from first; without the value, which may be a secret."""
    ranked = sorted(
        (rank, path.count("/"), path) for path in files if (rank := _rank(path)) is not None and not path.endswith(".py")
    )
    shown = re.compile(rf"(?<![\w]){re.escape(name)}(?![\w])")
    found = []
    for _, _, path in ranked:
        raw = read(path) or b""
        if name.encode() not in raw or len(raw) > LARGEST:
            continue
        lines = raw.decode("utf-8", "replace").splitlines()
        line = next((number for number, text in enumerate(lines, start=1) if shown.search(text)), None)
        if line is not None:
            found.append(Location(path, line, name))
    return tuple(found[:MOST])


def find_template(files: Iterable[str], missing: str) -> str | None:
    """The tracked file that `missing` is meant to be copied from: of its name but for a word like "example"; the nearest one."""
    folder, _, name = missing.rpartition("/")
    wanted = _words(name)
    alike = [path for path in files if path != missing and _is_template_of(path.rpartition("/")[2], wanted)]
    return min(alike, key=lambda path: (path.rpartition("/")[0] != folder, path.count("/"), path), default=None)


def _is_template_of(name: str, wanted: list[str]) -> bool:
    words = _words(name)
    return words != wanted and [word for word in words if word not in TEMPLATE_WORDS] == wanted


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[._-]+", name.lower()) if word]


def _rank(path: str) -> int | None:
    return next((rank for rank, kind in enumerate(SHOWING) if kind.search(path)), None)
