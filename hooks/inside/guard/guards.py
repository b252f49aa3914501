"""All guards, installed in one go before any code of the project runs; they stay until the process ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import drivers, programs, schema
from .on_import import PatchOnImport

if TYPE_CHECKING:
    from ..base.record import Record
    from .attached import Attached
    from .connections import Connections


def install(record: Record, policy: Connections, attached: Attached, may_create: bool) -> None:
    """Guard this interpreter."""
    programs.install()
    PatchOnImport(dict(drivers.patches(policy), **attached.patches(), **programs.patches())).install()
    schema.install(record, policy, may_create)
