"""Whether an image that gets the application gets migrations/ too, by the COPY and ADD lines of its Dockerfile."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from hooks.base.deploy_facts import Copied

NEEDED = "migrations/env.py"


def left_out(copied: Sequence[Copied], app: str) -> Iterator[tuple[Copied, str]]:
    """For each Dockerfile that copies the file `app` and not migrations/: the line that does, and one to add.

    The context is not known, so every folder on the way to the Dockerfile may be it; one in which all is copied settles it.
    """
    by_file: dict[str, list[Copied]] = {}
    for one in copied:
        by_file.setdefault(one.where.path, []).append(one)
    for path, lines in by_file.items():
        if any("$" in source for one in lines for source in one.sources):
            continue
        partly = None
        for context in contexts(path):
            of_app = [one for one in lines if covers(one, context, app)]
            if of_app and any(covers(one, context, NEEDED) for one in lines):
                partly = None
                break
            if of_app and not context and partly is None:  # migrations/ is outside of any other context
                partly = of_app[0]
        if partly is not None:
            target = partly.target.rstrip("/") + "/" if opened_folder(partly, app) else beside(partly)
            yield partly, f"COPY migrations {target}migrations"


def opened_folder(copy: Copied, app: str) -> str:
    """The folder of the project with the file `app` that the image's commands run in; "" where they run beside it.

    `COPY ./server /server` and `WORKDIR /server`: what is `server/server.py` in the repository is `server.py` there.
    """
    folder = posixpath.normpath(copy.sources[0])
    is_there = copy.starts_in and posixpath.normpath(posixpath.join(copy.starts_in, copy.target)) == copy.starts_in.rstrip("/")
    return folder if is_there and len(copy.sources) == 1 and app.startswith(folder + "/") else ""


def is_copied(copy: Copied, path: str) -> bool:
    """Whether the line copies the file, whichever of its folders the context is."""
    return any(covers(copy, context, path) for context in contexts(copy.where.path))


def contexts(path: str) -> list[str]:
    """The folders from the project's root down to the Dockerfile's, each with "/" at its end but the root's."""
    parts = posixpath.dirname(path).split("/")
    return ["", *("/".join(parts[: size + 1]) + "/" for size in range(len(parts)) if parts[0])]


def covers(copy: Copied, context: str, path: str) -> bool:
    """Whether the line copies the file, its sources being relative to the folder `context`."""
    if not path.startswith(context):
        return False
    inside = path[len(context) :].split("/")
    for source in copy.sources:
        wanted = [part for part in posixpath.normpath(source).lstrip("/").split("/") if part not in ("", ".")]
        if len(wanted) <= len(inside) and all(fnmatchcase(part, one) for part, one in zip(inside, wanted, strict=False)):
            return True
    return False


def beside(copy: Copied) -> str:
    """Where in the image the folder that holds the copied one is: "/srv/" for `COPY shop /srv/shop`."""
    target = copy.target.rstrip("/")
    name = posixpath.basename(posixpath.normpath(copy.sources[0]))
    if target and posixpath.basename(target) == name:
        target = posixpath.dirname(target)
    return f"{target.rstrip('/')}/" if target not in ("", ".") else "./"
