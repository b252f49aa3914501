"""No secret is printed: text passes `masked` on its way out, whoever wrote it: the project, a driver, a server, or this code.

What is a secret of this run was learned before: passwords of URLs, as they are, encoded, and in the parts into which a URL falls
apart where a password is not escaped; and what variables, settings and arguments hold whose names say so (SECRET_KEY, API_TOKEN).
A value that is also an ordinary word, or too short to be told from one ("dev", "postgres"), is masked only where the text itself
says that it is a secret: `user:dev@`, `password=dev`, `SECRET_KEY = "dev"`. There everything is masked, learned or not.

Standard library only: Copier's Python uses this module as well as the project's.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import unquote, unquote_plus

from . import secret_patterns as patterns
from .secret_patterns import MASK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.engine import URL


PREFIX = 3  # no shorter value is looked for
LONG = 8  # from here on it is found inside of other words too, where it is no word itself
SPLITS = "@/:#?%[]"  # where a parser may think that a password ends


class Secrets:
    """What this process knows: the `replacements` of what it looks for in text."""

    def __init__(self) -> None:
        self.replacements: dict[str, str] = {}
        self._names: set[str] = set()  # of users, hosts and databases: not masked where a password is the same
        self._by_prefix: dict[str, list[str]] = {}
        self._knows_environment = False

    def put(self, needle: str, replacement: str = MASK) -> None:
        """Look for `needle` from now on."""
        if len(needle) >= PREFIX and needle not in self.replacements:
            self.replacements[needle] = replacement
            alike = [needle] + self._by_prefix.get(needle[:PREFIX], [])
            self._by_prefix[needle[:PREFIX]] = sorted(alike, key=len, reverse=True)  # a new list: other threads read the old one

    def learn(self, value: object) -> None:
        """Remember one secret in every form that it may be printed in, where it can be told from ordinary text."""
        if hasattr(value, "get_secret_value"):  # pydantic's
            value = value.get_secret_value()
        if isinstance(value, (bytes, bytearray)):
            value = bytes(value).decode("utf-8", "replace")
        if isinstance(value, (list, tuple)):
            for one in value:
                self.learn(one)
        for line in value.splitlines() if isinstance(value, str) else ():
            if patterns.is_distinctive(line.strip()) and line.strip() not in self._names:
                for form in patterns.forms(line.strip()):
                    self.put(form)

    def learn_url(self, url: URL | str) -> None:
        """Remember the password of a URL, a string or SQLAlchemy's: also where it is not escaped, so that the URL falls apart."""
        if isinstance(url, str):
            self.learn_text(url)
            return
        parts = (url.drivername, url.username, "" if url.password is None else url.password, url.host, url.database)
        self.learn_text("{}://{}:{}@{}/{}".format(*(part or "" for part in parts)))
        self.learn_mapping(dict(url.query or {}))

    def learn_text(self, text: str) -> None:
        """Remember what a value says to be a secret: the logins of URLs, `password=...` and the like."""
        self.learn_logins(text)
        for pattern in (patterns.IN_DSN, patterns.IN_SQL):
            for found in pattern.finditer(text):
                self.learn(unquote_plus(found.group(2).strip("'")))

    def learn_logins(self, text: str) -> None:
        """Remember the logins of URLs in a text."""
        whole = patterns.WHOLE_URL.match(text) if text.count("://") == 1 else None
        for found in [whole] if whole else patterns.URL_LOGIN.finditer(text):
            # `re.match` finds nothing, too
            host, slash, rest = re.match(r"([^/?#\s,'\"]*)(/?)([^/?#\s'\"]*)", text[found.end() :]).groups()  # type: ignore[union-attr]
            names = (unquote(found.group(1).partition("://")[2]), host, host.partition(":")[0], rest)
            self._names.update(name for name in names if name)
            for password in {found.group(2), unquote(found.group(2))}:
                self._learn_password(password, host.partition(":")[0])
        for found in patterns.HTTP_LOGIN.finditer(text):
            self.learn(found.group(2))

    def _learn_password(self, password: str, host: str) -> None:
        """The password as a whole, and every part that a parser may take for a host, a port or a path."""
        self.learn(password)
        ends = [place for place, character in enumerate(password) if character in SPLITS]
        for place in ends:
            for part in {password[:place], password[place + 1 :], *re.split("[" + re.escape(SPLITS) + "]", password)}:
                self.learn(part)
                for quote in ("'", '"') if len(part) > 1 else ():
                    self.put(quote + part + quote, quote + MASK + quote)
        for tail in [password, *(password[place + 1 :] for place in ends)] if host else ():
            for part in {tail, tail.lower()} - {""}:
                self.put(part + "@" + host, MASK + "@" + host)

    def learn_mapping(self, mapping: Mapping[Any, Any], depth: int = 0) -> None:
        """Remember what settings, variables or arguments hold under names that say so, and the passwords of URLs under any name."""
        for name, value in list(dict.items(mapping) if isinstance(mapping, dict) else mapping.items()):
            if isinstance(value, dict) and depth < 4:
                self.learn_mapping(value, depth + 1)
            if isinstance(value, str):
                self.learn_text(value)
            if isinstance(name, str) and patterns.is_secret(name, value):
                self.learn(value)

    def learn_error(self, error: BaseException | None) -> None:
        """Remember what the functions that an exception passed, and their modules, hold under such names."""
        seen = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            traceback = error.__traceback__
            while traceback is not None:
                for mapping in (traceback.tb_frame.f_globals, traceback.tb_frame.f_locals):
                    if id(mapping) not in seen:
                        seen.add(id(mapping))
                        self.learn_mapping(_own_values(mapping))
                traceback = traceback.tb_next
            error = error.__cause__ or error.__context__

    def masked(self, text: str) -> str:
        """`text` without secrets."""
        if not self._knows_environment:
            self._knows_environment = True
            self.learn_mapping(os.environ)
        return patterns.without_told(self._without_known(text))

    def _without_known(self, text: str) -> str:
        kept, start, place = [], 0, 0
        while self._by_prefix and place <= len(text) - PREFIX:
            found = self._at(text, place) if text[place : place + PREFIX] in self._by_prefix else None
            if found is None:
                place += 1
                continue
            kept += [text[start:place], self.replacements[found]]
            place = start = place + len(found)
        return "".join([*kept, text[start:]]) if kept else text

    def _at(self, text: str, place: int) -> str | None:
        for needle in self._by_prefix[text[place : place + PREFIX]]:
            end = place + len(needle)
            if text.startswith(needle, place) and (_is_long(needle) or _stands_alone(text, place, end)):
                return needle
        return None


def _is_long(needle: str) -> bool:
    return len(needle) >= (LONG if not needle.isalpha() else 2 * LONG)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] is no part of a longer word."""
    is_joined = start > 0 and _is_word(text[start - 1]) and _is_word(text[start])
    return not is_joined and not (end < len(text) and _is_word(text[end - 1]) and _is_word(text[end]))


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _own_values(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The texts among variables, and those of classes, as configurations are written."""
    found = {}
    for name, value in list(mapping.items()):
        kind = type(value)  # isinstance() would make a lazy object of theirs load what it stands for
        if issubclass(kind, (str, bytes, dict)):
            found[name] = value
        elif issubclass(kind, type) and not name.startswith("_"):
            found[name] = {key: one for key, one in vars(value).items() if isinstance(one, (str, bytes))}
    return found


_secrets = Secrets()  # those of this process
learn, learn_url, learn_text, learn_mapping = _secrets.learn, _secrets.learn_url, _secrets.learn_text, _secrets.learn_mapping
learn_logins, learn_error, masked = _secrets.learn_logins, _secrets.learn_error, _secrets.masked
known, put = _secrets.replacements, _secrets.put  # what was learned, as data, and what takes it in another process


def shortened(text: str, length: int, ending: str = "...") -> str:
    """`text` in one line of at most `length` characters, masked before it is cut: half a secret would not be found any more."""
    line = masked(" ".join(text.split()))
    return line if len(line) <= length else line[: length - len(ending)] + ending


@contextlib.contextmanager
def printing() -> Iterator[None]:
    """What is printed inside the block, by whomever, is masked."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (Stream(file) for file in before)
    try:
        yield
    finally:
        for file in (sys.stdout, sys.stderr):
            file.flush()
        sys.stdout, sys.stderr = before


class Stream(io.TextIOBase):
    """A text file that masks what is written to it, line by line; everything else is the file's own."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._line = file, ""

    def write(self, text: str) -> int:
        lines, newline, self._line = (self._line + text).rpartition("\n")
        if newline:
            self._file.write(masked(lines) + newline)
        return len(text)

    def flush(self) -> None:
        rest, self._line = self._line, ""
        if rest:
            self._file.write(masked(rest))
        self._file.flush()

    def close(self) -> None:
        """Write what is left; the file stays open: it is somebody else's."""
        self.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def isatty(self) -> bool:
        return self._file.isatty()

    def fileno(self) -> int:
        return self._file.fileno()

    @property
    def encoding(self) -> Any:  # type: ignore[override]  # of a file that has none
        return getattr(self._file, "encoding", None)

    @property
    def errors(self) -> Any:  # type: ignore[override]
        return getattr(self._file, "errors", None)
