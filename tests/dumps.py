"""What a server itself says of a schema: pg_dump, mariadb-dump and sqlite_master judge, and share no code with the product.

The order of columns and of statements, white space, quotes and `alembic_version` do not count, nor do the names that MariaDB
gives to the indexes of its foreign keys.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
from contextlib import closing

from sqlalchemy import make_url

from tests.own_servers import debians


def dump(url: str) -> list[str]:
    """The statements that build the schema of the database at `url`, sorted."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        with closing(sqlite3.connect(str(parsed.database))) as connection:
            found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        texts = [
            f"{kind} {sql}" for kind, name, table, sql in found if table != "alembic_version" and not name.startswith("sqlite_")
        ]
        return sorted(map(plain, texts))
    place = ["-h", str(parsed.host), "-U" if backend == "postgresql" else "-u", str(parsed.username)]
    place += ["-p" if backend == "postgresql" else "-P", str(parsed.port)] if parsed.port else []
    if backend == "postgresql":
        text = output(debians("pg_dump") or "pg_dump", "-s", "-O", "-x", *place, str(parsed.database))
        text = re.sub(r"(?m)^(--.*|SET .*|SELECT pg_catalog.*|\\.*)$", "", text)
    else:
        text = output("mariadb-dump", "-d", "--skip-comments", "--compact", *place, str(parsed.database))
        text = re.sub(r"(?m)^/\*(M!.*\*/\s*$|.*\*/;$)", "", re.sub(r" AUTO_INCREMENT=\d+", "", text))
    statements = [one for one in re.split(r";\s*\n", text) if one.strip() and "alembic_version" not in one]
    return sorted(plain(one) for one in statements if not re.match(r"\s*(CREATE|COMMENT ON) EXTENSION|DO SETVAL\(", one))


def output(*command: str) -> str:
    """What a client of the server prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def plain(statement: str) -> str:
    """One statement; the parts of CREATE TABLE sorted, a CHECK inside of a column beside it."""
    text = re.sub("'(?:[^']|'')*'", lambda said: said[0].translate({ord("("): "<", ord(")"): ">", ord(","): ";"}), statement)
    text = re.sub(r"\s+", " ", re.sub(r'[`"]', "", text)).strip().rstrip(",;")
    text = re.sub(r"DEFAULT \(([^()]*)\)", r"DEFAULT \1", text)
    matched = re.match(r"(?:table )?CREATE (?:UNLOGGED )?TABLE [^(]*\(", text)
    if not matched:
        return text
    end = end_of(text, matched.end())
    inside = text[matched.end() : end]
    keys = {columns: name for name, columns in re.findall(r"CONSTRAINT (\S+) FOREIGN KEY \((.*?)\)", inside.replace(", ", ","))}
    parts = [one for part in split(inside) for one in without_checks(unnamed(part, keys))]
    return matched[0] + ", ".join(sorted(parts)) + text[end:]


def end_of(text: str, start: int) -> int:
    """Where the bracket is closed that was opened right before `start`."""
    depth = 1
    for end in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if not depth:
            return end
    return len(text)


def unnamed(part: str, keys: dict[str, str]) -> str:
    """The index of a foreign key without the name that MariaDB took from the key or its first column."""
    found = re.match(r"KEY (\S+) \((.*)\)$", part)
    is_own = found and found[2] in keys and found[1] in (keys[found[2]], found[2].partition(",")[0])
    return f"KEY ({found[2]})" if found and is_own else part


def split(text: str) -> list[str]:
    """The parts between commas outside of brackets."""
    found, depth = [""], 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and not depth:
            found.append("")
        else:
            found[-1] += character
    return [part.strip() for part in found]


def without_checks(part: str) -> list[str]:
    """A column, and each of its CHECK constraints."""
    if re.match(r"(CONSTRAINT|CHECK|PRIMARY|UNIQUE|FOREIGN|EXCLUDE|KEY)\b", part):
        return [part]
    matched = re.search(r" (CONSTRAINT \S+ )?CHECK \(", part)
    if not matched:
        return [part]
    end = end_of(part, matched.end()) + 1
    return [*without_checks((part[: matched.start()] + part[end:]).strip()), part[matched.start() : end].strip()]
