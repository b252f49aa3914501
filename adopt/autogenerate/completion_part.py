"""What the parts of a Completion have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from ..base.types import Snapshot


class Part:
    """Some of the methods of a Completion, which sets these."""

    _connection: Connection
    _dialect: Any
    _is_sqlite: bool
    _is_mysql: bool  # MariaDB too
    _is_mariadb: bool
    _is_postgresql: bool
    _models: Any
    _operations: Any
    _tables: dict[str, Table]
    _there: Snapshot
    _first: list[Any]
    _last: list[Any]
    _retyped: set[tuple[str, str]]
    _alter: Callable[[str], str]
    _quoted: Callable[[str], str]
    _quoted_one: Callable[[str], str]
    _of_table: Callable[[str], list[Any]]
    _rebuild: Callable[[str], bool]
