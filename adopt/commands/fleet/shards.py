"""One part of a list for each of several machines: `--shard 2/5` is the second of five.

Every database is in exactly one part, whatever the order of the lines, and the parts differ by one database at most.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .url_list import Entry


@dataclass(frozen=True)
class Shard:
    number: int = 1
    count: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries of this part, in the order of the list."""
        by_name = sorted(entries, key=lambda one: (hashlib.sha1(one.name.encode("utf-8", "surrogateescape")).digest(), one.name))
        mine = {one.name for one in by_name[self.number - 1 :: self.count]}
        return [one for one in entries if one.name in mine]


def parse(text: str) -> Shard:
    """The Shard of "2/5"; numbers begin with 1."""
    matched = re.match(r"^(\d+)/(\d+)$", text)
    shard = Shard(*map(int, matched.groups())) if matched else None
    if shard is None or not 1 <= shard.number <= shard.count:
        raise argparse.ArgumentTypeError(f"{text!r} is no part of a list: 1/5 is the first of five, 5/5 the last")
    return shard
