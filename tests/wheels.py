"""Environments and packages made on the spot, so that installing needs no network."""

from __future__ import annotations

import sys
import venv
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def make_wheel(folder: Path, name: str, version: str, requires: Sequence[str] = (), code: str = "") -> Path:
    """Put a wheel of one module in `folder`."""
    module = name.replace("-", "_").lower()
    info = f"{module}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(f"Requires-Dist: {one}\n" for one in requires)
    files = {
        f"{module}.py": code,
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in files) + f"{info}/RECORD,,\n"
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for inside, content in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(inside, content)
    return path


def make_environment(folder: Path, distributions: Mapping[str, str] | None = None, *, with_pip: bool = False) -> Path:
    """Make a virtual environment whose metadata says that `distributions` (name -> version) are there; returns its Python."""
    venv.create(folder, symlinks=sys.platform != "win32", with_pip=with_pip)
    add_distributions(folder, distributions or {})
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def add_distributions(folder: Path, distributions: Mapping[str, str], requires: Mapping[str, Sequence[str]] | None = None) -> None:
    """Write the metadata of `distributions`, and a module without content for each."""
    (packages,) = [*folder.glob("lib/python*/site-packages"), *folder.glob("Lib/site-packages")][:1]
    for name, version in distributions.items():
        module = name.replace("-", "_").lower()
        info = packages / f"{module}-{version}.dist-info"
        info.mkdir(parents=True)
        needs = "".join(f"Requires-Dist: {one}\n" for one in (requires or {}).get(name, ()))
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}\nA description.\nName: no\n"
        )
        (info / "RECORD").write_text(f"{module}.py,,\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n")
        (packages / f"{module}.py").touch()
