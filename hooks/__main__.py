"""Arguments in, exit status out: copier.yml's task and migration start here, in Copier's own Python, in the project's root."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run the retrofit in the current directory, or what belongs to an update: the one argument is words with a space between."""
    # `python hooks/__main__.py` puts hooks/ first on the path; the package is imported from beside it instead.
    sys.path[0] = str(TEMPLATE)
    sys.dont_write_bytecode = True
    words = sys.argv[1].split(" ")
    from hooks.base.redaction import redaction

    with redaction.printing():
        return task(*words)


def task(name: str, *words: str) -> int:
    """Do what the first word says, and return the exit status; the versions of an update are in the environment."""
    if name == "before-update":
        from hooks.updates.formatted import undo_formatting
        from hooks.updates.own_page import take_off

        take_off(Path.cwd())
        undo_formatting(Path.cwd(), TEMPLATE, os.environ["VERSION_FROM"])
        return 0
    if name == "update":
        from hooks.base.report import Report
        from hooks.update import Versions, update
        from hooks.updates.one_file import keep_edited
        from hooks.updates.own_page import put_back

        report = Report(quiet="--quiet" in words)
        status = update(Path.cwd(), Versions.parse(os.environ["VERSION_PEP440_FROM"], os.environ["VERSION_PEP440_TO"]), report)
        report.rows(keep_edited(Path.cwd(), TEMPLATE, os.environ["VERSION_FROM"]))
        report.rows(put_back(Path.cwd()))
        return status
    from hooks.base.interruption import in_child

    return in_child(lambda: retrofit(words))


def retrofit(words: Sequence[str]) -> int:
    """Run the retrofit in the current directory; migrations/adopt.py is made meanwhile, unless one is to stay."""
    from hooks.bundle import beside

    bundled = beside() if "--bundled" not in words else None
    from hooks.base.run_settings import Settings
    from hooks.run import run
    from hooks.worktree.preconditions import template_files

    settings = Settings.from_words(words, Path.cwd(), lambda answers_file: template_files(TEMPLATE / "template", answers_file))
    if bundled is not None and bundled():
        return 1
    return run(Path.cwd(), settings, template=TEMPLATE / "template")


if __name__ == "__main__":
    sys.exit(main())
