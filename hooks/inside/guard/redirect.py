"""Hand the application play databases in the place of those that it is configured with.

What it is configured with was learned before (learn.py). The URL is replaced where the application takes it from: in environment
variables before anything of it is imported, and in its configuration at the moment in which it attaches its `SQLAlchemy` object.

Before:  DATABASE_URL=postgresql://shop:secret@db/shop?sslmode=require
After:   DATABASE_URL=postgresql://shop:secret@db/scratch_1f0c...?sslmode=require

The scheme and what stands behind "?" stay as they are in each place: applications change the one and add the other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .connections import url_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, MutableMapping

    from sqlalchemy.engine import URL

    from ..base.types import AnyURL


SETTINGS = "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_BINDS"


class Moved:
    """One database: `url` is where it is, `texts` are the ways in which the configuration says so, `play` is the URL instead.

    `urls` are those of the binds that lead there: {bind: URL}.
    """

    def __init__(self, url: str, texts: Iterable[str], play: str, urls: Mapping[str | None, str] | None = None) -> None:
        self.url, self.texts, self.play, self.urls = url, list(texts), play, dict(urls or {})


class Redirect:
    """All that is redirected; `same_database` tells whether two URLs lead to one database."""

    def __init__(self, moved: Iterable[Moved], same_database: Callable[[AnyURL, AnyURL], bool]) -> None:
        self._moved, self._same_database = list(moved), same_database

    def play_of(self, url: AnyURL) -> str | None:
        """The play URL in the place of `url`, itself where it is one already; None where nothing is known of it."""
        return next((one.play for one in self._moved if self._is_one(url, one)), None)

    def real(self, url: AnyURL, key: str | None = None) -> AnyURL:
        """The URL that the configuration has for an engine's, of the bind `key`; itself where that was not redirected."""
        return next((one.urls.get(key, one.url) for one in self._moved if self._is_one(url, one)), url)

    def _is_one(self, url: AnyURL, moved: Moved) -> bool:
        return self._same_database(url, moved.play) or self._same_database(url, moved.url)

    def environment(self, environ: MutableMapping[str, str]) -> None:
        """Replace what stands in the variables of `environ`."""
        for name, value in list(environ.items()):
            moved = self.text(value)
            if moved != value:
                environ[name] = moved

    def text(self, text: str) -> str:
        """`text` with the locations in it replaced."""
        if "://" not in text:
            return text
        for one in self._moved:
            for known in one.texts:
                text = replaced(text, known, one.play)
        return text

    def setting(self, value: Any) -> Any:
        """A value of the configuration: text, a URL of SQLAlchemy, or a mapping of them; anything else stays as it is."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {name: self.setting(one) for name, one in value.items()}
        if hasattr(value, "drivername"):
            text = url_text(value)
            moved = self.text(text)
            return value if moved == text else self._parsed(moved)
        return value

    @staticmethod
    def _parsed(text: str) -> URL:
        from sqlalchemy.engine.url import make_url

        return make_url(text)

    def configuration(self, config: MutableMapping[str, Any]) -> None:
        """Replace the URLs in the configuration of an application that attaches its `SQLAlchemy` object."""
        for name in SETTINGS:
            if config.get(name):
                moved = self.setting(config[name])
                if moved != config[name]:
                    config[name] = moved


def replaced(text: str, known: str, play: str) -> str:
    """`text` with the place that the URL `known` names turned into the one of the URL `play`, as a whole only."""
    before, after = place_of(known), place_of(play)
    if not before or before not in text:
        return text
    return re.sub(r"(?<=://)" + re.escape(before) + r"(?![\w./%@:-])", after.replace("\\", r"\\"), text)


def place_of(url: str) -> str:
    """What stands between the scheme and the options of a URL."""
    return url.partition("://")[2].partition("?")[0]
