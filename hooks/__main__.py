"""Arguments in, exit status out: copier.yml's task and migration start here, in Copier's own Python, in the project's root."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run the retrofit in the current directory, or after `update` what belongs to an update; the last argument is JSON."""
    # `python hooks/__main__.py` puts hooks/ first on the path; the package is imported from beside it instead.
    sys.path[0] = str(TEMPLATE)
    sys.dont_write_bytecode = True
    values = json.loads(sys.argv[-1])
    from hooks.base.redaction import redaction

    with redaction.printing():
        return task(values)


def task(values: dict[str, Any]) -> int:
    """Do what the first argument says, and return the exit status."""
    if sys.argv[1] == "before-update":
        from hooks.updates.formatted import undo_formatting
        from hooks.updates.own_page import take_off

        take_off(Path.cwd())
        undo_formatting(Path.cwd(), TEMPLATE, values["ref"])
        return 0
    if sys.argv[1] == "update":
        from hooks.base.report import Report
        from hooks.update import Versions, update
        from hooks.updates.one_file import keep_edited
        from hooks.updates.own_page import put_back

        report = Report(quiet=values["quiet"])
        status = update(Path.cwd(), Versions.parse(values["before"], values["now"]), report)
        report.rows(keep_edited(Path.cwd(), TEMPLATE, values["ref"]))
        report.rows(put_back(Path.cwd()))
        return status
    from hooks.base.interruption import in_child

    return in_child(lambda: retrofit(values))


def retrofit(values: dict[str, Any]) -> int:
    """Run the retrofit in the current directory; migrations/adopt.py is made meanwhile, unless one is to stay."""
    from hooks.bundle import beside

    bundled = beside() if values.pop("bundles", True) else None
    from hooks.base.run_settings import Settings
    from hooks.run import run

    settings = Settings.from_json(values, Path.cwd())
    if bundled is not None and bundled():
        return 1
    return run(Path.cwd(), settings, template=TEMPLATE / "template")


if __name__ == "__main__":
    sys.exit(main())
