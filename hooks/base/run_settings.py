"""What copier.yml hands to the hook: the answers, and what was there before Copier rendered anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hooks.base.facts import Answers

STORED = ("app", "db", "database_url_variable", "create_all", "on_drift", "stamp", "ci")


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
    def from_words(cls, words: Sequence[str], root: Path, rendered: Callable[[str], Iterable[str]]) -> Settings:
        """Build it from the words of the task, which say what is not as usual; the answers file in `root` has the rest.

        `rendered` tells all paths of the template's, by the name of the answers file. Unknown words are a mistake in copier.yml
        and raise TypeError; "--bundled" is for the caller.
        """
        given = dict(map(value_of, words))
        given.pop("bundled", None)
        answers_file = given.pop("answers_file", cls.answers_file)
        commit, source, present = given.pop("commit", ""), given.pop("source", ""), given.pop("present", "")
        present_before = tuple(rendered(answers_file)) if present == "all" else paths_in(present)
        others = {name: given.pop(name) for name in ("defaults", "quiet") if name in given}
        links, is_ours = paths_in(given.pop("links", "")), given.pop("ours", False)
        answers = Answers(**given)
        stored = answers_in(root / answers_file)
        if commit or source:  # Copier has not rendered the file, or not here
            stored = {"_commit": commit, "_src_path": source, **{name: getattr(answers, name) for name in STORED}}
        return cls(answers, present_before, is_ours, answers_file, links, stored, **others)


def value_of(word: str) -> tuple[str, Any]:
    """The name and the value of `--name=value`, where "%20" stands for a space; of `--name` it is True."""
    name, is_given, value = word.removeprefix("--").partition("=")
    text = value.replace("%20", " ").replace("%25", "%")
    return name, text if is_given and text not in ("True", "False") else text != "False"


def paths_in(text: str) -> tuple[str, ...]:
    """Paths that end with "|" each."""
    return tuple(path for path in text.split("|") if path)


def answers_in(path: Path) -> dict[str, Any]:
    """What an answers file holds, {} where there is none that can be read."""
    import yaml

    try:
        found = yaml.safe_load(path.read_bytes())
    except (OSError, yaml.YAMLError):
        return {}
    return {name: value for name, value in found.items() if name != "copier_flask_migrate"} if isinstance(found, dict) else {}
