"""What ends a process of ours that no Stop has ended: packages that do not go together, or a mistake of ours."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any

from .messages import Failed

OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def failed(error: BaseException, **place: Any) -> Failed:
    """What is told of it, `place` being the line of the project's code that it came from; its traceback goes to standard error."""
    traceback.print_exc()
    sys.stderr.flush()
    frame: Any = traceback.extract_tb(error.__traceback__)[-1]
    exception = "%s: %s" % (type(error).__name__, error)
    if isinstance(error, ImportError) and not place and os.path.isabs(frame.filename) and not frame.filename.startswith(OURS):
        return Failed("packages-do-not-fit", exception=exception)
    return Failed("unexpected", exception=exception, where="%s:%d" % (os.path.basename(frame.filename), frame.lineno), **place)
