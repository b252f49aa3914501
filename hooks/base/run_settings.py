"""What copier.yml hands to the hook: the answers, and what was there before Copier rendered anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from hooks.base.facts import Answers


@dataclass(frozen=True)
class Settings:
    """`present_before` are paths of the template's that already existed before it was rendered. `is_ours`: the answers file was
    this template's own, so they are too; otherwise none of them was rendered. A trailing "/*" stands for a folder with files in
    it.

    `links` are paths of the template's that are symbolic links or behind one; where there are any, nothing was rendered.
    `rendered_answers` are what Copier writes into its answers file, `defaults` and `quiet` its options of the same names.
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
    def from_json(cls, values: Mapping[str, Any]) -> Settings:
        """Build it from the one argument of the task; unknown names are a mistake in copier.yml and raise KeyError."""
        given = dict(values)
        present, links = (
            tuple(path for path in str(given.pop(name, "") or "").split("|") if path) for name in ("present_before", "links")
        )
        others = {
            name: given.pop(name) for name in ("is_ours", "answers_file", "rendered_answers", "defaults", "quiet") if name in given
        }
        known = {one.name for one in fields(Answers)}
        if unknown := sorted(set(given) - known):
            raise KeyError(", ".join(unknown))
        return cls(answers=Answers(**given), present_before=present, links=links, **others)
