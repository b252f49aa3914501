"""Every reason to stop after `copier update`, which has merged the template's newer files by then.

UpdateStopped               something is left to do by hand
  UpdateConflicts           the team and the new version have changed the same lines
  UpdateStepFailed          what the new version changes in the team's own code could not be done
"""

from __future__ import annotations

from collections.abc import Sequence

from hooks.base.errors import RetrofitStopped
from hooks.base.location import Location


class UpdateStopped(RetrofitStopped):
    """The template's newer files are merged, and something is left to do by hand."""

    keeps_changes = True


class UpdateConflicts(UpdateStopped):
    """The team and the new version have changed the same lines; `places` are the markers, or files with what was rejected."""

    reference = "update-conflicts"

    def __init__(self, places: Sequence[Location]) -> None:
        super().__init__(", ".join(f"{place.path}:{place.line}" for place in places))
        self.places = tuple(places)


class UpdateStepFailed(UpdateStopped):
    """A step of `hooks/updates/` could not be done, so none was; `why` is what it raised."""

    reference = "update-step-failed"

    def __init__(self, version: str, what: str, why: Exception) -> None:
        super().__init__(what)
        self.version, self.what, self.why = version, what, why
