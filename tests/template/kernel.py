"""What this machine's kernel can restrict a process to; tests say which version of Landlock's interface they take."""

from __future__ import annotations

import pytest

from adopt.base import landlock

try:
    ABI = landlock.Kernel().abi()
except OSError:
    ABI = 0
needs_abi = {abi: pytest.mark.skipif(abi > ABI, reason=f"this kernel has Landlock ABI {ABI}") for abi in (1, 3, 4, 6)}
