"""Every reason not to take over what `flask db init` has set up.

TakeoverStopped             nothing was changed
  MigrationsElsewhere       Flask-Migrate keeps its directory under another name than migrations/
  OptionInEnv               env.py says where the stamp is, and `Migrate(...)` does not
"""

from __future__ import annotations

from collections.abc import Sequence

from hooks.by_hand import Option
from hooks.errors import RetrofitStopped
from hooks.facts import Location


class TakeoverStopped(RetrofitStopped):
    """The directory cannot be taken over as it is."""


class MigrationsElsewhere(TakeoverStopped):
    """Flask-Migrate's directory is `directory`; `places` are where it is made or attached, and so told of it."""

    reference = "migrations-elsewhere"

    def __init__(self, directory: str, places: Sequence[Location]) -> None:
        super().__init__(directory)
        self.directory, self.places = directory, tuple(places)


class OptionInEnv(TakeoverStopped):
    """`options` are in env.py alone, and without them a database would be looked for its stamp in the wrong place."""

    reference = "option-in-env"

    def __init__(self, options: Sequence[Option], places: Sequence[Location]) -> None:
        super().__init__(", ".join(option.name for option in options))
        self.options, self.places = tuple(options), tuple(places)
