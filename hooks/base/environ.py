"""The environment of the project's Python."""

from __future__ import annotations

import os
from collections.abc import Mapping


def child_environ(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The user's environment, without what Copier's own interpreter needs, and with no bytecode written."""
    kept = {name: value for name, value in environ.items() if name not in ("PYTHONHOME", "__PYVENV_LAUNCHER__")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}
