"""What a step of the project's Python has done, in words."""

from __future__ import annotations

from hooks.base.plural import count
from hooks.inside.base.messages import Step


def step_detail(step: Step) -> str:
    """The detail of a step that the project's Python has done, in words."""
    detail = step.detail or {}
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
