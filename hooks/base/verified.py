"""What the project's Python has shown of each database, as `hooks/inside/subject.py` tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from hooks.base.plural import listed


@dataclass(frozen=True)
class VerifiedDatabase:
    """One database of the application; `database` is its URL without a password.

    `name` is "" for the default one, else its bind's; `keys` are all binds that lead to it, None being the default one.

    `existing` is "present", "absent" or "unreachable", `existing_reason` says why it is not present. `offline`: there was no
    empty database to run the baseline on. `differences` distinguish the existing database from the models, `unmanaged` are its
    tables without a model, `views` what models read that is no table, `unbuilt` what it has beside tables and the baseline does
    not make; `drift`, `unmanaged_lines`, `unbuilt_lines` and `unbuilt_advice` are what people read of them.
    With `is_reconciled` the baseline is what the database was: `held` is what the second revision leaves to a person, `left` what
    it does not carry over, `not_undone` what its downgrade does not bring back, `not_carried` why there is none.
    `not_reconciled` is why even that failed.
    `unclear` is what was changed in it while the application was loaded, perhaps by others, or could not be looked at; None: it was
    not compared.
    """

    name: str = ""
    keys: tuple[str | None, ...] = (None,)
    database: str = ""
    dialect: str = ""
    tables: int = 0
    existing: str = "absent"
    existing_reason: str = ""
    offline: bool = False
    differences: tuple[Mapping[str, Any], ...] = ()
    drift: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    unmanaged: tuple[Mapping[str, Any], ...] = ()
    unmanaged_lines: tuple[str, ...] = ()
    unbuilt: tuple[Mapping[str, Any], ...] = ()
    unbuilt_lines: tuple[str, ...] = ()
    unbuilt_advice: str = ""
    unverified: tuple[str, ...] = ()
    is_reconciled: bool = False
    held: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    not_undone: tuple[str, ...] = ()
    not_carried: str = ""
    not_reconciled: str = ""
    unclear: tuple[str, ...] | None = None

    @property
    def title(self) -> str:
        """ "the default database", "the bind users", "the default database and the binds a and b"."""
        return titled(self.keys)

    @property
    def empty_url(self) -> str:
        """The environment variable that names an empty database of its kind."""
        return "EMPTY_DATABASE_URL" + (f"_{self.name.upper()}" if self.name else "")

    @property
    def is_present(self) -> bool:
        """Whether there is a database to compare with, and to stamp."""
        return self.existing == "present"

    @property
    def differs(self) -> bool:
        """Whether it is something else than what the baseline builds."""
        return bool(self.differences) and not self.is_reconciled

    @property
    def is_true(self) -> bool:
        """Whether it is there and was shown to be what the baseline builds, so that it may be stamped."""
        return self.is_present and not self.offline and not self.differs


def databases_of(told: Iterable[Mapping[str, Any]]) -> tuple[VerifiedDatabase, ...]:
    """The databases of the event "verified", the default one first."""
    known = {field.name for field in fields(VerifiedDatabase)}
    return tuple(VerifiedDatabase(**{name: frozen(value) for name, value in one.items() if name in known}) for one in told)


def frozen(value: Any) -> Any:
    """Lists of JSON as tuples."""
    return tuple(value) if isinstance(value, list) else value


def may_be_stamped(databases: Iterable[VerifiedDatabase]) -> bool:
    """Whether there is one to stamp, and none that is there was left unverified: it is all or none."""
    present = [one for one in databases if one.is_present]
    return bool(present) and all(one.is_true for one in present)


def titled(keys: Sequence[str | None]) -> str:
    """Binds as people call them, the default one first."""
    names = [str(key) for key in keys if key is not None]
    words = ["the default database"] * (None in keys)
    if names:
        words.append(f"the bind{'s' * (len(names) > 1)} {listed(names)}")
    return " and ".join(words)
