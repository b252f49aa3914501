"""All guards, installed in one go before any code of the project runs; they stay until the process ends."""

from __future__ import annotations

from . import drivers, programs, schema
from .connections import BLOCKED_WRITE
from .on_import import PatchOnImport


def install(record, policy, attached, may_create):
    """Guard this interpreter."""
    programs.install(record)
    PatchOnImport(dict(drivers.patches(policy), **attached.patches(), **programs.patches(record))).install()
    schema.install(record, policy, may_create)
    watch_blocked_writes(record)


def watch_blocked_writes(record):
    """Note every statement that the read-only connection refused, also those whose error the app swallows."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def note(context):
        if BLOCKED_WRITE.search(str(context.original_exception)):
            statement = " ".join(str(context.statement or "").split())[:120]
            record.blocked_writes.append(dict(record.here() or {}, statement=statement))

    event.listen(Engine, "handle_error", note)
