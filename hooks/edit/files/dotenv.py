"""Tell `flask` which application it runs, where it would not find it by itself.

Before:  FLASK_DEBUG=1
After:   FLASK_DEBUG=1
         FLASK_APP=shop:create_app

Left alone: a `.flaskenv` that says so already.
"""

from __future__ import annotations

import re

from hooks.base.formats.textfile import TextFile, add_lines
from hooks.base.location import Location
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.requirements import ByHand

PATH = ".flaskenv"
_PLAIN = re.compile(r"[^\s#'\"$`\\][^\s#$`\\]*")


def set_flask_app(raw: bytes | None, spec: str, path: str = PATH) -> bytes | Untouched:
    """The new bytes of `.flaskenv` (`raw` is None where there is none) with FLASK_APP for `spec`, "module:name"."""
    line = f"FLASK_APP={quoted(spec)}\n"
    if raw is None:
        return line.encode()
    try:
        file = TextFile.decode(raw)
    except UnicodeDecodeError as error:
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, str(error), line)
    if file.encoding != "utf-8":
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, "python-dotenv reads UTF-8 only", line)
    there = assignment_of("FLASK_APP", file.text, path)
    if there is not None:
        return Untouched(path, Reason.ALREADY_THERE, there)
    return file.encode(add_lines(file.text, line))


def assignment_of(variable: str, text: str, path: str, *, in_comments: bool = False) -> Location | None:
    """Where a dotenv file assigns `variable`; with `in_comments` also where it shows how one would."""
    lead = r"[ \t]*(?:#[ \t#]*)?" if in_comments else r"[ \t]*"
    match = re.search(rf"^{lead}(?:export[ \t]+)?['\"]?{re.escape(variable)}['\"]?[ \t]*=.*$", text, re.MULTILINE)
    if match is None:
        return None
    return Location(path, text.count("\n", 0, match.start()) + 1, match[0].strip())


def quoted(value: str) -> str:
    """`value` as python-dotenv reads it back; bare where it can be."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
