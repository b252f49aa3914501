"""What a fork does before its program runs: what each run would make anew, and the same, is taken from where it is kept.

A Copier that has the functions named here elsewhere, or a migrations/adopt.py that does, works as ever, and takes its time.
"""

from __future__ import annotations

import builtins
import compileall
import hashlib
import importlib
import marshal
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any


def keep_clones(kept: str) -> None:
    """A commit of a local template is cloned once, into the folder `kept`, and read there by every later run.

    In that clone hooks/ has byte code.
    """
    import copier._main
    import copier._template
    import plumbum

    plumbum.local.env.__init__()  # has the environment variables of the time when it was imported
    template: Any = copier._template
    worker: Any = copier._main.Worker
    if hasattr(worker, "_sync_git_index_executable_bit"):  # asks git for core.fileMode before each file; here it is never false
        worker._sync_git_index_executable_bit = lambda *_: None
    if not (hasattr(template, "clone") and hasattr(template.Template, "_cleanup")):
        return
    real_clone, real_cleanup = template.clone, template.Template._cleanup

    def clone_once(url: str, ref: str = "HEAD", *more: Any, **named: Any) -> str:
        commit = committed(url, ref)
        if not commit:
            return str(real_clone(url, ref, *more, **named))
        folder = Path(kept) / f"{commit}-{hashlib.sha1(os.fsencode(url)).hexdigest()[:8]}"
        if not folder.exists():
            made = Path(real_clone(url, ref))
            compile_hooks(made)
            rename_unless_there(made, folder)
        return str(folder)

    def clean_up_others(self: Any) -> None:
        if hasattr(self, "_temp_clone_path") or not str(self.local_abspath).startswith(
            kept
        ):  # the former is what it has made itself
            real_cleanup(self)

    template.clone, template.Template._cleanup = clone_once, clean_up_others


def committed(url: str, ref: str) -> str:
    """The commit that would be cloned; "" where that is none of a folder here, or what is not committed would be cloned too."""
    if not Path(url).is_dir() or (ref == "HEAD" and git(url, "status", "--porcelain")):
        return ""
    return git(url, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")


def git(folder: str, *arguments: str) -> str:
    """What git says; "" where it fails."""
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False).stdout.strip()


def compile_hooks(clone: Path) -> None:
    """Byte code that git does not see."""
    with (clone / ".git" / "info" / "exclude").open("a") as exclude:
        exclude.write("__pycache__/\n")
    for folder in ("hooks", "adopt"):
        compileall.compile_dir(clone / folder, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)


def rename_unless_there(made: Path, folder: Path) -> None:
    """Another run may have been faster; then its clone is taken."""
    try:
        made.rename(folder)
    except OSError:
        shutil.rmtree(made)
        if not folder.exists():
            raise


def keep_bundle(kept: str, script: str) -> None:
    """migrations/adopt.py is made once of each clone in the folder `kept`; `script` is hooks/__main__.py of one."""
    clone = Path(script).parents[1]
    if clone.parent != Path(kept) or not (clone / "hooks" / "bundle.py").exists():
        return
    sys.path.insert(0, str(clone))
    module: Any = importlib.import_module("hooks.bundle")
    del sys.path[0]
    real, place = module.bundle, clone.with_name(f"{clone.name}.bundle")

    module.bundle = lambda: made_once(place, real)


def made_once(place: Path, make: Callable[[], bytes]) -> bytes:
    """What `make` gives, from the file where it was kept before; of two programs that make it at a time each keeps a whole one.

    A program that may write nothing keeps nothing.
    """
    if not place.exists():
        made = make()
        partial = place.with_name(f"{place.name}.{os.getpid()}")
        try:
            partial.write_bytes(made)
            partial.replace(place)
        except OSError:
            return made
    return place.read_bytes()


ADOPT = "/migrations/adopt.py", " in migrations/adopt.py>"  # the file, and a module in it


def keep_code(kept: str) -> None:
    """The modules in migrations/adopt.py are compiled once, into the folder `kept`; each project has the same ones."""
    real = builtins.compile

    def compile_once(source: Any, filename: Any, mode: str, *more: Any, **named: Any) -> Any:
        ours = mode == "exec" and isinstance(source, str | bytes) and str(filename).endswith(ADOPT)
        if not ours or more or named not in ({"dont_inherit": True}, {"dont_inherit": True, "optimize": -1}):
            return real(source, filename, mode, *more, **named)
        place = Path(kept) / hashlib.sha1(source.encode() if isinstance(source, str) else source).hexdigest()
        return in_file(marshal.loads(made_once(place, lambda: marshal.dumps(real(source, filename, mode, **named)))), filename)

    builtins.compile = compile_once


def in_file(code: CodeType, filename: str) -> CodeType:
    """The same code as part of that file."""
    if code.co_filename == filename:
        return code
    constants = tuple(in_file(one, filename) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_filename=filename, co_consts=constants)
