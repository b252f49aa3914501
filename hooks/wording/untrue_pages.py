"""Sentences of the project's pages that say when the application makes its tables, once it does not any more.

README.md:3   "The database tables are created automatically when the application starts."

They are named, not changed: what a page says next is for its authors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from hooks.base.location import Location

PAGE = re.compile(
    r"^(readme|contributing|install(ation)?|getting[_-]started|setup|usage)[^/]*\.(md|rst|txt)$|^docs/[^/]+\.(md|rst)$", re.I
)
THINGS = re.compile(r"\b(tables?|databases?|schema|db|sqlite|\w+\.db)\b", re.I)
MADE = re.compile(r"\b(creates?|created|creating|initiali[sz](?:es?|ed|ing)|sets? up|generated)\b", re.I)
BY_ITSELF = re.compile(
    r"\bautomatic(ally)?\b|\b(first|initial) (run|start|launch|time|request|use)\b"
    r"|\b(on|at|during) (app(lication)? )?start-?(up)?\b"
    r"|\b(when|once|after|every time|each time) (the )?(app|application|server|you run|you start|it (runs|starts))\b"
    r"|\bcreate_all\b",
    re.I,
)
OTHERWISE = re.compile(r"flask db|flask init|migrat|alembic", re.I)
LARGEST = 200_000  # bytes
SHOWN = 70  # characters
MOST = 4


def untrue_sentences(files: Iterable[str], read: Callable[[str], bytes | None]) -> list[Location]:
    """The sentences, each with the line in which it begins."""
    found = [place for path in sorted(files) if PAGE.search(path) for place in of_page(path, read(path) or b"")]
    return found[:MOST]


def of_page(path: str, raw: bytes) -> Iterator[Location]:
    """Those of one page; blocks of code are commands, which are looked at elsewhere."""
    text = re.sub(r"(?ms)^```.*?^```", lambda block: "\n" * block[0].count("\n"), raw[:LARGEST].decode("utf-8", "replace"))
    for match in re.finditer(r"(?s)\S.*?(?:[.!?](?=\s)|\n(?=\s*(?:\n|[-*#|>]|\d+\.))|\Z)", text):
        sentence = " ".join(match[0].split())
        is_said = THINGS.search(sentence) and MADE.search(sentence) and BY_ITSELF.search(sentence)
        if is_said and not OTHERWISE.search(sentence):
            yield Location(path, text.count("\n", 0, match.start()) + 1, sentence)


def notes_on_pages(files: Iterable[str], read: Callable[[str], bytes | None]) -> list[str]:
    """One note for each."""
    return [
        f"{place.path}:{place.line} is out of date ({shortened(place.text)}); the tables come from  flask db upgrade"
        for place in untrue_sentences(files, read)
    ]


def shortened(sentence: str) -> str:
    """The beginning of a sentence, in quotes."""
    sentence = sentence.lstrip("-*#>|0123456789. ")
    return f'"{sentence}"' if len(sentence) <= SHOWN else f'"{sentence[:SHOWN].rsplit(" ", 1)[0]} ..."'
