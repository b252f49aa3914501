"""The databases that an application is configured with, as far as that can be known before any of its code runs.

An environment variable names them. Where none does, it is the literal beside the variable in the project's own code:

    SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or "postgresql:///shop"

What the code puts together, or has elsewhere, is known when it is attached, and not before.
"""

from __future__ import annotations

import ast
import itertools
import os
import re
import warnings
from typing import TYPE_CHECKING, Any

from ..base.paths import ROOT, python_files, source_bytes
from ..base.urls import backend, make_url, sqlite_path
from ..rows import operations
from ..server.scratch import empty_url_variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL

    from ..base.types import StrPath


VARIABLE = re.compile(r"DATABASE_?UR[LI]|DB_?UR[LI]|SQLALCHEMY", re.IGNORECASE)
IN_FILE = re.compile(rb"(?is)(?=.*(" + VARIABLE.pattern.encode() + rb")).*(postgres|mysql|mariadb)[\w+]*://")
KINDS = ("sqlite", "postgresql", "mysql")
HERE = (None, "", "localhost", "127.0.0.1", "::1")
MOST_FILES = 5000


def before_loading(root: StrPath | None = None) -> list[URL]:
    """The URLs: those of the environment, else those of servers in the code."""
    return list(in_environment()) or in_code(root or ROOT)


def in_environment() -> Iterator[URL]:
    """The URLs of existing databases that environment variables hold."""
    for name, value in sorted(os.environ.items()):
        if VARIABLE.search(name) and not name.startswith(empty_url_variable("")):
            url = parsed(value)
            if url is not None and (backend(url) != "sqlite" or sqlite_path(url) is not None):
                yield url


def in_code(root: StrPath) -> list[URL]:
    """Literals in a statement that speaks of such a variable; another machine is asked only where it is the only one."""
    found = {}
    for path in itertools.islice(python_files(root), MOST_FILES):
        source = source_bytes(path)
        if IN_FILE.match(source):
            found.update(dict.fromkeys(literals(source)))
    urls = [url for url in map(parsed, found) if url is not None and backend(url) != "sqlite" and url.database]
    return urls if len(urls) == 1 else [url for url in urls if url.host in HERE]


def literals(source: bytes) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape in a string of theirs
            tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for statement in ast.walk(tree):
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)):
            words = [word for node in ast.walk(statement) for word in words_of(node)]
            if any(VARIABLE.search(word) and "://" not in word for word in words):
                yield from (word for word in words if "://" in word)


def words_of(node: Any) -> list[str]:
    """The names and strings of one node."""
    words = [getattr(node, attribute, None) for attribute in ("id", "attr", "arg")] + [operations.string(node)]
    return [word for word in words if isinstance(word, str)]


def parsed(text: str) -> URL | None:
    """The URL; None where it is none of a database here, or needs a package that is not there."""
    try:
        url = make_url(text) if "://" in text else None
        return url if url is not None and backend(url) in KINDS else None
    except Exception:  # noqa: BLE001 -- whatever a library says about a text of theirs
        return None
