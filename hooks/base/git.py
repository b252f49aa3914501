"""Where git keeps this project, and which files are changed; a repository that git refuses to read is never taken for none.

Git is asked without touching anything of it: no refreshed index, and only the repository that the folder itself is in.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hooks.base.worktree_errors import GitRefuses

MARKER = ".git"
# Each of them makes git work on something else than the folder that it is started in.
PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR")
# Programs that a repository lets every git start, also one that only looks.
WITHOUT_PROGRAMS = {"core.fsmonitor": "false", "core.hooksPath": os.devnull}
REDIRECTING = (*PLACES, "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_PREFIX")
NOT_FOUND = "git was not found on PATH"


@dataclass(frozen=True)
class Repository:
    """`top` is the real path of the work tree, `folder` git's own folder for it (of a submodule or another work tree its own)."""

    top: Path
    folder: Path


def find_repository(root: Path) -> Repository | None:
    """The repository that `root`, a real path, is in; None where there is none.

    Raises:
        GitRefuses: there is one, and git does not read it, or is told by the environment to use another one.
    """
    marker = find_marker(root)
    own = {name: value for name, value in os.environ.items() if name not in REDIRECTING}
    found = _ask_where(root, marker, own)
    if any(os.environ.get(name) for name in PLACES):
        named = _ask_where(root, marker or root, dict(os.environ))
        if named != found:
            variables = [f"{name}={os.environ[name]}" for name in REDIRECTING if os.environ.get(name)]
            raise GitRefuses([*variables, f"{root} is in {found.top if found else 'no repository'}"], is_redirected=True)
    if found is not None and (marker is None or marker.parent != found.top) and marker is not None:
        raise GitRefuses([f"{marker} is no repository that git can read; the next one above is {found.top}"])
    return found


def find_marker(root: Path) -> Path | None:
    """The nearest `.git`, a folder or a file, where git looks for it: upwards on one file system."""
    device = root.stat().st_dev
    ceilings = {Path(os.path.realpath(one)) for one in os.environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep) if one}
    for folder in (root, *root.parents):
        if folder.stat().st_dev != device or (folder != root and folder in ceilings):
            return None
        if os.path.lexists(folder / MARKER):
            return folder / MARKER
    return None


def boundary(root: Path) -> Path:
    """The outermost folder in which the run may write: that of the repository, without one the project's own."""
    marker = find_marker(root)
    return marker.parent if marker else root


def folders_above(root: Path) -> list[Path]:
    """The folders between a project and the top of its repository, that one too, the nearest first; none without a repository."""
    top = boundary(root)
    return [folder for folder in root.parents if folder.is_relative_to(top)]


def only_this_repository() -> None:
    """From here on, every git that this process starts looks for the repository itself, and writes nothing that it need not.

    Nor does it start what the repository has for every git to start.
    """
    for name in REDIRECTING:
        os.environ.pop(name, None)
    os.environ["GIT_OPTIONAL_LOCKS"] = "0"
    first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    for number, (name, value) in enumerate(WITHOUT_PROGRAMS.items(), first):
        os.environ[f"GIT_CONFIG_KEY_{number}"], os.environ[f"GIT_CONFIG_VALUE_{number}"] = name, value
        os.environ["GIT_CONFIG_COUNT"] = str(number + 1)


def changed_files(root: Path, paths: Iterable[str] = (), *, untracked: bool = False) -> list[str]:
    """The files below `root`, or those of `paths`, that are not as they were committed; paths are relative to `root`.

    Raises:
        GitRefuses: git does not tell.
    """
    listed = ["--untracked-files=all"] if untracked else ["--untracked-files=no"]
    done = ask(root, ["status", "--porcelain", "--no-renames", "-z", *listed, "--", *(literal(path) for path in paths or (".",))])
    top = Path(_text(ask(root, ["rev-parse", "--show-toplevel"]).stdout))
    entries = [os.fsdecode(entry) for entry in done.stdout.split(b"\0") if len(entry) > 3]
    return [os.path.relpath(top / entry[3:], root) for entry in entries]


def tracked_files(root: Path, paths: Sequence[str]) -> set[str]:
    """Those of `paths` that are in git's index.

    Raises:
        GitRefuses: git does not tell.
    """
    done = ask(root, ["ls-files", "-z", "--", *(literal(path) for path in paths)])
    return {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}


def literal(path: str) -> str:
    """A path for git's command line in which no character is a wildcard."""
    return path if path == "." else f":(literal){path}"


def ask(root: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """What git answers in `root`.

    Raises:
        GitRefuses: it ends with an error, whose words are carried.
    """
    done = _run(root, arguments, dict(os.environ))
    if done is None:
        raise GitRefuses([NOT_FOUND])
    if done.returncode:
        raise GitRefuses(_lines(done))
    return done


def _ask_where(root: Path, marker: Path | None, environ: dict[str, str]) -> Repository | None:
    """What git says of its own folders; None where it finds none, and none is to be found."""
    answers = []
    for question in ("--show-toplevel", "--absolute-git-dir"):
        done = _run(root, ["rev-parse", question], environ)
        if done is None and marker is not None:
            raise GitRefuses([NOT_FOUND])
        if done is None or (done.returncode and marker is None):
            return None
        if done.returncode:
            raise GitRefuses(_lines(done))
        answers.append(Path(os.path.realpath(_text(done.stdout))))
    return Repository(*answers)


def _run(root: Path, arguments: Sequence[str], environ: dict[str, str]) -> subprocess.CompletedProcess[bytes] | None:
    environ = {**environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        return subprocess.run(["git", *arguments], cwd=root, env=environ, capture_output=True, check=False)
    except FileNotFoundError:
        return None


def _text(raw: bytes) -> str:
    """One answer; a path may end with a space, or hold a newline."""
    return os.fsdecode(raw.removesuffix(b"\n"))


def _lines(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    return [line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
