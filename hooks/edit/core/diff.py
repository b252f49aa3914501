"""The changes as one text in the format of `git diff`, for people to read and for `git apply` to take."""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Mapping


def unified_diff(before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]) -> str:
    """Return the difference between two sets of files, sorted by path; None, or no entry, means that the file is not there.

    Lines keep their own ends, so a "\\r" is visible in the text; a file in UTF-16 is shown decoded.
    """
    pieces: list[str] = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old != new:
            pieces += _one_file(path, old, new)
    return "".join(pieces)


def _one_file(path: str, old: bytes | None, new: bytes | None) -> list[str]:
    pieces = [f"diff --git a/{path} b/{path}\n"]
    if old is None:
        pieces.append("new file mode 100644\n")
    if new is None:
        pieces.append("deleted file mode 100644\n")
    names = ("/dev/null" if old is None else f"a/{path}", "/dev/null" if new is None else f"b/{path}")
    for line in difflib.unified_diff(_lines(old), _lines(new), *names, lineterm="\n"):
        pieces.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return pieces


def _lines(raw: bytes | None) -> list[str]:
    if raw is None:
        return []
    utf_16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = raw.decode("utf-16" if utf_16 else "utf-8", "replace")
    return re.findall(r"[^\n]*\n|[^\n]+", text)
