"""The hashes of what was installed, for requirement files whose lines carry hashes.

pip tells those of the files that suit this machine; Flask-Migrate and what it needs are pure Python, one file for all machines.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hooks.base.errors import NoInstaller
from hooks.base.facts import Interpreter
from hooks.base.formats.requirement import normalised
from hooks.environment.installers import require_installer, run_installer


def find_hashes(
    interpreter: Interpreter, versions: Mapping[str, str], environ: Mapping[str, str] = os.environ
) -> dict[str, tuple[str, ...]]:
    """ "sha256:..." by normalised name, for each of `versions` (name -> version) whose file the index hands out again."""
    try:
        installer = require_installer(interpreter, list(versions), environ)
    except NoInstaller:
        return {}
    pins = [f"{name}=={version}" for name, version in sorted(versions.items())]
    with tempfile.TemporaryDirectory(prefix="copier-flask-migrate-") as folder:
        if "install" in installer.install[:3]:  # uv pip install
            return _of_uv(installer.install[0], interpreter, pins, Path(folder), environ)
        at = installer.install.index("install")
        command = (*installer.install[:at], "download", "--quiet", "--no-deps", "--dest", str(Path(folder, "files")))
        run_installer([*command, *pins], environ)
        found: dict[str, tuple[str, ...]] = {}
        for file in Path(folder, "files").glob("*"):
            name = next((name for name, version in versions.items() if _is_of(file.name, name, version)), None)
            if name is not None:
                found[normalised(name)] = ("sha256:" + hashlib.sha256(file.read_bytes()).hexdigest(),)
        return found


def _of_uv(
    uv: str, interpreter: Interpreter, pins: list[str], folder: Path, environ: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    listed = folder / "requirements.in"
    listed.write_text("\n".join(pins) + "\n", encoding="utf-8")
    options = ("--generate-hashes", "--no-deps", "--quiet", "--no-header", "--python", interpreter.path)
    done: subprocess.CompletedProcess[bytes] = run_installer([uv, "pip", "compile", *options, str(listed)], environ)
    found = re.findall(r"^([\w.-]+)==\S+((?:\s+\\?\s*--hash=\S+)+)", done.stdout.decode("utf-8", "replace"), re.MULTILINE)
    return {normalised(name): tuple(re.findall(r"--hash=(\S+)", hashes)) for name, hashes in found}


def _is_of(file: str, name: str, version: str) -> bool:
    """Whether a wheel's or an sdist's file name is that of this version."""
    key = normalised(name).replace("-", "[-_.]+")
    return re.match(rf"{key}-{re.escape(version)}(-|\.tar|\.zip)", file, re.IGNORECASE) is not None
