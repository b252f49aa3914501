"""SQLite behind the policy of `connections.py`: files are opened with `mode=ro`, missing ones are stood in for.

`PRAGMA journal_mode=WAL` and its kind, which many apps send at connect and which write to the file, do nothing instead of failing.
What a read-only connection attaches is read-only too; other connections may attach databases in memory only.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

if TYPE_CHECKING:
    from ..base.types import Module
    from .connections import Connections


QUIET_PRAGMAS = {"journal_mode", "wal_checkpoint", "optimize", "auto_vacuum", "incremental_vacuum", "page_size"}


def patch(module: Module, policy: Connections) -> None:
    """`sqlite3.connect` and `sqlite3.dbapi2.connect`."""
    original = module.connect
    allowed, denied, ignored = module.SQLITE_OK, module.SQLITE_DENY, module.SQLITE_IGNORE

    def read_only(action: int, first: str, second: str | None, *rest: object) -> object:
        is_quiet = action == module.SQLITE_PRAGMA and second is not None and first.lower() in QUIET_PRAGMAS
        return ignored if is_quiet else allowed

    def alone(action: int, first: str, *rest: object) -> object:
        return denied if action == module.SQLITE_ATTACH and first not in ("", ":memory:") else allowed

    @functools.wraps(original)
    def connect(*args: Any, **kwargs: Any) -> Any:
        if policy.is_ours:
            return original(*args, **kwargs)
        kwargs, rest = dict(kwargs), list(args)
        asked = rest.pop(0) if rest else kwargs.pop("database")
        path, query = split(asked, kwargs.get("uri", len(args) > 7 and args[7]))
        if path is None:
            connection = original(asked, *rest, **kwargs)
            connection.set_authorizer(alone)
            return connection
        path, is_read_only = policy.sqlite_path(path)
        query["mode"] = "ro" if is_read_only else "rwc"
        del rest[6:]  # `uri`, which is given by name below
        kwargs["uri"] = True
        connection = original("file:" + quote(path) + "?" + urlencode(query), *rest, **kwargs)
        connection.set_authorizer(read_only if is_read_only else alone)
        return connection

    module.connect = module.dbapi2.connect = connect


def split(asked: Any, is_uri: object) -> tuple[str | None, dict[str, str]]:
    """(absolute path, query) of what `connect` is given; no path for a database in memory."""
    asked = os.fsdecode(asked)
    query = {}
    if is_uri and asked.startswith("file:"):
        asked, _, text = asked[len("file:") :].partition("#")[0].partition("?")
        query = dict(parse_qsl(text))
        if asked.startswith("//"):
            asked = "/" + asked[2:].partition("/")[2]
        asked = unquote(asked)
    if asked in ("", ":memory:") or query.get("mode") == "memory":
        return None, query
    return os.path.abspath(asked), query
