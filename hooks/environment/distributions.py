"""What one Python has: asked with a single, quick start of it, in which neither pip nor any package is imported.

The distributions are read from the metadata folders on its `sys.path`, as `importlib.metadata` would, in a tenth of the time.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hooks.base.formats.requirement import normalised

PROBE_TIMEOUT_S = 30.0

# Runs on every Python from 2.6 on. The empty entry of sys.path is the working directory, which is not where packages are.
SNIPPET = r"""
import sys
sys.path[:] = [entry for entry in sys.path if entry]
import io, json, os, re
found, pip = [], False
def headers(path):
    lines = []
    try:
        with io.open(path, encoding="utf-8", errors="replace") as stream:
            for line in stream:
                if not line.strip():
                    break
                lines.append(line)
    except (IOError, OSError):
        return None
    return re.findall(r"^(Name|Version|Requires-Dist|Requires-Python): *(.*?)\s*$", "".join(lines), re.M)
def add(path, folder):
    fields = headers(path)
    if fields is None:
        return
    one = dict((key, value) for key, value in reversed(fields))
    if one.get("Name") and one.get("Version"):
        direct = os.path.exists(os.path.join(folder, "direct_url.json"))
        direct = direct or folder.endswith(".egg-info") and not entry.endswith("-packages")
        requires = [value for key, value in fields if key == "Requires-Dist"]
        found.append([one["Name"], one["Version"], requires, direct, one.get("Requires-Python", "")])
for entry in sys.path:
    if entry.endswith(".egg"):
        add(os.path.join(entry, "EGG-INFO", "PKG-INFO"), os.path.join(entry, "EGG-INFO"))
    try:
        names = os.listdir(entry)
    except (IOError, OSError):
        continue
    pip = pip or "pip" in names and os.path.isfile(os.path.join(entry, "pip", "__main__.py"))
    for name in names:
        folder = os.path.join(entry, name)
        if name.endswith(".dist-info"):
            add(os.path.join(folder, "METADATA"), folder)
        elif name.endswith(".egg-info"):
            add(folder if os.path.isfile(folder) else os.path.join(folder, "PKG-INFO"), folder)
base = getattr(sys, "base_prefix", getattr(sys, "real_prefix", sys.prefix))
managed = sys.prefix == base and os.path.exists(os.path.join(os.path.dirname(os.__file__), "EXTERNALLY-MANAGED"))
print("\n" + json.dumps({"version": list(sys.version_info[:3]), "prefix": sys.prefix, "executable": sys.executable,
      "distributions": found, "has_pip": pip, "is_externally_managed": managed}))
"""


@dataclass(frozen=True)
class Distribution:
    """One installed distribution; `is_direct` says that it came from a URL, a repository or a folder, not from an index.

    `requires_python` is a specifier such as ">=3.8", "" where the metadata has none.
    """

    name: str
    version: str
    requires: tuple[str, ...] = ()
    is_direct: bool = False
    requires_python: str = ""


@dataclass(frozen=True)
class Probe:
    """What a Python said about itself; `distributions` is by normalised name."""

    executable: str
    version: tuple[int, ...]
    prefix: str
    distributions: Mapping[str, Distribution] = field(default_factory=dict)
    has_pip: bool = True
    is_externally_managed: bool = False

    @property
    def installed(self) -> dict[str, str]:
        """Versions by normalised name."""
        return {name: one.version for name, one in self.distributions.items()}


class NoAnswer(Exception):
    """The program could not be started, failed, or is no Python."""


def probe(python: str, environ: Mapping[str, str], cwd: Path) -> Probe:
    """Ask the Python at `python`, started in `cwd` (version managers decide by it).

    Raises:
        NoAnswer: says why, in a few words.
    """
    kept = {name: value for name, value in environ.items() if name not in ("PYTHONHOME", "__PYVENV_LAUNCHER__", "PYTHONSTARTUP")}
    try:
        done = subprocess.run(
            [python, "-c", SNIPPET],
            cwd=cwd,
            env={**kept, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoAnswer(f"did not answer in {PROBE_TIMEOUT_S:.0f} s") from None
    except OSError as error:
        raise NoAnswer(f"cannot be started: {error.strerror}") from error
    try:
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return _read(said, python)
    except (IndexError, KeyError, TypeError, ValueError):
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise NoAnswer("gave no answer" + (f": {last[0]}" if last else "")) from None


def _read(said: dict[str, Any], python: str) -> Probe:
    distributions: dict[str, Distribution] = {}
    for name, version, requires, is_direct, requires_python in said["distributions"]:
        one = Distribution(name, version, tuple(requires), bool(is_direct), requires_python)
        distributions.setdefault(normalised(name), one)
    return Probe(
        executable=said["executable"] or python,
        version=tuple(said["version"]),
        prefix=said["prefix"],
        distributions=distributions,
        has_pip=said["has_pip"],
        is_externally_managed=said["is_externally_managed"],
    )
