"""Make a virtual environment with everything that working on the product needs, from nothing but Python 3.10 and the network.

    python3 tests/make_environment.py .venv

Standard library only. An environment that is there and works is completed rather than made anew. Some systems ship Python without
`ensurepip` (Debian without python3-venv); there pip's own wheel is fetched from PyPI and installs itself.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIP = "https://pypi.org/pypi/pip/json"


def works(python: Path) -> bool:
    """Whether this environment's Python runs, is new enough and has pip."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 10))"
    return python.exists() and subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0


def bring_pip(python: Path) -> None:
    """Install pip into an environment that has none, by running pip's wheel."""
    with urllib.request.urlopen(PIP, timeout=60) as answer:
        wheel = next(file for file in json.load(answer)["urls"] if file["packagetype"] == "bdist_wheel")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / wheel["filename"]
        with urllib.request.urlopen(urllib.parse.urljoin(PIP, wheel["url"]), timeout=60) as answer:
            path.write_bytes(answer.read())
        if hashlib.sha256(path.read_bytes()).hexdigest() != wheel["digests"]["sha256"]:
            raise SystemExit(f"{wheel['filename']} is not the file that PyPI describes")
        subprocess.run([python, path / "pip", "install", "--quiet", "--no-index", path], check=True)


def main(folder: Path) -> int:
    """Make or complete the environment in `folder`; a failing pip speaks for itself."""
    python = folder / "bin" / "python"
    if not works(python):
        has_ensurepip = importlib.util.find_spec("ensurepip") is not None
        venv.create(folder, clear=True, with_pip=has_ensurepip)
        if not has_ensurepip:
            bring_pip(python)
    return subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{ROOT}[dev]"], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
