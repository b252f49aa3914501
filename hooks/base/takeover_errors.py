"""Every reason not to take over what `flask db init` has set up.

TakeoverStopped             nothing was changed
  MigrationsElsewhere       Flask-Migrate keeps its directory under another name than migrations/
  OptionInEnv               env.py says where the stamp is, and `Migrate(...)` does not
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hooks.base.errors import RetrofitStopped
from hooks.base.facts import Option
from hooks.base.location import Location


class TakeoverStopped(RetrofitStopped):
    """The directory cannot be taken over as it is."""


class MigrationsElsewhere(TakeoverStopped):
    """Flask-Migrate's directory is `directory`; `places` are where it is made or attached, and may be told of it.

    `is_of_app`: the folder that the directory is in is the one that the application is imported from. `directed` are calls of
    Flask-Migrate's commands that name a directory.
    """

    reference = "migrations-elsewhere"

    def __init__(
        self, directory: str, places: Sequence[Location], *, is_of_app: bool = False, directed: Sequence[Location] = ()
    ) -> None:
        super().__init__(directory)
        self.directory, self.places, self.is_of_app, self.directed = directory, tuple(places), is_of_app, tuple(directed)

    @property
    def told(self) -> tuple[Location, ...]:
        """Those of `places` that name the directory, or go on in lines that are not known here."""
        return tuple(
            one
            for one in self.places
            if {"directory", self.directory} & set(re.findall(r"[\w/.-]+", one.text)) or is_cut_off(one.text)
        )


def is_cut_off(text: str) -> bool:
    """Whether a call goes on in the next line."""
    return text.count("(") > text.count(")")


class OptionInEnv(TakeoverStopped):
    """`options` are in env.py alone, and without them a database would be looked for its stamp in the wrong place."""

    reference = "option-in-env"

    def __init__(self, options: Sequence[Option], places: Sequence[Location]) -> None:
        super().__init__(", ".join(option.name for option in options))
        self.options, self.places = tuple(options), tuple(places)
