"""The existing databases that the application is configured with: where they are, and whether they were changed meanwhile."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Any

from . import rest_of_server
from .base.arguments import packed, unpacked
from .base.stop import Stop
from .guard.out_of_reach import PORTS, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from adopt.base.types import Fingerprint

    from .base.types import Adopt, AnyURL, ConnectArgs, Facts


LATE = "it could not be looked at before the application was run"
SQLITE = ("", "-wal", "-journal")
# options that name a file which says where the server is
ELSEWHERE = {"service", "read_default_file", "read_default_group", "option_files"}


class Place:
    """One existing database: `url` as text, `texts` are all ways in which the configuration says so, `urls` those of its binds.

    `play` is the URL of the one that the application gets instead, `why_not` says why there is none; `others` are databases that
    its login reaches beside it. `fingerprint` was taken before anything of the application was run in earnest.
    """

    def __init__(self, url: str, connect_args: ConnectArgs | None, texts: list[str], key: str | None) -> None:
        self.url, self.connect_args, self.texts, self.urls = url, connect_args, texts, {key: url}
        self.others: list[str]
        self.play, self.why_not, self.others = "", "", []
        self.fingerprint: Fingerprint | None = None

    @property
    def keys(self) -> list[str | None]:
        """Its binds, None for the default one; two may differ in their login, or in their search_path."""
        return list(self.urls)


class Places:
    """All of them, each once; `adopt(name)` gives a module of adopt/, `taken` are fingerprints from earlier in this run, by URL.

    `asked_at` is when the application was asked what it is configured with, in seconds since the epoch, and `refused` what it
    could not connect to meanwhile: a database that others could write to then, and that was not looked at before, is looked at
    late.
    """

    def __init__(self, adopt: Adopt, taken: Iterable[Mapping[str, Any]] = ()) -> None:
        self._places: list[Place]
        self._adopt, self._places, self._taken = adopt, [], [(one["url"], one["fingerprint"]) for one in taken]
        self.asked_at, self.refused = time.time(), Refused()

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places)

    def add(self, learned: Facts) -> None:
        """Note what learn.py has found of one bind."""
        same_database = self._adopt("urls").same_database
        texts = [text for text in (learned["said"], learned["url"]) if text]
        for place in self._places:
            if same_database(place.url, learned["url"]):
                place.urls.setdefault(learned["key"], learned["url"])
                place.texts += [text for text in texts if text not in place.texts]
                return
        self._import_driver(learned["url"])
        self._places.append(Place(learned["url"], unpacked(learned["connect_args"]), texts, learned["key"]))

    def _import_driver(self, url: str) -> None:
        """Import what connects to it before there are threads: psycopg2 imports itself in a circle, and cannot be by two of them.

        What fails fails again, and is told, when it is connected to.
        """
        with contextlib.suppress(Exception):
            dialect = self._adopt("urls").make_url(url).get_dialect()
            (getattr(dialect, "import_dbapi", None) or dialect.dbapi)()

    def urls(self) -> list[str]:
        """Where they are."""
        return [one.url for one in self._places]

    def take_fingerprint(self, place: Place) -> None:
        """What a database looks like before anything of the application is run in earnest; the first one of a run holds."""
        urls = self._adopt("urls")
        if urls.backend(place.url) != "sqlite" or urls.sqlite_path(place.url) is not None:  # one in memory has nothing to keep
            place.fingerprint = self._taken_of(place.url) or self._taken_now(place)

    def _taken_now(self, place: Place) -> Fingerprint:
        is_late = not self._was_out_of_reach(place)
        return dict(self._take(place.url, place.connect_args), is_late=is_late)

    def _take(self, url: AnyURL, connect_args: ConnectArgs | None = None, since: Fingerprint | None = None) -> Fingerprint:
        """The fingerprint of a database, with what is beside it on its server."""
        found: Fingerprint = self._adopt("fingerprint").take(url, connect_args, since=since)
        errors = self._adopt("errors")
        if found["state"] == "seen":
            try:
                found["beside"] = rest_of_server.take(self._adopt, url, connect_args)
            except (errors.DatabaseMissing, errors.DatabaseUnreachable):
                found.update(beside={}, uncounted=["the rest of its server"])
        return found

    def _was_out_of_reach(self, place: Place) -> bool:
        """Whether the application cannot have written to it while it was asked what it is configured with."""
        urls = self._adopt("urls")
        url, arguments = urls.make_url(place.url), place.connect_args or {}
        if urls.backend(url) == "sqlite":
            path = urls.sqlite_path(url)
            there = list(filter(os.path.exists, (path + ending for ending in SQLITE))) or [os.path.dirname(path)]
            return self.refused.files or all(os.stat(one).st_ctime < self.asked_at for one in there if os.path.exists(one))
        given: list[Any] = [arguments.get("port"), os.environ.get("PGPORT")]
        ports = {urls.without_host(url)[2], *(int(one) for one in given if str(one).isdigit())}
        is_elsewhere = ELSEWHERE & {*(url.query or ()), *arguments} or "PGSERVICE" in os.environ
        return not is_elsewhere and self.refused.has(ports)

    def _taken_of(self, url: AnyURL) -> Fingerprint | None:
        """The fingerprint that was taken of it before."""
        return next((one for other, one in self._taken if self._adopt("urls").same_database(other, url)), None)

    def look_before(self, root: str) -> None:
        """Take fingerprints of what the environment or the code names, before any of the code runs.

        Of a database on another machine only where it has none of the ports to which the kernel refuses connections while the
        application is asked what it is configured with.
        """
        named, urls = self._adopt("named"), self._adopt("urls")
        for url in named.before_loading(root):
            is_refused = url.host not in named.HERE and urls.without_host(url)[2] in PORTS
            if urls.backend(url) != "sqlite" and not is_refused and self._taken_of(url) is None:
                found = self._take(url)
                self._taken += [(url, found)] * (found["state"] == "seen")

    def told(self) -> list[Mapping[str, object]]:
        """All that another process needs to compare them, as data; it holds passwords."""
        return [
            {"url": one.url, "connect_args": packed(one.connect_args), "keys": one.keys, "fingerprint": one.fingerprint}
            for one in self._places
            if one.fingerprint is not None
        ]

    def hear(self, told: Iterable[Mapping[str, Any]]) -> None:
        """Know what another process has `told`."""
        for one in told:
            place = Place(one["url"], unpacked(one["connect_args"]), [], None)
            place.urls, place.fingerprint = dict.fromkeys(one["keys"], one["url"]), one["fingerprint"]
            self._places.append(place)

    def compared(self) -> tuple[list[tuple[str, str]], list[Facts]]:
        """(changed, compared): (database, sentence) of each change; {"keys", "database", "unclear"} of each database.

        `unclear` is what others may have changed meanwhile, and what could not be looked at.
        """
        fingerprint, redact = self._adopt("fingerprint"), self._adopt("urls").redact
        changed: list[tuple[str, str]]
        compared: list[Facts]
        changed, compared = [], []
        for place in self._places:
            if place.fingerprint is not None:
                before = place.fingerprint
                after = self._take(place.url, place.connect_args, since=before)
                changed += [(redact(place.url), one) for one in fingerprint.differences(before, after)]
                unclear = [LATE] * before.get("is_late", False) + fingerprint.unclear(before, after)
                if "seen" == before["state"] == after["state"]:
                    unclear += fingerprint.marks("beside", before, after) + fingerprint.unseen("uncounted", before, after)
                compared.append({"keys": place.keys, "database": redact(place.url), "unclear": unclear})
        return changed, compared

    def require_unchanged(self, exception: str = "") -> list[Facts]:
        """What `compared` says of each database; `exception` is what the application failed with.

        Raises:
            Stop: a database was changed while the application was loaded.
        """
        changed, compared = self.compared()
        if changed:
            raise Stop("database-changed", changes=changed, exception=exception)
        return compared
