"""The list of databases that --urls-from names: a file, or the standard input.

    # customers of the first cluster
    postgresql://shop@db1/customer_1
    CUSTOMER_2_URL                          an environment variable that holds a URL; $CUSTOMER_2_URL is the same
    customer-3 = $CUSTOMER_3_URL            with a name of its own, which is shown instead

Every line is looked at before any database is; what a line holds is never shown, for it may be a password.
"""

from __future__ import annotations

import collections
import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from ...base import urls
from ...base.errors import AdoptError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.engine import URL


VARIABLE = re.compile(r"^\$?(?P<name>[A-Za-z_]\w*)$|^\$\{(?P<braced>[A-Za-z_]\w*)\}$", re.A)
NAMED = re.compile(r"^(?P<name>[\w.-]+)\s*=\s*(?P<rest>.*)$", re.A)
NEITHER = "neither a database URL nor the name of an environment variable"


@dataclass(frozen=True)
class Entry:
    """One database of the list; `name` is what it is called by, `line` the number of its line."""

    name: str
    line: int
    url: Any


@dataclass(frozen=True)
class Listing:
    """`entries` are the databases, each one once; `repeated` are (entry, the one that is the same database)."""

    source: str
    entries: tuple[Entry, ...]
    repeated: tuple[tuple[Entry, Entry], ...] = ()


class BadList(AdoptError):
    """`lines` are (number, what is wrong with it)."""

    def __init__(self, reason: str, lines: Iterable[tuple[int, str]] = ()) -> None:
        super().__init__(reason)
        self.lines = tuple(lines)
        self.evidence = ["  line {}   {}".format(*line) for line in self.lines]


def read(source: str, standard_input: bytes = b"") -> Listing:
    """The Listing of a file, or of what the standard input held where `source` is "-".

    Raises:
        BadList: it cannot be read, names no database, or has lines that name none; carries all of them.
    """
    shown = "standard input" if source == "-" else source
    try:
        if source == "-":
            text = standard_input.decode("utf-8-sig")
        else:
            with open(source, encoding="utf-8-sig") as file:
                text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise BadList("{} cannot be read: {}".format(shown, getattr(error, "strerror", None) or "it is not UTF-8")) from None
    return parse(text, shown)


def parse(text: str, source: str) -> Listing:
    entries, wrong = [], []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line and not line.startswith("#"):
            try:
                entries.append(entry(line, number))
            except ValueError as error:
                wrong.append((number, str(error)))
    first: dict[str, Entry] = {}
    for one in entries:
        if first.setdefault(one.name, one).line != one.line and not urls.same_database(first[one.name].url, one.url):
            wrong.append((one.line, f"line {first[one.name].line} has the same name and another database"))
    if wrong:
        count = "1 line that names" if len(wrong) == 1 else f"{len(wrong)} lines that name"
        raise BadList(f"{source} holds {count} no database:", sorted(wrong))
    if not entries:
        raise BadList(f"{source} names no database")
    return Listing(source, *without_repeated(entries))


def entry(line: str, number: int) -> Entry:
    """The Entry of one line; ValueError says what is wrong with it, and nothing that is in it but the name of a variable."""
    named = NAMED.match(line)
    name, rest = (named.group("name"), named.group("rest")) if named else ("", line)
    if len(rest) > 1 and rest[0] == rest[-1] and rest[0] in "'\"":
        rest = rest[1:-1]
    variable = VARIABLE.match(rest)
    if variable:
        variable_name = variable.group("name") or variable.group("braced")
        rest = os.environ.get(variable_name, "").strip()
        if not rest:
            raise ValueError(f"the environment variable {variable_name} is {absent(variable_name)}")
        name = name or variable_name
    try:
        url = parsed(rest)
    except ValueError as error:
        raise ValueError(f"{variable_name} holds {error}" if variable else str(error)) from None
    return Entry(name or urls.redact(url), number, url)


def absent(variable: str) -> str:
    return "empty" if variable in os.environ else "not set"


def parsed(text: str) -> URL:
    try:
        url = urls.make_url(text)
    except (exc.ArgumentError, ValueError):
        raise ValueError(NEITHER) from None
    if "@" in (url.host or "") or re.search(r"\s", text):
        raise ValueError("a URL whose user, password or path is not percent-encoded")
    try:
        url.get_dialect()
    except exc.NoSuchModuleError:
        raise ValueError("a URL of a kind of database that SQLAlchemy does not know here") from None
    except ImportError:
        pass  # the application may have another driver for it: see with_driver_of
    return url


def without_repeated(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], tuple[tuple[Entry, Entry], ...]]:
    """(entries, each database once; those left out, each with the one that it is). Hosts are looked up only where that may tell."""
    hosts = collections.defaultdict(set)
    for one in entries:
        hosts[urls.without_host(one.url)].add(urls.host(one.url))
    seen: dict[Any, Entry]
    kept, repeated, seen = [], [], {}
    for one in entries:
        place = urls.without_host(one.url)
        is_enough = urls.backend(one.url) != "sqlite" and len(hosts[place]) == 1
        identities = {place} if is_enough else urls.identities(one.url)
        same = next((seen[identity] for identity in identities if identity in seen), None)
        if same is None:
            kept.append(one)
            seen.update(dict.fromkeys(identities, one))
        else:
            repeated.append((one, same))
    return tuple(kept), tuple(repeated)


def with_driver_of(listing: Listing, application_url: URL) -> Listing:
    """The same list where URLs that name no driver take the one that the application has for such a database.

    Raises:
        BadList: a driver is not installed.
    """
    entries, wrong, missing = [], [], {}
    for one in listing.entries:
        url = one.url
        if "+" not in url.drivername and urls.backend(url) == urls.backend(application_url):
            url = urls.replace(url, drivername=application_url.drivername)
        if url.drivername not in missing:
            missing[url.drivername] = driver_missing(url)
        if missing[url.drivername]:
            wrong.append((one.line, f"the driver of {url.drivername} is not installed: {missing[url.drivername]}"))
        entries.append(replace(one, url=url))
    if wrong:
        raise BadList(f"{listing.source} names databases that cannot be opened here:", wrong)
    return replace(listing, entries=tuple(entries))


def driver_missing(url: URL) -> str:
    """Why the driver cannot be imported; "" where it can."""
    try:
        dialect: Any = url.get_dialect()
        (getattr(dialect, "import_dbapi", None) or dialect.dbapi)()
    except ImportError as error:
        return str(error)
    return ""
