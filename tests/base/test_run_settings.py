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
    words = [f"--{name}={value}" for name, value in usual.items()]

    assert Settings.from_words(words, tmp_path, list) == Settings.from_words([], tmp_path, list)
    assert {name: usual[name] for name in asdict(Answers())} == asdict(Answers())


def test_words_hold_every_value(tmp_path: Path) -> None:
    """What has a space or a per cent sign is one word; a word alone is true."""
    words = [
        "--report=a%20b%2520c.json",
        "--stamp=False",
        "--quiet",
        "--present=migrations/env.py|a.yml|",
        "--commit=v1",
        "--source=s",
    ]

    settings = Settings.from_words(words, tmp_path, list)

    assert settings.answers == Answers(report="a b%20c.json", stamp=False)
    assert settings.quiet
    assert settings.present_before == ("migrations/env.py", "a.yml")
    assert settings.rendered_answers["_commit"] == "v1"
    assert settings.rendered_answers["stamp"] is False
