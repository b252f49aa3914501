"""What copier.yml hands to the hook, and what it leaves out because it is as usual."""

from __future__ import annotations

import ast
import re
from dataclasses import asdict
from pathlib import Path

from hooks.base.facts import Answers
from hooks.base.run_settings import Settings

COPIER_YML = Path(__file__).parents[2] / "copier.yml"


def test_usual_values_are_those_of_the_settings(tmp_path: Path) -> None:
    """What the task leaves out is what the hook takes for it."""
    found = re.search(r"set usual = (\{.*?\}) -%\}", COPIER_YML.read_text(encoding="utf-8"), re.S)
    assert found
    usual = ast.literal_eval(re.sub(r"\b(true|false)\b", lambda word: word[1].title(), found[1]))
    bundles = usual.pop("bundles")

    assert bundles is True
    assert Settings.from_json(usual, tmp_path) == Settings.from_json({}, tmp_path)
    assert {name: usual[name] for name in asdict(Answers())} == asdict(Answers())
