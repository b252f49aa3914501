"""Show in `.env.example` which variable names the database.

Before:  SECRET_KEY=change-me
After:   SECRET_KEY=change-me
         # The database, where it is not the configured one:
         # DATABASE_URL=postgresql://user:password@localhost/shop

As a comment, so that a copy of the file works: nobody has the database of an example. In a file of several groups with empty lines
between them it is another one.

Left alone: a file that mentions the variable already, in a comment too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from hooks.base.formats.textfile import TextFile, add_lines
from hooks.base.git import folders_above
from hooks.base.plural import listed
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.dotenv import assignment_of
from hooks.edit.files.requirements import ByHand

NEW = ".env.example"
# Its name is made of such words only, "env" and one of the first five among them: .env.sample, env_template, dot-env-example.
EXAMPLE = frozenset({"example", "sample", "template", "dist", "tmpl"})
WORDS = EXAMPLE | {"env", "dotenv", "dot", "file", "dev", "local", "default", "txt"}
WHY, ONLY = "The database, where it is not the configured one", "The database"
SERVERS = ("postgresql", "mysql", "mariadb", "mssql", "oracle")
# The name at the end of a server's URL; what an f-string puts in before it may hold quotes.
NAMED = re.compile(r"(?:postgres|mysql|mariadb|mssql|oracle)[\w+]*://(?:\{[^{}]*\}|[^\s'\"{}])*/([A-Za-z_][\w-]*)(?=[?'\"])")


def find_env_example(files: Iterable[str]) -> str:
    """The project's example of its variables, the plainest of several; ".env.example" where there is none yet."""
    found = [path for path in files if "/" not in path and is_example(words_of(path))]
    return min(found, key=lambda path: (path != NEW, len(path), path), default=NEW)


def words_of(name: str) -> set[str]:
    """The words that a file's name is made of, in lower case."""
    return set(re.split(r"[._-]+", name.lower())) - {""}


def is_example(words: set[str]) -> bool:
    """Whether a file named with these words shows the variables of an environment."""
    return words <= WORDS and bool(words & EXAMPLE) and bool(words & {"env", "dotenv"})


def is_shown(files: Iterable[str], read: Callable[[str], bytes | None], variable: str) -> bool:
    """Whether a file such as `local.env`, to copy and fill in, has the variable; those that are read as they are do not count."""
    found = [path for path in files if re.fullmatch(r"[\w-]+\.env|env\.[\w-]+", path)]
    return any(assignment_of(variable, (read(path) or b"").decode("utf-8", "replace"), path) for path in found)


def is_shown_above(root: Path, variable: str) -> bool:
    """Whether the repository that the project is a folder of has the variable in an example at its top or on the way there."""
    found = [path for folder in folders_above(root) for path in sorted(folder.glob("*env*")) if path.is_file()]
    return any(
        assignment_of(variable, path.read_bytes().decode("utf-8", "replace"), path.name, in_comments=True)
        for path in found
        if is_example(words_of(path.name))
    )


def name_in(values: Iterable[str]) -> str:
    """How the code itself calls the database on a server, by the URLs that it writes out; "" where it does not."""
    found = (NAMED.search(one) for one in values)
    return next((match[1] for match in found if match), "")


def example_url(driver: str, name: str) -> str:
    """A database URL to copy and fill in, for a driver such as "postgresql+psycopg"; it holds no secret."""
    dialect = driver.partition("+")[0]
    if dialect == "sqlite":
        return f"sqlite:///{name}.db"
    return f"{driver}://user:password@localhost/{name}" if dialect in SERVERS else f"{driver}://..."


def url_shown(raw: bytes, variables: Iterable[str]) -> str:
    """The URL that the file shows for one of these variables, as it is written there; "" for none."""
    for name in variables:
        match = re.search(
            rb"^[ \t]*(?:export[ \t]+)?%s[ \t]*=[ \t]*([^\s#]+://[^\r\n]*?)[ \t]*\r?$" % re.escape(name.encode()), raw, re.MULTILINE
        )
        if match is not None:
            return match[1].decode("utf-8", "replace")
    return ""


def add_example(
    raw: bytes | None, variable: str, example: str, path: str = NEW, today: Iterable[str] = (), *, is_only: bool = False
) -> bytes | Untouched:
    """The example file's new bytes (`raw` is None where there is none), with a line that sets `variable` to `example`.

    `today` are the variables that name the database without this one; the URL that is shown for one of them is shown again.
    `is_only`: nothing else names it, and no database is configured without the variable.
    """
    older = [name for name in dict.fromkeys(today) if name != variable]
    example = url_shown(raw or b"", older) or example
    why = f"Comes before {listed(older)}, which work{'s' * (len(older) == 1)} as before" if older else ONLY if is_only else WHY
    line = f"# {why}:\n# {variable}={example}\n"
    if raw is None:
        return line.encode()
    try:
        file = TextFile.decode(raw)
    except UnicodeDecodeError as error:
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, str(error), line)
    there = assignment_of(variable, file.text, path, in_comments=True)
    if there is not None:
        return Untouched(path, Reason.ALREADY_THERE, there)
    has_groups = any(not one.strip() for one in file.text.strip().splitlines())
    gap = "\n" if has_groups and file.text.splitlines()[-1].strip() else ""
    return file.encode(add_lines(file.text, gap + line))
