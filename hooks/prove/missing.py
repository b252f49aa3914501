"""What the repository knows about a variable, a file or a module that the application did not find when it was loaded."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from hooks.base.errors import Circumstances
from hooks.base.facts import Project
from hooks.detect.examples import find_template, find_variable
from hooks.detect.ignored import find_ignored
from hooks.inside.base.messages import Failed

NO_URI = "Either 'SQLALCHEMY_DATABASE_URI' or 'SQLALCHEMY_BINDS' must be set"  # Flask-SQLAlchemy 3


def with_evidence(known: Circumstances, root: Path, project: Project, failed: Failed) -> Circumstances:
    """The same with `examples` of a missing variable, and what is known of a missing file, if it is the project's."""

    def read(path: str) -> bytes | None:
        try:
            return (root / path).read_bytes()
        except OSError:
            return None

    if failed.missing_variable:
        own = [path for path in project.files if not path.startswith("migrations/")]  # those are rendered, and go again
        return replace(known, examples=find_variable(own, read, failed.missing_variable))
    if NO_URI in failed.exception:
        sites = [site for site in project.config.sites if not site.is_test]
        unset = [(name, site.where) for site in sites for name in site.variables if not os.environ.get(name)]
        return replace(known, unset=tuple(dict(unset).items()))
    candidates = own_paths(root, failed)
    ignored = find_ignored(root, candidates) if candidates else {}
    for path in candidates:
        template = find_template(project.files, path)
        if template or path in ignored or failed.missing_file:
            return replace(known, own_file=path, template=template, ignored_by=ignored.get(path))
    return known


def own_paths(root: Path, failed: Failed) -> list[str]:
    """The paths in the project where the missing file, or the source of the missing module, would be."""
    if failed.missing_file:
        path = os.path.relpath(os.path.realpath(root / failed.missing_file), os.path.realpath(root))
        return [] if path.startswith("..") else [path.replace(os.sep, "/")]
    module = failed.missing_module
    if not module:
        return []
    tail = module.replace(".", "/")
    homes = {"", "src/", *(path.rpartition("/")[0] + "/" for path in (failed.path,) if "/" in path)}
    return [f"{home}{tail}{end}" for home in sorted(homes) for end in (".py", "/__init__.py")]
