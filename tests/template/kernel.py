"""What this machine's kernel can restrict a process to; tests say which version of Landlock's interface they take.

With REQUIRE_LANDLOCK=4 those that take that version, or one before, run and fail where the kernel has an older one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from adopt.base import landlock
from tests.template.conftest import TEMPLATE

PROGRAM = """
import json, sys
sys.path.insert(0, {template!r})
{restriction}

def outcome(action):
    try:
        exec(action, {{}})
    except OSError as error:
        return error.strerror
    return "done"

print(json.dumps([said, [outcome(action) for action in {actions!r}]]))
"""
REFUSED = "Permission denied"
try:
    ABI = landlock.Kernel().abi()
except OSError:
    ABI = 0
REQUIRED = int(os.environ.get("REQUIRE_LANDLOCK", "0"))
WHY = f"this kernel has Landlock ABI {ABI}"
needs_abi = {abi: pytest.mark.skipif(abi > max(ABI, REQUIRED), reason=WHY) for abi in (1, 3, 4, 6)}


def outcomes(restriction: str, actions: Sequence[str]) -> tuple[Any, list[str]]:
    """(what `restriction` has put into `said`, what becomes of each action) in one process; all of them are lines of Python."""
    program = PROGRAM.format(template=str(TEMPLATE.parent), restriction=restriction, actions=list(actions))
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return tuple(json.loads(run.stdout.splitlines()[-1]))
