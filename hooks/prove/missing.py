"""What the repository knows about a variable, a file or a module that the application did not find when it was loaded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hooks.base.facts import Project
from hooks.detect.examples import find_template, find_variable
from hooks.detect.ignored import find_ignored


def evidence(root: Path, project: Project, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What to add to the facts of a failure.

    `examples` are the places that show the missing variable; `own_file` is the missing file, if it is the project's, `template`
    what it is to be copied from, and `ignored_by` the line that makes git ignore it.
    """

    def read(path: str) -> bytes | None:
        try:
            return (root / path).read_bytes()
        except OSError:
            return None

    if facts.get("missing_variable"):
        return {"examples": find_variable(project.files, read, str(facts["missing_variable"]))}
    candidates = own_paths(root, facts)
    ignored = find_ignored(root, candidates) if candidates else {}
    for path in candidates:
        template = find_template(project.files, path)
        if template or path in ignored or facts.get("missing_file"):
            return {"own_file": path, "template": template, "ignored_by": ignored.get(path)}
    return {}


def own_paths(root: Path, facts: Mapping[str, Any]) -> list[str]:
    """The paths in the project where the missing file, or the source of the missing module, would be."""
    if facts.get("missing_file"):
        path = os.path.relpath(os.path.realpath(root / str(facts["missing_file"])), os.path.realpath(root))
        return [] if path.startswith("..") else [path.replace(os.sep, "/")]
    module = str(facts.get("missing_module") or "")
    if not module:
        return []
    tail = module.replace(".", "/")
    homes = {"", "src/", *(path.rpartition("/")[0] + "/" for path in (str(facts.get("path", "")),) if "/" in path)}
    return [f"{home}{tail}{end}" for home in sorted(homes) for end in (".py", "/__init__.py")]
