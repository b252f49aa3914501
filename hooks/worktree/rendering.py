"""Finish what Copier has rendered, where a run that was interrupted while rendering had left a part of the template's files.

Copier does not render what is there already, so after such a run some files are missing, and one may be cut off. They are known by
their bytes: those of the template, or the beginning of them, in files that git does not have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from hooks.base.file_writing import make_folders, write_file
from hooks.base.git import Repository, tracked_files
from hooks.base.links import find_link
from hooks.base.run_settings import Settings
from hooks.bundle import source_bytes
from hooks.worktree.journal import bytes_of

JINJA = ".jinja"
FILTERS = "jinja2_ansible_filters.AnsibleCoreFiltersExtension"  # those that Copier has


def expected_files(files: Mapping[str, Path], settings: Settings) -> dict[str, bytes]:
    """The bytes that Copier renders into each file; `files` are their sources, by the paths that they are rendered to."""
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(keep_trailing_newline=True, extensions=[FILTERS])
    known = {**settings.rendered_answers, "_copier_answers": settings.rendered_answers}
    expected = {}
    for path, source in files.items():
        raw = source_bytes(source)
        if source.suffix == JINJA:
            raw = environment.from_string(raw.decode("utf-8")).render(known).encode("utf-8")
        expected[path] = raw
    return expected


def cut_off_files(
    root: Path, repository: Repository | None, files: Mapping[str, Path], expected: Mapping[str, bytes], present: Collection[str]
) -> list[str]:
    """Those of `present`, which were there before, that an interrupted rendering has left: whole or cut off, and not in git."""
    left = []
    for path in present:
        raw = bytes_of(root / path)
        is_ours = raw is not None and (expected[path].startswith(raw) or is_rendered_from(files[path], raw))
        if is_ours and not find_link(root, path):
            left.append(path)
    tracked = tracked_files(root, left) if repository and left else set()
    return [path for path in left if path not in tracked]


def is_rendered_from(source: Path, raw: bytes) -> bool:
    """Whether a file has all lines of a Jinja template that are the same with all answers, in their order."""
    lines = iter(raw.splitlines())
    fixed = [line for line in source.read_bytes().splitlines() if line and b"{{" not in line and b"{%" not in line]
    return source.suffix == JINJA and all(line in lines for line in fixed)


def finish(root: Path, expected: Mapping[str, bytes], paths: Iterable[str]) -> None:
    """Give the files at `paths`, which this template has made, the bytes that they are to have."""
    for path in paths:
        if bytes_of(root / path) != expected[path]:
            make_folders((root / path).parent)
            write_file(root / path, expected[path])
