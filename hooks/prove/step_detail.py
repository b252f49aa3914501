"""What a step of the project's Python has done, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hooks.base.plural import count


def step_detail(event: Mapping[str, Any]) -> str:
    """The detail of a step that the project's Python has done, in words."""
    detail = event.get("detail") or {}
    if isinstance(detail, str):
        return detail
    words = []
    for name, value in detail.items():
        if isinstance(value, bool):
            words.append(name.replace("_", " ") if value else f"not {name.replace('_', ' ')}")
        elif isinstance(value, int):
            words.append(count(value, name.rstrip("s")))
        elif isinstance(value, str) and value:
            words.append(value)
    return ", ".join(words)
