"""Every reason to stop, one class each. They carry facts; `report.py` alone turns them into text.

    RetrofitStopped                   exit status 1; nothing was changed unless the class says otherwise
      AppUndecided                    no app, or several and none is named
      ...                             (the tree is completed as classes are added)
"""

from __future__ import annotations


class RetrofitStopped(Exception):
    """The retrofit ends here, for a reason that the user can act on.

    `reference` is the short stable name of the reason, shown after "error: ".
    """

    reference = "stopped"
