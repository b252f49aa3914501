"""The text of what is left to do by hand after `copier update`."""

from __future__ import annotations

from functools import singledispatch

from hooks.base import update_errors
from hooks.base.errors import CannotEdit
from hooks.wording.message import message, places, shortened

UNTOUCHED = "All else is merged. Your revisions and your databases were not touched."
TAKE_BACK = "To take the whole update back:  git reset -q --hard && git clean -fdq migrations"


@singledispatch
def explain_update(stop: update_errors.UpdateStopped) -> str:
    """The complete message for `stop`."""
    return message(stop.reference, f"{stop}", changed=UNTOUCHED, todo=[TAKE_BACK])


@explain_update.register
def _(stop: update_errors.UpdateConflicts) -> str:
    return message(
        stop.reference,
        "Your team and the new version have changed the same lines:",
        shortened(places(stop.places)),
        changed=UNTOUCHED,
        todo=["Keep what is right, take the markers out (or delete the .rej files), and commit.", TAKE_BACK],
    )


@explain_update.register
def _(stop: update_errors.UpdateStepFailed) -> str:
    why = stop.why
    if isinstance(why, CannotEdit):
        evidence = [*places([why.where]), why.why]
        todo = ["Add these lines by hand, and commit:", *(f"  {line}" for line in why.lines.splitlines())]
    else:
        evidence = f"{type(why).__name__}: {why}".rstrip(": ").splitlines()
        todo = ["Do it by hand, and commit."]
    return message(
        stop.reference,
        f"Version {stop.version} changes something in your own files ({stop.what}), and that could not be done:",
        evidence,
        changed="Your own files are as they were; those of the template are merged. No database was touched.",
        todo=[*todo, TAKE_BACK],
    )
