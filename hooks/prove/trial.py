"""Try the application's names in the project's own Python, the likeliest first: the first that loads with its database is taken.

A name can fail where another works: a module that imports itself in a circle, an entry point that needs what only a server has.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from hooks.base.errors import CannotEdit, ProjectFailed
from hooks.base.facts import Project
from hooks.base.report import Report
from hooks.edit.core.splice import Reason
from hooks.edit.python.changes import PythonChanges, Variant, python_changes
from hooks.planning.plan import Plan
from hooks.prove.proof import Proven, Prover, failure, first_variant

# What another name of the same application may do better. Everything else is true of the project, whatever the name.
NAME_MAY_BE_WRONG = (
    "app-drops-tables-while-loading",
    "app-failed-to-load",
    "app-exits-while-loading",
    "app-has-no-database",
    "app-starts-program-while-loading",
    "connection-refused",
    "migrate-not-attached",
    "names-another-database",
    "not-a-flask-app",
)


class Candidate:
    """One plan with its edits; `first` are those of the variant that is tried first.

    Raises:
        CannotEdit, Unparsable: as `python_changes` does.
    """

    def __init__(self, root: Path, project: Project, plan: Plan) -> None:
        self._root, self._project = root, project
        self.first = python_changes(root, project, plan, first_variant(plan))
        self._known = {first_variant(plan): self.first}
        self.plan = replace(plan, caller_decides=any(one.reason is Reason.CALLER_DECIDES for one in self.first.untouched))

    def changes(self, variant: Variant) -> PythonChanges:
        """The edits in one variant, computed once."""
        if variant not in self._known:
            self._known[variant] = python_changes(self._root, self._project, self.plan, variant)
        return self._known[variant]


def first_proven(
    first: Candidate, others: Sequence[Plan], prover: Prover, stack: ExitStack, report: Report
) -> tuple[Candidate, Proven]:
    """The first candidate that all checks pass for; its process waits until `stack` is closed.

    Raises:
        ProjectFailed: what became of `first`, with `also_tried`: (name, why it failed) of the others.
    """
    try:
        return first, proven(first, prover, stack)
    except ProjectFailed as stop:
        if stop.reason not in NAME_MAY_BE_WRONG or not others:
            raise
        why = stop
    tried = []
    report.tried(first.plan.app.spec, failure(why.failed))
    for plan in others:
        try:
            candidate = Candidate(prover.root, prover.project, plan)
            return candidate, proven(candidate, prover, stack)
        except ProjectFailed as stop:
            if stop.reason not in NAME_MAY_BE_WRONG:
                raise
            tried.append((plan.app.spec, failure(stop.failed)))
            report.tried(*tried[-1])
        except CannotEdit as stop:
            tried.append((plan.app.spec, f"{stop.where.path}:{stop.where.line} cannot be edited safely"))
    raise ProjectFailed(why.failed, why.output, replace(why.known, also_tried=tuple(tried))) from why


def proven(candidate: Candidate, prover: Prover, stack: ExitStack) -> Proven:
    """All checks of one candidate."""
    of_this = replace(prover, plan=candidate.plan)
    return stack.enter_context(of_this.proven(lambda variant: candidate.changes(variant).files))
