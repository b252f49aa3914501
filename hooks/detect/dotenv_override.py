"""Whether a file such as .env comes before the environment: `load_dotenv(override=True)`.

A variable that stands in that file cannot be given another value in the environment, so nobody else's database is named by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

OVERRIDES = re.compile(rb"\b(load_dotenv|read_env)\([^()]*(\([^()]*\)[^()]*)*\boverride\s*=\s*True")


def is_overridden(files: Iterable[str], read: Callable[[str], bytes | None]) -> bool:
    """Whether any Python file of the project loads one like that."""
    return any(OVERRIDES.search(read(path) or b"") for path in files if path.endswith(".py"))
