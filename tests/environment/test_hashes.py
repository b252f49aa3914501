"""Hashes of what was installed, from an index made on the spot."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from hooks.base.facts import Interpreter
from hooks.environment.hashes import find_hashes
from tests.wheels import make_environment, make_wheel


def test_pip(tmp_path: Path):
    """The hash of the very file that the index has; a version that it has not gets none."""
    wheel = make_wheel(tmp_path, "Flask-Migrate", "4.1.0")
    environ = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    interpreter = Interpreter(str(make_environment(tmp_path / "e", with_pip=True)), "test")

    found = find_hashes(interpreter, {"flask-migrate": "4.1.0"}, environ)

    assert found == {"flask-migrate": ("sha256:" + hashlib.sha256(wheel.read_bytes()).hexdigest(),)}
    assert find_hashes(interpreter, {"flask-migrate": "4.2"}, environ) == {}


def test_uv(tmp_path: Path):
    """uv tells all hashes of each version."""
    uv = tmp_path / "uv"
    uv.write_text(
        "#!/bin/sh\n"
        "cat <<'END'\n"
        "flask-migrate==4.1.0 \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\n    # via -r requirements.in\n"
        "python-dotenv==1.0 \\\n    --hash=sha256:33\n"
        "END\n"
    )
    uv.chmod(0o755)
    interpreter = Interpreter("/p", "test", has_pip=False)

    found = find_hashes(interpreter, {"flask-migrate": "4.1.0", "python-dotenv": "1.0"}, {**os.environ, "UV": str(uv)})

    assert found == {"flask-migrate": ("sha256:11", "sha256:22"), "python-dotenv": ("sha256:33",)}


def test_no_installer(monkeypatch: pytest.MonkeyPatch):
    """Where nothing can install, nothing can tell."""
    monkeypatch.setattr("hooks.environment.installers._own_version", lambda name: "")

    assert find_hashes(Interpreter("/p", "test", has_pip=False), {"flask-migrate": "4.1.0"}, {"PATH": "/nowhere"}) == {}
