"""Keep `.env`, where passwords are, out of git.

Before:  __pycache__/
After:   __pycache__/
         .env

That `migrations/` is not ignored is found out by detect/ignored.py; no line is ever taken out.
"""

from __future__ import annotations

from hooks.edit.requirements import ByHand
from hooks.edit.splice import Reason, Untouched
from hooks.formats.textfile import TextFile, add_lines

PATH = ".gitignore"
SECRET = ".env"


def ignore_env(raw: bytes | None, *, in_git: bool, is_ignored: bool = False, path: str = PATH) -> bytes | Untouched:
    """The new bytes of `.gitignore` (`raw` is None where there is none) in which `.env` is ignored.

    `is_ignored`: git ignores it already, by a file elsewhere. Outside a git repository no file is made.
    """
    if is_ignored:
        return Untouched(path, Reason.ALREADY_THERE)
    if raw is None:
        return f"{SECRET}\n".encode() if in_git else Untouched(path, Reason.NOT_FOUND)
    try:
        file = TextFile.decode(raw)
    except UnicodeDecodeError as error:
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, str(error), f"{SECRET}\n")
    if file.encoding != "utf-8":
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, "git reads UTF-8 only", f"{SECRET}\n")
    from pathspec import GitIgnoreSpec

    if GitIgnoreSpec.from_lines(file.text.splitlines()).match_file(SECRET):
        return Untouched(path, Reason.ALREADY_THERE)
    return file.encode(add_lines(file.text, f"{SECRET}\n"))
