"""Let the project's own formatters have each new revision, as a post-write hook of Alembic's.

[format] in migrations/project.ini has one on each line, as `python -m` takes it. Hooks in alembic.ini are there instead.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import Any

from alembic.script import write_hooks

from ..project import project

NAME = "format"


def ask(script: Any) -> None:
    """Have the revision that is about to be written formatted."""
    if project.formatters() and not script.hooks:
        is_list = isinstance(script.hooks, list)  # since Alembic 1.16
        script.hooks = [{"_hook_name": NAME, "type": NAME}] if is_list else {"hooks": NAME, NAME + ".type": NAME}


@write_hooks.register(NAME)
def run(path: str, options: object) -> None:
    """Run each formatter on the file; where one fails, say so and leave the revision as it is."""
    for line in project.formatters():
        command = [sys.executable, "-I", "-m", *shlex.split(line), str(path)]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", errors="replace")
        if done.returncode:
            said = done.stderr.strip().rpartition("\n")[2]
            project.logger.warning("The revision is not formatted by %s: %s", line.split()[0], said)
