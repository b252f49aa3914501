"""The template's own package adopt/, as the session uses it: under a private name, beside the one that the project may have."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

from ..run import load_package
from .redaction import ADOPT, share_with

if TYPE_CHECKING:
    from .types import Module


PACKAGE = __package__.rpartition(".")[0] + "_adopt"


def adopted(name: str) -> Module:
    """A module of adopt/; `name` leaves out the package that it is in."""
    if PACKAGE not in sys.modules:
        load_package(PACKAGE, ADOPT)
        share_with(PACKAGE)
    first = name.partition(".")[0]
    for inner in os.listdir(ADOPT):
        if {first, first + ".py"} & set(os.listdir(os.path.join(ADOPT, inner)) if "." not in inner else ()):
            return importlib.import_module(".".join((PACKAGE, inner, name)))
    return importlib.import_module(PACKAGE + "." + name)
