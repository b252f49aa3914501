"""What annotations of many modules name; nothing imports it but for them, so that no project has it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Union

StrPath = Union[str, "os.PathLike[str]"]
AnyPath = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
Given = Any  # what an application gives a function of `os`: a path, or what that function complains about
Original = Callable[..., Any]  # a function of Python's that a replacement of ours stands for
