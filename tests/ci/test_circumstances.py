"""What a run has found of the application, as far as the job depends on it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from hooks.base.facts import Answers, Interpreter
from hooks.ci.adding import circumstances
from hooks.edit.python.changes import Variant
from hooks.environment.project_python import ProjectPython
from hooks.inside.base.messages import Rehearsed, Verified
from hooks.prove.proof import Proven
from hooks.prove.rehearsal import Rehearsal
from tests.planning.test_plan import SHOP, make_plan

PYTHON = Interpreter("python", "test", (3, 12), {"flask": "3.1.0"})


@pytest.mark.parametrize(("exception", "said"), [("NoAppException: no 'app' in 'shop'", "shop:create_app"), ("", "")])
def test_flask_that_does_not_find_the_application(exception: str, said: str, tmp_path: Path) -> None:
    """Where what the repository says of FLASK_APP is wrong, the job says what is right."""
    rehearsal = Rehearsal(Rehearsed(follows_variable=True, has_default=True), flask_exception=exception)
    facts = Verified([{"database": "sqlite:///shop.db", "dialect": "SQLite 3.40"}])
    proven = Proven(facts, Variant(), rehearsal, cast(ProjectPython, None), None, None)

    assert circumstances(tmp_path, SHOP, make_plan(SHOP, Answers()), PYTHON, proven).flask_app == said
