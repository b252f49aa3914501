"""Install Flask-Migrate in the project's Python, such that nothing that is there changes its version.

Every version in place is a constraint for the installer, which so finds the newest Flask-Migrate that fits under them. What is
there is read again afterwards; a run that ends early takes away what it had added.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from hooks.base.errors import FlaskMigrateNotFound, FlaskMigrateTooNew, InstallChanged, InstallFailed
from hooks.base.facts import Interpreter
from hooks.base.formats.requirement import normalised
from hooks.base.report import Report
from hooks.environment.distributions import NoAnswer, Probe, probe
from hooks.environment.installers import Installer, last_lines, require_installer, run_installer
from hooks.environment.requires import unmet

MIGRATE, DOTENV, SETUPTOOLS = "Flask-Migrate", "python-dotenv", "setuptools"
NONE: Mapping[str, str] = {}
# Tried in this order: an old installer, or a package's wrong metadata, may choose one that does not work.
CEILINGS = ("", "<4", "<3")
# From 4.1 on the group `flask db` hands its options to the commands in flask.g, which only Flask 2.2 and newer keep in between.
OLDER_FLASK, CEILINGS_OF_OLDER_FLASK = (2, 2), ("<4.1", "<4", "<3")
# Flask before 2.1 asks pkg_resources for the commands of other packages; Flask-Migrate from 4.0 on adds its own without that.
FLASK_ASKING, FLASK_MIGRATE_ASKED, WITH_PKG_RESOURCES = (2, 1), (4,), "<82"
# The last releases of python-dotenv for a Python that newer ones are not for.
LAST_DOTENV = {"3.7": "<0.22", "3.8": "<1.1", "3.9": "<1.2.2"}
IMPORTS_ARE_THE_PROJECTS = 3
CHECK_IMPORT = f"""
import sys
try:
    import flask, flask_sqlalchemy
except BaseException:
    sys.exit({IMPORTS_ARE_THE_PROJECTS})  # the project's own trouble, which loading it tells better
import flask_migrate
"""


@dataclass(frozen=True)
class InstallPlan:
    """What is missing, and what would install it (None: nothing is missing)."""

    names: tuple[str, ...]
    installer: Installer | None = None


def wanted(interpreter: Interpreter) -> tuple[str, ...]:
    """What the retrofit needs there."""
    lacks_setuptools = SETUPTOOLS not in interpreter.installed  # which environments bring along where Flask is that old
    needed = {MIGRATE: True, DOTENV: reads_flaskenv(interpreter), SETUPTOOLS: lacks_setuptools and needs_pkg_resources(interpreter)}
    return tuple(name for name, is_needed in needed.items() if is_needed)


def needs_pkg_resources(interpreter: Interpreter) -> bool:
    """Whether the installed Flask finds the commands of the installed Flask-Migrate by setuptools' pkg_resources only."""
    name = normalised(MIGRATE)
    if name not in interpreter.installed or version_of(interpreter, "flask", unknown="2.1").release >= FLASK_ASKING:
        return False
    return version_of(interpreter, name, unknown="4.0").release < FLASK_MIGRATE_ASKED


def reads_flaskenv(interpreter: Interpreter) -> bool:
    """Whether Flask there reads `.flaskenv`, which it does from 1.0 on, by means of python-dotenv."""
    return version_of(interpreter, "flask", unknown="1.0").release >= (1, 0)


def ceilings(interpreter: Interpreter) -> tuple[str, ...]:
    """What to ask of Flask-Migrate's version, one after the other until one works."""
    is_older = version_of(interpreter, "flask", unknown="2.2").release < OLDER_FLASK
    return CEILINGS_OF_OLDER_FLASK if is_older else CEILINGS


def version_of(interpreter: Interpreter, name: str, *, unknown: str) -> Version:
    """The version of what is installed there, 0 where it is not; `unknown` in the place of one that is not a version."""
    try:
        return Version(interpreter.installed.get(name, "0"))
    except InvalidVersion:
        return Version(unknown)


def is_complete(interpreter: Interpreter) -> bool:
    """Whether all that the retrofit needs is installed there already."""
    return all(normalised(name) in interpreter.installed for name in wanted(interpreter))


def plan_install(interpreter: Interpreter, environ: Mapping[str, str] = os.environ, names: Sequence[str] = ()) -> InstallPlan:
    """Which of `names` (all that is wanted, if none is given) are missing, and what can install them. Nothing is installed.

    Raises:
        NoInstaller: something is missing, and nothing can install it there.
    """
    missing = tuple(name for name in names or wanted(interpreter) if normalised(name) not in interpreter.installed)
    return InstallPlan(missing, require_installer(interpreter, missing, environ) if missing else None)


def require_working_pair(interpreter: Interpreter) -> None:
    """Make sure that an installed Flask-Migrate works with the installed Flask, for neither may change its version.

    Raises:
        FlaskMigrateTooNew: every `flask db` command would fail.
        FlaskMigrateNotFound: there would be no `flask db` command.
    """
    setuptools = version_of(interpreter, SETUPTOOLS, unknown="0")
    if needs_pkg_resources(interpreter) and setuptools >= Version(WITH_PKG_RESOURCES.lstrip("<")):
        raise FlaskMigrateNotFound(interpreter.path, interpreter.installed, SETUPTOOLS + WITH_PKG_RESOURCES)
    installed = interpreter.installed.get(normalised(MIGRATE), "0")
    ceiling = ceilings(interpreter)[0]
    if ceiling and Version(installed) >= Version(ceiling.lstrip("<")):
        raise FlaskMigrateTooNew(interpreter.path, interpreter.installed["flask"], installed, MIGRATE + ceiling)


@contextmanager
def installed_for(interpreter: Interpreter, report: Report, declared: Mapping[str, str] = NONE) -> Iterator[dict[str, str]]:
    """Install what is missing; yields name -> version of all that was added, and takes it away if the block ends early.

    `declared` is what the project asks for, as {"flask-migrate": "==2.5.2"}. What stops with `keeps_changes` keeps this too.

    Raises:
        FlaskMigrateTooNew, FlaskMigrateNotFound: what is installed already does not work together.
        NoInstaller, InstallFailed, InstallChanged: as `plan_install` and `install` do.
    """
    require_working_pair(interpreter)
    plan = plan_install(interpreter)
    if not plan.names:
        yield {}
        return
    with report.step("install") as step:
        added = install(interpreter, plan.names, declared=declared)
        step.detail = ", ".join(f"{name} {added[normalised(name)]}" for name in plan.names if normalised(name) in added)
    try:
        yield added
    except BaseException as error:
        if not getattr(error, "keeps_changes", False):
            try:
                uninstall(interpreter, list(added))
            except InstallFailed as failed:  # what ended the run matters more
                report.line(f"  still installed in {interpreter.path}: {', '.join(failed.names)}")
        raise


def install(
    interpreter: Interpreter, names: Sequence[str], environ: Mapping[str, str] = os.environ, declared: Mapping[str, str] = NONE
) -> dict[str, str]:
    """Install `names` and what they need; returns version by normalised name of everything that was added.

    `declared` versions are tried first; where they cannot be had beside what is there, the newest that can.

    Raises:
        NoInstaller: nothing can install packages there.
        InstallFailed: the installer failed, or no version of Flask-Migrate works there. What was added is gone again.
        InstallChanged: a version in place changed. What was added is gone again, and the old version was asked back.
    """
    missing = [name for name in names if normalised(name) not in interpreter.installed]
    if not missing:
        return {}
    installer = require_installer(interpreter, missing, environ)
    before = _probe(interpreter, environ, missing)
    try:
        lines: list[str] = []
        for asked in _attempts(interpreter, missing, declared):
            lines = _attempt(interpreter, installer, asked, before, environ)
            after = _probe(interpreter, environ, missing)
            _require_unchanged(interpreter, installer, before, after, environ)
            if not lines:
                return _added(before, after)
            _take_away(interpreter, _added(before, after), environ)
        raise InstallFailed(missing, interpreter.path, lines)
    except KeyboardInterrupt:
        _take_away(interpreter, _added(before, _probe(interpreter, environ, missing)), environ)
        raise


def _attempts(interpreter: Interpreter, missing: Sequence[str], declared: Mapping[str, str]) -> Iterator[list[str]]:
    """What to ask the installer for, one after the other until one works."""
    theirs = {name: declared[normalised(name)] for name in missing if normalised(name) in declared}
    if theirs:
        first = {MIGRATE: ceilings(interpreter)[0], SETUPTOOLS: WITH_PKG_RESOURCES, **theirs}
        yield [name + first.get(name, "") for name in missing]
    for ceiling in ceilings(interpreter) if MIGRATE in missing else ("",):
        ceiling_of = {MIGRATE: ceiling, SETUPTOOLS: WITH_PKG_RESOURCES}
        yield [name + ceiling_of.get(name, "") for name in missing]


def uninstall(interpreter: Interpreter, names: Sequence[str], environ: Mapping[str, str] = os.environ) -> None:
    """Take away exactly `names`, which an earlier `install` has added; those that are gone already are passed over.

    Raises:
        InstallFailed: the installer could not.
    """
    left = [name for name in names if normalised(name) in _probe(interpreter, environ, names).installed]
    if not left:
        return
    done = run_installer([*require_installer(interpreter, left, environ).uninstall, *left], environ)
    if done.returncode:
        raise InstallFailed(left, interpreter.path, last_lines(done))


def constraints(before: Probe) -> str:
    """A constraint file that pins every distribution, except those from a URL or a folder, or of a version that no index has."""
    lines = []
    for name, one in sorted(before.distributions.items()):
        try:
            version = Version(one.version)
        except InvalidVersion:
            continue
        if not one.is_direct and version.local is None:
            lines.append(f"{name}=={one.version}\n")
    return "".join(lines)


def _attempt(
    interpreter: Interpreter, installer: Installer, asked: Sequence[str], before: Probe, environ: Mapping[str, str]
) -> list[str]:
    """Install once; returns what went wrong, [] if nothing did."""
    with tempfile.TemporaryDirectory(prefix="copier-flask-migrate-") as folder:
        pins = Path(folder, "constraints.txt")
        pins.write_text(constraints(before), encoding="utf-8")
        command = installer.modern(interpreter, before, Path(folder), environ)
        done = run_installer([*command, "--constraint", str(pins), *asked], environ)
        if done.returncode:
            return last_lines(done)
        after = _probe(interpreter, environ, asked)
        lines = unmet(after, _added(before, after))
        if lines or normalised(MIGRATE) not in _added(before, after):
            return lines
        tried = subprocess.run(
            [interpreter.path, "-c", CHECK_IMPORT],
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return [] if tried.returncode in (0, IMPORTS_ARE_THE_PROJECTS) else last_lines(tried)


def _require_unchanged(
    interpreter: Interpreter, installer: Installer, before: Probe, after: Probe, environ: Mapping[str, str]
) -> None:
    now = after.installed
    changed = [(name, version, now.get(name)) for name, version in before.installed.items() if now.get(name) != version]
    if not changed:
        return
    _take_away(interpreter, _added(before, after), environ)
    run_installer([*installer.install, "--no-deps", *(f"{name}=={version}" for name, version, _ in changed)], environ)
    is_undone = _probe(interpreter, environ, ()).installed == before.installed
    raise InstallChanged(interpreter.path, changed, is_undone=is_undone)


def _added(before: Probe, after: Probe) -> dict[str, str]:
    return {name: version for name, version in after.installed.items() if name not in before.installed}


def _take_away(interpreter: Interpreter, added: Mapping[str, str], environ: Mapping[str, str]) -> None:
    if added:
        uninstall(interpreter, list(added), environ)


def _probe(interpreter: Interpreter, environ: Mapping[str, str], names: Sequence[str]) -> Probe:
    try:
        return probe(interpreter.path, environ, Path(tempfile.gettempdir()))
    except NoAnswer as why:
        raise InstallFailed(names, interpreter.path, [str(why)]) from why
