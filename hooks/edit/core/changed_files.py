"""All edits of a run, from sources to new bytes; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hooks.base.source import Source
from hooks.edit.core.splice import Edit, apply


def changed_files(sources: Mapping[str, Source], edits: Sequence[Edit]) -> dict[str, bytes]:
    """Return the new bytes of every file that `edits` change, all of them checked; a path without a source is a new file.

    Raises:
        UnsafeEdit: what the edits of a file make is not what they planned.
    """
    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    changed: dict[str, bytes] = {}
    for path, own in by_path.items():
        source = sources.get(path) or Source(path, b"")
        result = apply(source, own)
        if result != source.raw or path not in sources:
            changed[path] = result
    return changed
