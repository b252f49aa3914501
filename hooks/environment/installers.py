"""Which program installs packages in the project's Python: its own pip, else uv, else the pip that Copier's Python has."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from hooks.base.errors import NoInstaller
from hooks.base.facts import Interpreter
from hooks.environment.distributions import Probe

TIMEOUT_S = 900.0
LAST_LINES = 15
FIRST_THAT_RESOLVES = Version("20.3")  # older ones install what contradicts a constraint, and say so afterwards
NEWER_PIP = "pip>=20.3,<24.1"  # those that run on Python 3.7
FIRST_FOR_OTHERS = Version("22.3")  # `pip --python`
# Settings that would install elsewhere, or more than is asked for.
MISLEADING = {
    *("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_UPGRADE", "PIP_FORCE_REINSTALL", "PIP_IGNORE_INSTALLED", "PIP_NO_DEPS"),
    *("PIP_DRY_RUN", "PIP_PYTHON", "UV_PYTHON", "PYTHONHOME", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__"),
}


@dataclass(frozen=True)
class Installer:
    """The commands to which names are added."""

    install: tuple[str, ...]
    uninstall: tuple[str, ...]
    is_own_pip: bool = False

    def modern(self, interpreter: Interpreter, before: Probe, folder: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
        """The install command; where the environment's pip is too old to resolve, a newer one from `folder` is run in its place."""
        if not self.is_own_pip or _version(before.installed.get("pip", "")) >= FIRST_THAT_RESOLVES:
            return self.install
        fetched = run_installer([*self.install, "--target", str(folder / "newer"), "--no-deps", NEWER_PIP], environ)
        newer = folder / "newer" / "pip"
        if fetched.returncode or not newer.is_dir():
            return self.install
        return (interpreter.path, str(newer), *self.install[3:])


def require_installer(interpreter: Interpreter, names: Sequence[str], environ: Mapping[str, str]) -> Installer:
    """What can install `names` in that Python.

    Raises:
        NoInstaller: nothing can; carries what to run instead.
    """
    python = interpreter.path
    if interpreter.is_externally_managed:
        commands = [f"{Path(python).name} -m venv .venv", f".venv/bin/pip install <the project's dependencies> {' '.join(names)}"]
        raise NoInstaller(python, "it belongs to the operating system, which lets nobody else install packages there", commands)
    if interpreter.has_pip:
        own = (python, "-m", "pip")
        return Installer(_with_options(own), (*own, "uninstall", "--yes"), is_own_pip=True)
    uv = environ.get("UV") or shutil.which("uv", path=environ.get("PATH", os.defpath))
    if uv:
        return Installer((uv, "pip", "install", "--python", python), (uv, "pip", "uninstall", "--python", python))
    if _version(_own_version("pip")) >= FIRST_FOR_OTHERS:
        borrowed = (sys.executable, "-m", "pip", "--python", python)
        return Installer(_with_options(borrowed), (*borrowed, "uninstall", "--yes"))
    commands = [f"{python} -m ensurepip", f"uv pip install --python {python} {' '.join(names)}"]
    raise NoInstaller(python, "it has no pip, and uv is not on PATH", commands)


def run_installer(command: Sequence[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    """Run an installer without letting it ask; where it takes too long, that is its failure."""
    kept = {name: value for name, value in environ.items() if name not in MISLEADING}
    try:
        return subprocess.run(
            list(command),
            env={**kept, "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(list(command), 1, b"", f"not done after {TIMEOUT_S:.0f} s".encode())
    except OSError as error:
        return subprocess.CompletedProcess(list(command), 1, b"", str(error.strerror).encode())


def last_lines(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    """The last lines that a program said on its way out."""
    text = (done.stderr.strip() or done.stdout.strip()).decode("utf-8", "replace")
    return [line for line in text.splitlines() if line.strip()][-LAST_LINES:] or [f"exit status {done.returncode}"]


def _with_options(pip: tuple[str, ...]) -> tuple[str, ...]:
    return (*pip, "install", "--quiet", "--no-warn-script-location")


def _own_version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")
