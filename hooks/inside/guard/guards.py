"""All guards, installed in one go before any code of the project runs; they stay until the process ends."""

from __future__ import annotations

from . import drivers, programs, schema
from .on_import import PatchOnImport


def install(record, policy, attached, may_create):
    """Guard this interpreter."""
    programs.install()
    PatchOnImport(dict(drivers.patches(policy), **attached.patches(), **programs.patches())).install()
    schema.install(record, policy, may_create)
