"""Let the project's own formatters have each new revision, as a post-write hook of Alembic's.

[format] in migrations/project.ini has one on each line, as `python -m` takes it. Hooks in alembic.ini are there instead.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from alembic.script import write_hooks

from ..project import project


def ask(script: Any) -> None:
    """Have the revision that is about to be written formatted; the hooks are a list since Alembic 1.16."""
    if not project.formatters():
        return
    if hasattr(script, "hooks"):
        script.hooks = script.hooks or [{"_hook_name": "format", "type": "format"}]
    else:
        script.hook_config = script.hook_config or {"hooks": "format", "format.type": "format"}


@write_hooks.register("format")
def run(path: str, options: object) -> None:
    """Run each formatter on the file; where one fails, say so and leave the revision as it is."""
    for line in project.formatters():
        words = line.split()
        command = [sys.executable, "-I", "-m", *words, path]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
        if done.returncode:
            project.log.warning("Not formatted by %s: %s", words[0], done.stdout.strip().rpartition("\n")[2])
