"""Turn `create_all`, `drop_all`, `Table.create` and `Table.drop` into recorded no-ops, and note which tables are reflected.

They are patched where every form of them ends, in SQLAlchemy's `MetaData` and `Table`; Flask-SQLAlchemy's methods call those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import MetaData, Table

    from ..base.record import Record
    from .connections import Connections


def install(record: Record, policy: Connections, may_create: bool) -> None:
    """Patch SQLAlchemy; with `may_create` the creating calls do run (on a scratch database) and are recorded all the same.

    What this session itself does inside `policy.permitted()`, such as Alembic's version table, is left alone.
    """
    from sqlalchemy import MetaData, Table, event

    @event.listens_for(Table, "column_reflect")
    def note(inspector: object, table: Table, column_info: object) -> None:
        if not policy.is_ours:
            record.reflected.add(table)

    reflect = MetaData.reflect

    def noted(self: MetaData, *args: Any, **kwargs: Any) -> None:
        if not policy.is_ours:
            record.reflect_calls.append(record.here() or {})
        return reflect(self, *args, **kwargs)

    MetaData.reflect = noted  # type: ignore[method-assign]  # on purpose
    for owner, name, creates in (
        (MetaData, "create_all", True),
        (MetaData, "drop_all", False),
        (Table, "create", True),
        (Table, "drop", False),
    ):
        setattr(owner, name, recorded(getattr(owner, name), name, record, policy, runs=creates and may_create))


def recorded(original: Callable[..., Any], name: str, record: Record, policy: Connections, runs: bool) -> Callable[..., Any]:
    """`original` behind a note of who called it."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if policy.is_ours:
            return original(self, *args, **kwargs)
        if name == "drop_all":
            record.drop_all_calls.append(record.here() or {})
        if runs:
            return original(self, *args, **kwargs)
        return None

    method.__name__ = name
    method.__doc__ = original.__doc__
    return method
