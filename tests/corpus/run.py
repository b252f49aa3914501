"""Run the product on a folder of real repositories, and check on each what it promises.

    python tests/corpus/run.py FOLDER [--template PATH] [--only NAME ...] [--environments DIR] [--logs DIR]

FOLDER holds one git checkout per project, each clean, with its database made and filled as its README says. Beside `<name>/` there
may be `<name>.env`: `VARIABLE=value` lines that its README asks for, and these comments, all optional:

    # database: URL          a database outside of the checkout; it is put back afterwards
    # folder: PATH           the project is this folder of the checkout; the command is run there
    # environment: NAME      the environment in DIR, if it is not called like the checkout
    # answer: app=shop:app   an answer to one of the template's questions; may be repeated

The environment is `DIR/<name>`, a virtual environment with the project's own requirements. Each run works on copies of checkout and
environment, so that it can be repeated. Programs needed: git, copier, and the clients of the servers that are named.

The table has a row for each project: how it ended (stamped, not stamped, differs, refused, FAILED: why), the lines that changed in
the project's own files, and the seconds that `copier copy` took. The exit status is 1 if any failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.corpus.checks import Checked, check_run  # noqa: E402
from tests.corpus.databases import Outside  # noqa: E402
from tests.corpus.work import Case, Log, Work, read_case  # noqa: E402


def link_or_copy(source: str, target: str) -> None:
    """Copy a file of an environment in no time; installers replace files, they do not write into them."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def copied_environment(case: Case, folder: Path) -> Path:
    """The Python of a copy of the case's environment; this Python where it has none."""
    if case.environment is None or not case.environment.is_dir():
        return Path(sys.executable)
    target = folder / "environment"
    shutil.copytree(case.environment, target, symlinks=True, copy_function=link_or_copy)
    return target / "bin" / "python"


def run_case(case: Case, template: str, log: Log) -> Checked:
    """Run the product on copies of one project; whatever it does to a database outside is undone."""
    with tempfile.TemporaryDirectory(prefix="corpus-") as name:
        folder = Path(name)
        checkout = folder / case.name
        shutil.copytree(case.checkout, checkout, symlinks=True)
        outside = Outside(case.database, folder) if case.database else None
        work = Work(case, checkout, copied_environment(case, folder), outside, template, log)
        if outside is not None:
            outside.keep()
        try:
            return check_run(work)
        finally:
            if outside is not None:
                outside.restore()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, one row as soon as it is known; 1 if any project failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--template", default=str(ROOT), help="the template, as `copier copy` takes it; its HEAD is used")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=())
    parser.add_argument("--environments", type=Path, metavar="DIR")
    parser.add_argument("--logs", type=Path, metavar="DIR", help="where each project's log is written")
    given = parser.parse_args(arguments)
    checkouts = [path for path in sorted(given.folder.resolve().iterdir()) if (path / ".git").exists()]
    unknown = set(given.only) - {path.name for path in checkouts}
    if unknown:
        parser.error(f"no checkout in {given.folder}: {', '.join(sorted(unknown))}")
    environments = given.environments.resolve() if given.environments else None
    failed = 0
    print(f"{'repository':28} {'outcome':48} {'lines':>9} {'seconds':>8}", flush=True)
    for checkout in checkouts:
        if given.only and checkout.name not in given.only:
            continue
        log = Log(given.logs / f"{checkout.name}.log" if given.logs else None)
        try:
            done = run_case(read_case(checkout, environments), given.template, log)
        except Exception as error:  # noqa: BLE001 - one project's trouble must not hide the others'
            done = Checked(f"FAILED: {type(error).__name__}: {error}")
        log.add(f"\noutcome: {done.outcome}")
        failed += done.outcome.startswith("FAILED")
        print(f"{checkout.name:28} {done.outcome:48} {done.lines:>9} {done.seconds:8.1f}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
