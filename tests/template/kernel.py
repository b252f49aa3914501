"""What this machine's kernel can restrict a process to; tests say which version of Landlock's interface they take.

With REQUIRE_LANDLOCK=4 those that take that version, or one before, run and fail where the kernel has an older one.
"""

from __future__ import annotations

import os

import pytest

from adopt.base import landlock

try:
    ABI = landlock.Kernel().abi()
except OSError:
    ABI = 0
REQUIRED = int(os.environ.get("REQUIRE_LANDLOCK", "0"))
WHY = f"this kernel has Landlock ABI {ABI}"
needs_abi = {abi: pytest.mark.skipif(abi > max(ABI, REQUIRED), reason=WHY) for abi in (1, 3, 4, 6)}
