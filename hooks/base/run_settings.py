"""What copier.yml hands to the hook: the answers, and what was there before Copier rendered anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from hooks.base.facts import Answers


@dataclass(frozen=True)
class Settings:
    """`present_before` are paths of the template's that already existed before it was rendered. `is_ours`: the answers file was
    this template's own, so they are too; otherwise none of them was rendered. A trailing "/*" stands for a folder with files in
    it.

    `links` are paths of the template's that are symbolic links or behind one; where there are any, nothing was rendered.
    `rendered_answers` are what Copier writes into its answers file, or has just written there; `defaults` and `quiet` are its
    options of the same names.
    """

    answers: Answers
    present_before: tuple[str, ...] = ()
    is_ours: bool = False
    answers_file: str = ".copier-answers.yml"
    links: tuple[str, ...] = ()
    rendered_answers: Mapping[str, Any] = field(default_factory=dict)
    defaults: bool = False
    quiet: bool = False

    @classmethod
    def from_json(cls, values: Mapping[str, Any], root: Path) -> Settings:
        """Build it from the one argument of the task, which has what is not as usual; the answers file in `root` has the rest.

        Unknown names are a mistake in copier.yml and raise KeyError.
        """
        given = dict(values)
        present, links = (
            tuple(path for path in str(given.pop(name, "") or "").split("|") if path) for name in ("present_before", "links")
        )
        others = {
            name: given.pop(name) for name in ("is_ours", "answers_file", "rendered_answers", "defaults", "quiet") if name in given
        }
        if not others.get("rendered_answers"):
            others["rendered_answers"] = answers_in(root / others.get("answers_file", cls.answers_file))
        known = {one.name for one in fields(Answers)}
        if unknown := sorted(set(given) - known):
            raise KeyError(", ".join(unknown))
        return cls(answers=Answers(**given), present_before=present, links=links, **others)


def answers_in(path: Path) -> dict[str, Any]:
    """What an answers file holds, {} where there is none that can be read."""
    import yaml

    try:
        found = yaml.safe_load(path.read_bytes())
    except (OSError, yaml.YAMLError):
        return {}
    return {name: value for name, value in found.items() if name != "copier_flask_migrate"} if isinstance(found, dict) else {}
