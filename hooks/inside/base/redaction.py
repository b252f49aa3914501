"""The filter of all that is printed, and Python's own threads: `redaction.py` and `originals.py` of adopt/; see there.

It is used before the project's root is known; the package adopt/ that the session loads shares it then.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

from ..run import load_package

if TYPE_CHECKING:
    from collections.abc import Mapping


PACKAGE = __package__.rpartition(".")[0] + "_adopt_of_template"
MODULES = ("secret_patterns", "redaction", "originals")
ADOPT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", "..", "adopt"))

if PACKAGE not in sys.modules:
    load_package(PACKAGE, os.path.join(ADOPT, "base"))
redaction = importlib.import_module(PACKAGE + ".redaction")
originals = importlib.import_module(PACKAGE + ".originals")


def learn_known(secrets: Mapping[str, str]) -> None:
    """Look for what another process has learned, {secret: what is printed in its place}."""
    for secret in secrets.items():
        redaction.put(*secret)


def share_with(package: str) -> None:
    """Let another package of these modules have the ones of this process, and so what they have learned."""
    base = importlib.import_module(package + ".base")
    for name in MODULES:
        sys.modules[base.__name__ + "." + name] = sys.modules[PACKAGE + "." + name]
        setattr(base, name, sys.modules[PACKAGE + "." + name])
