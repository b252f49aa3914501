"""What a forked Copier does before it runs: it takes a clone of the template that is there already, in the place of a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def use_clone(url: str, clone: str) -> None:
    """The HEAD of the template at `url` is not cloned again but read in `clone`, which stays.

    In that clone hooks/ has byte code. A Copier that keeps its functions elsewhere clones as ever.
    """
    import copier._main
    import copier._template
    import plumbum

    plumbum.local.env.__init__()  # has the environment variables of the time when it was imported
    template: Any = copier._template
    worker: Any = copier._main.Worker
    if not (hasattr(template, "clone") and hasattr(template.Template, "_cleanup")):
        return
    real_clone, real_cleanup = template.clone, template.Template._cleanup

    def clone_once(source: str, ref: str = "HEAD", *more: Any, **named: Any) -> str:
        if ref == "HEAD" and Path(source) == Path(url):
            return clone
        return str(real_clone(source, ref, *more, **named))

    def clean_up_others(self: Any) -> None:
        if hasattr(self, "_temp_clone_path") or str(self.local_abspath) != clone:  # the former is what it has made itself
            real_cleanup(self)

    template.clone, template.Template._cleanup = clone_once, clean_up_others
    if hasattr(worker, "_sync_git_index_executable_bit"):  # asks git for core.fileMode before each file; here it is never false
        worker._sync_git_index_executable_bit = lambda *_: None
