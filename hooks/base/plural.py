"""Numbers with their nouns."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    return " and ".join([*filter(None, [", ".join(words[:-1])]), *words[-1:]])


def count(number: int, noun: str) -> str:
    """ "1 table", "3 tables"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
