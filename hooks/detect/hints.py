"""Where the repository itself says which application to run, as `flask --app` would take it.

FLASK_APP=shop:create_app       in .flaskenv, .env, Dockerfile, compose, Makefile, CI, scripts, README
gunicorn shop.wsgi:app          in Procfile, Dockerfile, compose, scripts, README
flask --app shop run            anywhere of these
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from hooks.base.facts import FlaskAppHint
from hooks.base.location import Location

# The order is the order of trust: what flask itself reads, what runs in production, what people are told to type.
KINDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^\.flaskenv$",
        r"^\.env$",
        r"^procfile(\.\w+)?$",
        r"(^|/)[\w.-]*dockerfile[\w.-]*$",
        r"(^|/)(docker-)?compose[\w.-]*\.ya?ml$",
        r"(^|/)(app\.ya?ml|app\.json|render\.yaml|fly\.toml|railway\.(toml|json)|vercel\.json|supervisord?\.conf|uwsgi\.ini|[\w.-]+\.service)$",
        r"(^|/)(gnu)?makefile$|(^|/)justfile$|\.mk$",
        r"(^|/)(setup\.cfg|pyproject\.toml|tox\.ini|noxfile\.py|pipfile|manifest\.ya?ml|buildspec\.ya?ml|\.replit|\.devcontainer/.*json)$",
        r"(^|/)\.?(env|flaskenv)[\w.-]*$|(^|/)[\w.-]+\.env$",
        r"\.(sh|bash|bat|cmd|ps1)$|^bin/[\w-]+$|(^|/)(entrypoint|start|run)$",
        r"^\.github/workflows/[^/]+\.ya?ml$|^\.gitlab-ci\.yml$|^\.travis\.yml$|^\.circleci/config\.yml$|^azure-pipelines\.yml$|^jenkinsfile$",
        r"^\.vscode/launch\.json$",
        r"(^|/)(readme|contributing|install|development)[\w.-]*$",
    )
)
LARGEST = 200_000  # bytes; longer files are data
NAME = r"[A-Za-z_][\w./\\-]*"
SPEC = rf"{NAME}(?:\.py)?(?::[A-Za-z_][\w.]*(?:\([^()\n]*\))?)?"
FLASK_APP = re.compile(rf"""FLASK_APP["']?\s*(?:=|:|\s)\s*["']?({SPEC})""")
FLASK_OPTION = re.compile(rf"""\bflask\s+(?:--app|-A)[\s=]+["']?({SPEC})""")
SERVER = re.compile(
    r"""\b(?:gunicorn|uwsgi|waitress-serve|hypercorn|uvicorn)\b[^\n]*?[\s"',=]((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*:[A-Za-z_]\w*(?:\([^()\n]*\))?)"""
)
UWSGI_MODULE = re.compile(r"^\s*(?:module|wsgi)\s*=\s*([\w.]+:\w+)", re.MULTILINE)
PLACEHOLDERS = re.compile(r"^(your|my_?app$|path|hello$|http|unix)|\.\.\.", re.IGNORECASE)


def find_hints(files: Iterable[str], read: Callable[[str], bytes | None]) -> tuple[FlaskAppHint, ...]:
    """Every place that names an application, the one to be trusted most first; each spec once for each file."""
    # flask reads .env where git ignores it, too
    named = {path for path in files if not path.endswith((".py", ".html", ".js", ".css", ".png"))} | {".flaskenv", ".env"}
    ranked = sorted((rank, path.count("/"), path) for path in named if (rank := _rank(path)) is not None)
    found: dict[tuple[str, str], FlaskAppHint] = {}
    for _, _, path in ranked:
        raw = read(path)
        if raw is None or len(raw) > LARGEST or b"\0" in raw:
            continue
        for line, text in enumerate(raw.decode("utf-8", "replace").splitlines(), start=1):
            for spec in _specs(path, text):
                found.setdefault((path, spec), FlaskAppHint(spec, Location(path, line, text.strip())))
    return tuple(found.values())


def _rank(path: str) -> int | None:
    return next((rank for rank, kind in enumerate(KINDS) if kind.search(path)), None)


def _specs(path: str, line: str) -> Iterator[str]:
    # "$PORT" or "-b :80" precede the application in some commands, so the last match of a server's line is the application.
    stripped = line.lstrip()
    is_comment = stripped.startswith(("#", "//")) and not path.lower().rpartition("/")[2].startswith(("readme", "contributing"))
    if is_comment:
        return
    for pattern in (FLASK_APP, FLASK_OPTION):
        for match in pattern.finditer(line):
            spec = match[1].rstrip(".,;")
            if not PLACEHOLDERS.search(spec):
                yield spec
    found = [match[1] for match in SERVER.finditer(line)] or [match[1] for match in UWSGI_MODULE.finditer(line)]
    for spec in found[-1:]:
        if not PLACEHOLDERS.search(spec):
            yield spec
