"""python3 migrations/adopt.py setup, or `make db-setup`: from a fresh clone to an application that runs.

1. environment  the one that is there (VIRTUAL_ENV, .venv, venv, env), else a new one, made by the tool whose lock file or table in
               pyproject.toml the project has, or by Python where that is not installed and there is a requirements.txt
2. packages     installed only where Flask-Migrate cannot be imported
3. .env         a copy of .env.example, or what the project calls it, where there is no .env yet
4. database     `python -m migrations.adopt --upgrade`: built, or verified and stamped, and brought to the newest revision

A second run changes nothing that is in order. Runs before anything is installed, so on the standard library alone.
Exit status: that of the step that failed, else that of the database's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from ..base.paths import ROOT, source_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence


FOLDERS = (".venv", "venv", "env")
INSIDE = (("bin", "python"), ("Scripts", "python.exe"))
TOOLS = (  # the lock file of a tool, or Pipfile, what installs with it, and what runs in its environment
    ("uv.lock", ("uv", "sync"), ("uv", "run", "python")),
    ("poetry.lock", ("poetry", "install"), ("poetry", "run", "python")),
    ("pdm.lock", ("pdm", "install"), ("pdm", "run", "python")),
    ("Pipfile", ("pipenv", "install", "--dev"), ("pipenv", "run", "python")),
)
REQUIREMENTS = ("requirements.txt", "requirements/dev.txt", "requirements/base.txt", "requirements.in")
MORE = tuple("requirements%s%s.txt" % (mark, kind) for kind in ("dev", "test") for mark in "-_") + ("dev-requirements.txt",)
EXAMPLES = (".env.example", ".env.sample", ".env.template", ".env.dist", "env.example", "example.env", "dot-env-example")
DATABASE = ("-m", "migrations.adopt", "--upgrade")


class NotSetUp(Exception):
    """`status` is the exit status; `todo` what the person does before the next try."""

    def __init__(self, reference: str, what: str, todo: str, status: int = 2) -> None:
        super().__init__(what)
        self.reference, self.what, self.todo, self.status = reference, what, todo, status


def main() -> int:
    os.chdir(ROOT)
    try:
        python = environment()
        settings()
        say("database", " ".join(("python",) + DATABASE))
        sys.stdout.flush()
        status = subprocess.call(list(python) + list(DATABASE))
    except NotSetUp as error:
        print(f"error: {error.reference}\n  {error.what}\n  {error.todo} run again:  make db-setup", file=sys.stderr)
        return error.status
    again = "put that right, or fill in .env, then:  make db-setup"
    say("next", again if status else "run the application:  {} -m flask run".format(" ".join(python)))
    return status


def environment() -> tuple[str, ...]:
    """The command that starts Python in the project's environment, which has all that the project needs afterwards.

    Raises:
        NotSetUp: it cannot be made, or filled.
    """
    there = present()
    if there and is_ready((there,)):
        say("environment", there)
        return (there,)
    sources = declared()
    for lock, install, run in () if there else TOOLS:
        has, listed = shutil.which(install[0]), sources[:1] == ("-r",)
        named = not listed and f"[tool.{install[0]}" in str(source_bytes("pyproject.toml"))
        if (has and named) or (os.path.exists(lock) and (has or not listed)):
            return of_tool(install, run)
    if not there:
        call((sys.executable, "-m", "venv", FOLDERS[0]), "no-environment")
        there = os.path.join(FOLDERS[0], *INSIDE[os.name == "nt"])
        with open(os.path.join(FOLDERS[0], ".gitignore"), "w") as file:
            file.write("*\n")  # as Python 3.13 does by itself
        say("environment", "{}, made with Python {}.{}".format(FOLDERS[0], *sys.version_info[:2]))
    if not sources:
        raise NotSetUp(
            "no-requirements",
            "No file says what the project needs: {}, pyproject.toml or setup.py.".format(", ".join(REQUIREMENTS)),
            f"Install them in {there} and",
        )
    call((there, "-m", "pip", "install", "--disable-pip-version-check", "-q") + sources, "not-installed")
    say("packages", "installed from " + ", ".join(word for word in sources if not word.startswith("-")))
    require_ready((there,))
    return (there,)


def present() -> Any:
    """The Python of the environment that is there; "" if none is."""
    for folder in filter(None, (os.environ.get("VIRTUAL_ENV"),) + FOLDERS):
        for inside in INSIDE:
            path = os.path.join(folder, *inside)
            if os.path.exists(path):
                return path
    return ""


def of_tool(install: Sequence[str], run: tuple[str, ...]) -> tuple[str, ...]:
    """Let the tool make its environment."""
    if shutil.which(install[0]) is None:
        raise NotSetUp(
            "no-" + install[0],
            f"The project uses {install[0]}, which is not on PATH.",
            "Install it, or make .venv yourself, and",
        )
    if not is_ready(run):
        call(install, "not-installed")
        say("packages", "installed by {}".format(" ".join(install)))
    say("environment", f"that of {install[0]}")
    require_ready(run)
    return run


def declared() -> Any:
    """The arguments of `pip install` for what the project declares, or its repository above it; () if they declare nothing."""
    for folder in above():
        files = [folder + path for path in REQUIREMENTS if os.path.exists(folder + path)][:1]
        if files:
            files += [folder + path for path in MORE if os.path.exists(folder + path)]
            return tuple(word for path in files for word in ("-r", path))
        if not folder and (os.path.exists("pyproject.toml") or os.path.exists("setup.py")):
            return ("-e", ".")
    return ()


def above() -> Any:
    """The project's folder, "", and those above it, up to the one that git has its repository in."""
    folders = ["../" * depth for depth in range(len(os.getcwd().split(os.sep)))]
    top = next((folder for folder in folders if os.path.exists(folder + ".git")), "")
    return folders[: folders.index(top) + 1]


def is_ready(python: Any) -> bool:
    """Whether the application's packages are there, as far as the migrations go."""
    done = subprocess.run(
        list(python) + ["-c", "import flask_migrate"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.returncode == 0


def require_ready(python: Any) -> None:
    if not is_ready(python):
        raise NotSetUp(
            "not-installed",
            "Flask-Migrate cannot be imported by {}.".format(" ".join(python)),
            "Declare Flask-Migrate where the project declares Flask, and",
        )


def settings() -> Any:
    """`.env` as the example shows it; one that is there stays as it is."""
    example = next(filter(os.path.exists, EXAMPLES), None)
    if example and not os.path.exists(".env"):
        shutil.copyfile(example, ".env")
        say(".env", "copied from %s; your own values go there" % example)


def call(command: Sequence[str], reference: str) -> None:
    """Run a command whose output the person sees."""
    sys.stdout.flush()
    try:
        status = subprocess.call(list(command))
    except OSError as error:
        raise NotSetUp(reference, f"{command[0]}: {error.strerror}", "Put that right and") from error
    if status:
        raise NotSetUp(
            reference,
            "`{}` ended with exit status {}; see above.".format(" ".join(command), status),
            "Put that right and",
            status,
        )


def say(word: str, sentence: str) -> None:
    print(f"{word:<12} {sentence}")
