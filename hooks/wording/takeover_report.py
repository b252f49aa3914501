"""What a take-over has done and found, as the rows of its report and as the facts in migrations/SCHEMA.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import Any

from hooks.base.facts import Option, Project
from hooks.base.plural import count
from hooks.base.run_settings import Settings
from hooks.edit.files.project_files import ProjectFiles
from hooks.edit.python.changes import PythonChanges
from hooks.inside.base.messages import Verified
from hooks.planning.plan import Plan
from hooks.prove.proof import Proven
from hooks.wording.closing_rows import commit, deploy_rows
from hooks.wording.outcome import by_file, notes, unverified
from hooks.worktree.by_hand import DONE_ANYWAY, INI, PAGE, ByHand

MOST_LINES = 12
LONGEST = 200  # characters of what somebody's revision has raised
Row = tuple[str, str]
OURS_OTHERWISE = {
    "include_object": "tables without a model are left alone by the new env.py, and migrations/project.ini lists them",
    "include_name": "tables without a model are left alone by the new env.py, and migrations/project.ini lists them",
    "include_schemas": "the new env.py looks at the schemas that the models name",
    "render_item": "the new env.py writes column types as what they store, with their imports",
    "process_revision_directives": "the new env.py writes no empty revision",
    "target_metadata": "the new env.py compares the models of the SQLAlchemy object that Flask-Migrate was given",
    "connection": "the new env.py connects as the application does",
    "url": "the new env.py connects as the application does",
}


@dataclass(frozen=True)
class TakenOver:
    """All that a take-over has come to know."""

    by_hand: ByHand
    plan: Plan
    project: Project
    python: PythonChanges
    others: ProjectFiles
    proven: Proven
    installed: Mapping[str, str]
    deploy: Sequence[str] = ()


def replaced_rows(by_hand: ByHand) -> list[Row]:
    """Which files were replaced, what of the team's was in them, and where that is now."""
    rows: list[Row] = []
    for path in by_hand.before:
        own = [one for one in by_hand.own if one.path == path]
        if path == PAGE:
            rows.append(("edited", f"{path}: the template's page, and yours below it"))
            continue
        rows.append(("replaced", f"{path}: {what_was_in(path, len(own), by_hand)}"))
        rows += [("yours", f"{one.path}:{one.line}   {one.text}") for one in own]
    rows += [("kept", f"{INI}: {one.partition(chr(10))[0]}") for one in by_hand.carried]
    told = "is the line that `flask db init` writes; README.md takes its place:  git rm"
    rows += [("note", f"{path} {told} {path}") for path in by_hand.spare]
    return rows


def what_was_in(path: str, own: int, by_hand: ByHand) -> str:
    """Whether a file was as Flask-Migrate generates it, and where its former content is if not."""
    if not own:
        carried = "its own settings are kept" if path == INI and by_hand.carried else "nothing in it was your own"
        return f"it was Flask-Migrate's; {carried}"
    where = f"it is kept as {path}.before" if path in by_hand.unsaved else f"git show {by_hand.commit}:./{path} has it"
    return f"{count(own, 'line')} of your own {'was' if own == 1 else 'were'} in it; {where}"


def carried_rows(by_hand: ByHand, project: Project) -> list[str]:
    """What each argument of `context.configure` was for, and who does that now."""
    made = next(iter((*project.existing.created, *project.existing.migrate)), None)
    place = f" at {made.path}:{made.line}" if made else ""
    return [
        f"{option.where.path}:{option.where.line} said {option.name}={option.value}: {instead(option, place)}"
        for option in by_hand.options
    ]


def instead(option: Option, place: str) -> str:
    """Who does what an option was for."""
    if DONE_ANYWAY.get(option.name) == option.value:
        return "the new env.py does the same"
    return OURS_OTHERWISE.get(option.name) or f"to keep it, give it to Migrate(...){place}"


def database_rows(facts: Verified) -> list[Row]:
    """What the revisions build, and where each database stands."""
    failures = facts.failures
    number = count(facts.revisions, "revision")
    does, build = ("does", "builds") if facts.revisions == 1 else ("do", "build")
    rows: list[Row] = []
    if failures:
        rows += [
            ("unverified", f"the {number} {does} not build an empty database: {one['place']}: {one['reason']}") for one in failures
        ]
    elif facts.unproven:
        rows.append(("unverified", f"the {number} were not run on an empty database: {facts.unproven}"))
    else:
        rows.append(("verified", f"the {number} {build} an empty database, up to {', '.join(facts.heads)}"))
    if len(facts.heads) > 1:
        rows.append(("note", "the revisions have several heads; bring them together:  flask db merge heads"))
    for database in facts.databases:
        for line in database["words"]:
            label, _, words = line.partition(" ")
            rows.append((label, words.strip()))
        if not failures:
            rows += [
                ("differs" if not at else "", line.strip() if not at else line[2:]) for at, line in enumerate(database["wrong"][1:])
            ]
        rows += unwritten_rows(database)
        rows += [row for one in database["check_fails"] for row in failing_rows(one)]
    return rows


def unwritten_rows(database: Mapping[str, Any]) -> list[Row]:
    """What the models say and no revision builds: the team's next migration, and until then a check that fails."""
    lines = list(database["unwritten"])
    if not lines:
        return []
    whose = f" of {database['name']}" if database["name"] else ""
    rest = len(lines) - MOST_LINES
    return [
        ("differs", f"the models{whose} and the revisions; the next migration would be:"),
        *(("", f"  {line}") for line in lines[:MOST_LINES]),
        *([("", f"  and {count(rest, 'more line')}")] if rest > 0 else []),
        ("", 'until it is written and committed, `python -m migrations.adopt check` fails:  flask db migrate -m "..."'),
        *(
            ("", f"{table} is in this database already, so write that on an empty one, at head")
            for table in database["made_otherwise"]
        ),
    ]


def failing_rows(finding: Mapping[str, Any]) -> list[Row]:
    """What `python -m migrations.adopt check` finds in the team's own revisions."""
    lines = list(finding["evidence"])
    rest = len(lines) - MOST_LINES
    return [
        ("differs", shorten(str(finding["what"]), LONGEST, placeholder=" ...")),
        *(("", f"  {line}") for line in lines[:MOST_LINES]),
        *([("", f"  and {count(rest, 'more line')}")] if rest > 0 else []),
        ("", f"until then `python -m migrations.adopt check` fails: {finding['todo'][:1].lower()}{finding['todo'][1:]}"),
    ]


def model_notes(done: TakenOver) -> list[str]:
    """Models with a table that could not be loaded, so that a migration would take the table for one without a model."""
    found = []
    for model in done.proven.facts.failed_models:
        why = model["exception"] or "it does not belong to this SQLAlchemy object"
        place = done.python.place(model["path"], model["line"])
        found.append(
            f"{model['name']} ({place}) has a table and could not be loaded ({why}); its table would be proposed for dropping"
        )
    return found


def without_models(proven: Proven) -> Proven:
    """The same for words that are not about models which a baseline leaves out."""
    return replace(proven, facts=replace(proven.facts, failed_models=[], unused_models=[]))


def all_notes(done: TakenOver) -> list[str]:
    """What the team should know."""
    return [
        *carried_rows(done.by_hand, done.project),
        *model_notes(done),
        *notes(done.plan, done.python, without_models(done.proven)),
        *done.others.notes,
    ]


def closing_rows(done: TakenOver, settings: Settings) -> list[Row]:
    """The rows of the report."""
    new = {path for path, before in done.others.before.items() if before is None}
    kept = count(len(done.by_hand.revisions), "revision")
    rows: list[Row] = [("taken over", f"migrations/: {kept} as before; no baseline was made, and nothing stamped")]
    rows += replaced_rows(done.by_hand)
    rows += [("added" if path in new else "edited", f"{path}: {what}") for path, what in by_file(done.python, done.others)]
    if done.installed:
        rows.append(("installed", ", ".join(f"{name} {version}" for name, version in sorted(done.installed.items()))))
    rows += database_rows(done.proven.facts)
    rows += [("unverified", reason) for reason in unverified(done.plan, done.proven, {}, replace(settings.answers, stamp=True))]
    rows += [("note", note) for note in all_notes(done)]
    rows += deploy_rows(done.deploy)
    paths = [path for path, _ in by_file(done.python, done.others)]
    rows.append(("next", f"read migrations/README.md, then commit:  {commit(settings.answers_file, paths)}"))
    return rows


def came_about(done: TakenOver) -> list[str]:
    """The facts of the take-over, as lines of migrations/SCHEMA.md."""
    lines = [f"- `flask db init` had set it up; its {count(len(done.by_hand.revisions), 'revision')} are as they were."]
    for path in done.by_hand.before:
        own = [one for one in done.by_hand.own if one.path == path]
        if path == PAGE:
            lines.append(f"- `{path}` is the template's page, and the one that was there below it.")
            continue
        lines.append(f"- `{path}` was replaced: {what_was_in(path, len(own), done.by_hand)}.")
        lines += [f"  - line {one.line}: `{one.text}`" for one in own]
    lines += [f"- `{path}`: {what}." for path, what in by_file(done.python, done.others)]
    return [*lines, *(f"- {note}." for note in all_notes(done))]
