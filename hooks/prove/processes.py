"""The processes of one run in the project's Python: what each is told, and how it is started."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hooks.base.facts import Answers, Interpreter, Project
from hooks.base.report import Report
from hooks.environment.project_python import ProjectPython
from hooks.inside.base.messages import Request, RequestedApp
from hooks.planning.flask_app import flask_app_by_path
from hooks.planning.plan import Plan
from hooks.prove.ladder import Overlay
from hooks.worktree.existing_databases import ExistingDatabases


@dataclass(frozen=True)
class Bare:
    """The environment and the files of CI, as far as they are others than here."""

    environ: Mapping[str, str]
    files: Overlay


@dataclass(frozen=True)
class Processes:
    """What every process of one run needs to know, and how it is started."""

    root: Path
    project: Project
    plan: Plan
    answers: Answers
    interpreter: Interpreter
    revision: str
    report: Report
    environ: Mapping[str, str]
    existing: ExistingDatabases
    take_early: Callable[[], ProjectPython | None] = lambda: None  # a process that is warm already
    bare: Bare | None = None  # what differs where the check of the migrations runs
    mode: str = "retrofit"  # or "takeover": what the process does once the application is loaded

    def request(self, overlay: Overlay, **more: Any) -> Request:
        """The first line for `inside/run.py`."""
        app = self.plan.app
        usual: dict[str, Any] = {
            "root": str(self.root),
            "app": RequestedApp(app.module, app.name, app.kind.value, app.arguments, app.inner),
            "folder": app.folder if flask_app_by_path(app, self.project) else "",
            "flask_app": self.plan.flask_app or "",
            "overlay": {path: base64.b64encode(raw).decode() for path, raw in overlay.items()},
            "models": [
                {**{k: v for k, v in asdict(model).items() if k != "where"}, "path": model.where.path, "line": model.where.line}
                for model in self.project.models
                if not model.in_tests
            ],
            "variable": self.plan.variable,
            "on_drift": self.answers.on_drift,
            "mode": self.mode,
            "revision_id": self.revision,
            "purpose": str(self.root),
            "taken": self.existing.taken,
        }
        return Request(**{**usual, **more})

    def process(self, request: Request) -> ProjectPython:
        """A process that works on `request`: the early one, or a new one."""
        self.existing.expect(self.interpreter)
        early = self.take_early()
        if early is None:
            return ProjectPython.start(self.interpreter, request, root=self.root, environ=self.environ)
        early.send(request)
        return early

    def another_process(self, request: Request) -> ProjectPython:
        """A process beside the one that proves."""
        self.existing.expect(self.interpreter)
        return ProjectPython.start(self.interpreter, request, root=self.root, environ=self.environ)
