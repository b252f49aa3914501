"""What came of starting the edited application on an empty database, and of building what its tests build."""

from __future__ import annotations

from dataclasses import dataclass

from hooks.inside.base.messages import Failed, Rehearsed

NOT_TRIED = "no-scratch-database"  # why a rehearsal says nothing about the application


@dataclass(frozen=True)
class OfTests:
    """How many configurations for tests were built, (what, why) of those that could not be, and which follow the variable."""

    built: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    following: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rehearsal:
    """`seen` is how it starts, `failed` why it does not; one of them is there.

    `flask_app` is what FLASK_APP must say, None: nothing; `flask_exception` why a plain `flask` does not get to the application all
    the same. `needs_tables` is what failed without its create_all(). `in_memory`: the database is empty at each start. `in_ci` is
    why it does not start with no more set than CI has.
    """

    seen: Rehearsed | None = None
    failed: Failed | None = None
    flask_app: str | None = None
    flask_exception: str = ""
    needs_tables: Failed | None = None
    of_tests: OfTests = OfTests()
    in_memory: bool = False
    in_ci: Failed | None = None

    @property
    def starts(self) -> bool:
        """Whether the application starts on an empty database."""
        return self.seen is not None

    @property
    def is_tried(self) -> bool:
        """Whether there was an empty database to start it on."""
        return self.failed is None or self.failed.reason != NOT_TRIED

    @property
    def follows(self) -> bool:
        """Whether it starts, and with the database that the variable names."""
        return self.seen is not None and self.seen.follows_variable

    @property
    def goes_elsewhere(self) -> bool:
        """Whether it starts, and with another database than the variable names."""
        return self.seen is not None and self.seen.has_default and not self.seen.follows_variable
