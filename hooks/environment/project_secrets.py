"""What the source and settings of a project say to be secrets, for a failure of it: what it prints then may hold one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hooks.base.redaction import patterns, redaction, source_bytes
from hooks.bundle import HEAD

SOURCES = (".py", ".cfg", ".ini", ".conf", ".toml", ".yml", ".yaml", ".json")
SKIPPED_FOLDERS = {"node_modules", "site-packages", "__pycache__", "venv", "env"}
IN_SHELL = re.compile(r"^\s*(?:export\s+)?(\w+)=(.*)$", re.MULTILINE)
BUNDLED = HEAD.partition("{")[0]  # migrations/adopt.py: half a megabyte, and nobody's secrets


def learn_tree(root: Path, secrets: Any = redaction) -> None:
    """Remember in `secrets`, those of this process, what every source and settings file below `root` says."""
    for path in sources(root):
        text = source_bytes(path).decode("utf-8", "replace").replace("\r\n", "\n")
        if not text.startswith(BUNDLED):
            learn_source(text, secrets, is_python=path.suffix == ".py")


def sources(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS and not name.startswith(".")]
        for name in names:
            if name.endswith(SOURCES) or name.startswith((".env", ".flaskenv")):
                yield Path(folder, name)


def learn_source(text: str, secrets: Any, *, is_python: bool) -> None:
    secrets.learn_logins(text)
    for pattern in (patterns.ASSIGNED, patterns.GIVEN_TO_GET, patterns.OR_ELSE):
        for found in pattern.finditer(text):
            secrets.learn(patterns.literal_value(found.group(2)))
    if is_python:
        return
    for found in patterns.IN_YAML.finditer(text):
        secrets.learn(found.group(2))
    for found in IN_SHELL.finditer(text):
        secrets.learn_mapping({found.group(1): found.group(2).strip().strip("\"'")})
