"""Combinations that take turns in `make test`, each part of them tried in another one too; `THOROUGH=1 make test` runs all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def usual_or_all(usual: Sequence[T], everything: Sequence[T]) -> Sequence[T]:
    """What is run here."""
    return everything if os.environ.get("THOROUGH") == "1" else usual
