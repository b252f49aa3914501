"""Turn an exception that the project's code raised into facts: what it was, where in their code, and what would have helped."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from ..base.redaction import redaction
from ..base.stop import Stop
from ..guard.connections import BLOCKED_WRITE, ConnectionRefused
from ..guard.other_databases import StatementRefused
from ..guard.programs import ProgramRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..base.record import Record
    from ..base.types import Place


MISSING_TABLE = re.compile(
    r"NoSuchTableError|no such (?:table|column)"
    r"|relation \"[^\"]+\" does not exist|column \S+ does not exist|UndefinedTable|UndefinedColumn"
    r"|Table '[^']+' doesn't exist|Unknown column|\(1146, |\(1054, "
)
OLD_SCHEME = re.compile(r"sqlalchemy\.dialects:postgres\b")
READS_VARIABLE = re.compile(
    r"""(?:environ\s*\[\s*|environ\.get\(\s*|getenv\(\s*|(?:config|env|env\.\w+)\(\s*)["']([A-Za-z_]\w*)["']"""
)
NAMES_VARIABLE = re.compile(
    r"""^["']?([A-Z][A-Z0-9_]{2,})["']? not found\.|[Ee]nvironment variable (?:["'`]([A-Za-z_]\w*)|([A-Z][A-Z0-9_]+))"""
)
ASKS_FOR_VARIABLE = re.compile(r"(?i)environ|\benv\b|variable|not set\b|\b(?:be|is|are) (?:set|required|missing)\b|\bmissing\b")
NAME_OF_VARIABLE = re.compile(r"(?<!required for )\b(?!SQLALCHEMY_)[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and all that it came from, outermost first."""
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        original = getattr(error, "orig", None)
        if isinstance(original, BaseException) and original not in seen:
            seen.append(original)
            yield original
        error = error.__cause__ or error.__context__


def stop_for(error: BaseException, record: Record) -> Stop:
    """The `Stop` for an exception that left the project's code while it loaded."""
    redaction.learn_error(error)
    redaction.learn_mapping(os.environ)  # what was in a .env is there by now
    place = record.last_place(error) or {}
    facts = dict(place, exception=described(error), missing=missing(error, place))
    facts.update({"missing_" + key: value for key, value in facts.pop("missing").items()})
    every: list[Any] = list(chain(error))
    if isinstance(error, SystemExit):
        return Stop("app-exits-while-loading", status=str(error.code), **facts)
    for one in every:
        if isinstance(one, ConnectionRefused):
            return Stop("connection-refused", family=one.family, **facts)
        if isinstance(one, StatementRefused):
            return Stop("names-another-database", name=one.name, **facts)
        if type(one).__name__ == "DatabaseLocked":
            return Stop("database-locked", message=one.reason, database=one.url, **facts)
        if isinstance(one, ProgramRefused):
            return Stop("app-starts-program-while-loading", program=str(one), **facts)
    if any(BLOCKED_WRITE.search(described(one)) for one in every):
        return Stop("app-writes-while-loading", **facts)
    if any(MISSING_TABLE.search(described(one)) for one in every):
        return Stop("app-queries-while-loading", **facts)
    return Stop("app-failed-to-load", **facts)


def described(error: BaseException) -> str:
    """Type and message in one line, as Python prints it; long statements are cut."""
    text = redaction.masked(str(error).strip())  # before it is cut: half a secret would not be found any more
    name = type(error).__name__
    if isinstance(error, SystemExit):
        return "SystemExit: %s" % text
    first = " ".join(text.split())
    return "%s: %s" % (name, first if len(first) <= 500 else first[:500] + " ...") if first else name


def missing(error: BaseException, place: Place) -> dict[str, str]:
    """What was not there: {"variable": name}, {"module": name}, {"file": path}, {"dialect": name}, or nothing."""
    for one in chain(error):
        if type(one).__name__ == "NoSuchModuleError" and OLD_SCHEME.search(str(one)):
            return {"dialect": "postgres"}
        if isinstance(one, ModuleNotFoundError) and one.name:
            return {"module": one.name}
        if isinstance(one, FileNotFoundError) and one.filename is not None:
            return {"file": os.fsdecode(one.filename) if isinstance(one.filename, (str, bytes)) else str(one.filename)}
        if isinstance(one, KeyError) and raised_by_environ(one):
            return {"variable": str(one.args[0])}
        name = asked_for(str(one))
        if name and not type(one).__module__.startswith(("sqlalchemy", "flask_sqlalchemy")):
            return {"variable": name}
    unset = [name for name in READS_VARIABLE.findall(place.get("text", "")) if name not in os.environ]
    # the project's own is the last, in the `environ.get("DATABASE_URL") or ...` that the edit makes
    return {"variable": unset[-1]} if unset else {}


def asked_for(text: str) -> str:
    """The variable that a message says is missing, as libraries and people put it, and that is not set; "" for none."""
    named = NAMES_VARIABLE.search(text)
    names = list(filter(None, named.groups())) if named else []
    if ASKS_FOR_VARIABLE.search(text):
        names += NAME_OF_VARIABLE.findall(text)
    return next((name for name in names if not os.environ.get(name)), "")


def raised_by_environ(error: BaseException) -> bool:
    """Whether a KeyError comes from `os.environ[...]`."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return (
        traceback is not None and traceback.tb_frame.f_globals.get("__name__") == os.__name__
    )  # "<frozen os>" is its file since 3.11
