"""Symbolic links on the way to a file: nothing is written through one without saying so, and never out of the repository."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from hooks.base.git import boundary


@dataclass(frozen=True)
class Link:
    """The first link on the way to a file, as a path below the project's root, and where the whole way ends.

    `place` is that end relative to the root, "" where it is outside of the repository, or nothing is there.
    """

    path: str
    target: str
    place: str


def find_link(root: Path, path: str) -> Link | None:
    """The link on the way to `path`, from the top of the repository on; None where the way leads where it says.

    `root` is a real path; `path` may begin with "..", up to that top.
    """
    top, absolute = boundary(root), Path(os.path.normpath(root / path))
    if top != absolute and top not in absolute.parents:
        return Link(path, str(absolute), "")
    way = [*reversed([folder for folder in absolute.parents if top in folder.parents]), absolute]
    link = next((one for one in way if one.is_symlink()), None)
    if link is None:
        return None
    end = Path(os.path.realpath(absolute))
    is_inside = end.is_file() and top in end.parents
    return Link(os.path.relpath(link, root), str(link.readlink()), os.path.relpath(end, root) if is_inside else "")
