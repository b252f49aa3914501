"""Before an update: files of the template that nothing but a formatter has changed are as the template had them.

A team that runs its formatter on everything has edited nothing; Copier would take each line of it for an edit, and for a conflict
where the newer version changes that line.
"""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

from hooks.updates.git_files import asked, files

FOLDER = "migrations/"


def undo_formatting(root: Path, template: Path, ref: str) -> None:
    """Write the bytes of the template's version `ref` where a file in migrations/ says the same in another layout."""
    theirs = files(template, ref, f"template/{FOLDER}")
    for path in sorted(files(root, "HEAD", FOLDER)):
        if path.endswith(".py") and f"template/{path}" in theirs and (root / path).is_file() and not (root / path).is_symlink():
            mine, before = (root / path).read_bytes(), asked(template, "show", f"{ref}:template/{path}")
            if mine != before and is_same_code(mine, before):
                (root / path).write_bytes(before)
                asked(root, "add", "--", path)  # Copier looks for the team's edits in git's index


def is_same_code(one: bytes, other: bytes) -> bool:
    """Whether two modules have the same syntax tree and the same comments; False where one cannot be read."""
    try:
        return one == other or (ast.dump(ast.parse(one)) == ast.dump(ast.parse(other)) and comments(one) == comments(other))
    except (SyntaxError, ValueError, tokenize.TokenError):
        return False


def comments(raw: bytes) -> list[str]:
    """The comments of a module, in their order."""
    return [token.string for token in tokenize.tokenize(io.BytesIO(raw).readline) if token.type == tokenize.COMMENT]
