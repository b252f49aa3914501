"""How the repository runs its application elsewhere: which commands of which files touch the migrations or make the tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from hooks.base.deploy_facts import Copied, Deploy, Does, Place, Step
from hooks.detect.deploy import dockerfile, pages, plain_files, yaml_files
from hooks.detect.deploy.creators import Creators
from hooks.detect.deploy.kept_out import find_kept_out
from hooks.detect.deploy.python_calls import PythonCall, placed
from hooks.detect.deploy.ran import Ran
from hooks.detect.deploy.steps import step_of

FLASKENV = ".flaskenv"
LARGEST = 200_000  # bytes; longer files are data
NO_COMMANDS = re.compile(r"\.(py|html|s?css|m?[jt]sx?|vue|svelte|png|jpe?g|gif|svg|java|kt|go|rs|c|h|cpp|cs)$")
INSTALLER = re.compile(r"pip[\d.]*|uv|poetry|pipenv|pdm")
INSTALLING = frozenset({"install", "sync"})
GUARDS = frozenset({"[", "[[", "test", "ls", "exist"})

Read = Callable[[str], bytes | None]


def find_deploy(
    files: Iterable[str],
    read: Read,
    creators: Creators,
    above: Iterable[Ran] = (),
    in_python: Sequence[PythonCall] = (),
    named: Iterable[Ran] = (),
) -> Deploy:
    """Every such command, by file and line; what is in migrations/ is the template's.

    `read` gives a file's bytes, `creators` are what of the project makes its tables, `above` is what files outside of it run,
    `in_python` what its own code does to the migrations. Of `named`, what they run in a folder that is not known, only the
    project's own commands count.
    """
    files = [path for path in files if not path.startswith("migrations/")]
    ran = list(above)
    copied: list[Copied] = []
    for path in files:
        if NO_COMMANDS.search(path) or not is_read(path):
            continue
        text = text_of(read(path))
        if text is None:
            continue
        ran += ran_by(path, text)
        if dockerfile.is_dockerfile(path):
            copied += dockerfile.find_copied(path, text)
    ran = list(through_make(list(started_scripts(ran))))
    by_command = replace(creators, scripts={}, functions={})
    meant = (step for step in steps_of(named, by_command) if step.creator is not None)
    steps = dict.fromkeys((*steps_of(ran, creators), *placed(in_python, ran), *meant))
    ordered = sorted(steps, key=lambda step: (step.where, step.command))
    releases = tuple(sorted({one.where for one in ran if one.place is Place.RELEASE}))
    return Deploy(
        tuple(ordered),
        tuple(copied),
        tuple(find_kept_out(files, read)),
        tuple(find_kept_out(files, read, [FLASKENV])),
        tuple(installs_of(ran)),
        releases=releases,
    )


def installs_of(ran: Iterable[Ran]) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """The commands that install the project's dependencies, those of CI first; `python -m pip` is `pip`."""
    for place in (Place.CI, Place.IMAGE):
        for one in ran:
            words = one.words[2:] if one.words[:2] == ("python", "-m") else one.words
            if one.place is place and words[:1] and INSTALLER.fullmatch(words[0]) and INSTALLING.intersection(words[1:3]):
                yield place, ("pip" if words[0].startswith("pip") and words[0] != "pipenv" else words[0], *words[1:])


def is_read(path: str) -> bool:
    """Whether a file of this name may run something; YAML of any name may be a manifest of Kubernetes."""
    if dockerfile.is_dockerfile(path) or pages.is_page(path) or path.endswith((".yml", ".yaml")):
        return True
    if any(kind.name.search(path) for kind in yaml_files.KINDS):
        return True
    names = (plain_files.SCRIPT, plain_files.PROCFILE, plain_files.MAKEFILE, plain_files.JUSTFILE, plain_files.UNIT)
    return any(name.search(path) for name in (*names, *(name for name, _, _ in plain_files.TOML)))


def ran_by(path: str, text: str) -> Iterator[Ran]:
    """What one file runs."""
    if dockerfile.is_dockerfile(path):
        yield from dockerfile.find_ran(path, text)
    elif yaml_files.kind_of(path, text) is not None:
        yield from yaml_files.find_ran(path, text)
    elif pages.is_page(path):
        yield from pages.find_ran(path, text)
    else:
        yield from plain_files.find_ran(path, text)


def started_scripts(ran: Sequence[Ran]) -> Iterator[Ran]:
    """`ran`, where a script counts as run at the start once something that starts names it."""
    by_start = {one.words[0].rpartition("/")[2] for one in ran if one.place in (Place.START, Place.RELEASE) and one.words}
    for one in ran:
        is_script = plain_files.SCRIPT.search(one.where.path) is not None
        is_started = is_script and one.where.path.rpartition("/")[2] in by_start
        yield replace(one, place=Place.START) if one.place is Place.TASK and is_started else one


def through_make(ran: Sequence[Ran]) -> Iterator[Ran]:
    """`ran`, and what the targets run that something names by `make` or `just`; what people ask for is told at the target alone."""
    recipes: dict[str, list[Ran]] = defaultdict(list)
    for one in ran:
        if plain_files.is_recipes(one.where.path) and "/" not in one.where.path:
            recipes[one.block.partition(":")[2]].append(one)
    for one in ran:
        yield one
        if one.words[:1] in (("make",), ("just",)) and one.place not in (Place.TASK, Place.PAGE):
            for inner in (inner for target in one.words[1:] for inner in recipes.get(target, ())):
                yield replace(inner, where=one.where, place=one.place, block=one.block, folder=one.folder)


def steps_of(ran: Iterable[Ran], creators: Creators) -> Iterator[Step]:
    """The steps; a `flask db init` that is asked for only where there is no migrations/ is none."""
    before: dict[str, list[Ran]] = defaultdict(list)
    for one in ran:
        step = step_of(one, creators)
        earlier = before[one.block][-2:]
        before[one.block].append(one)
        if step is not None and not (step.does is Does.INIT and any(_looks_for_migrations(guard) for guard in earlier)):
            yield step


def _looks_for_migrations(ran: Ran) -> bool:
    return ran.words[:1] != () and ran.words[0] in GUARDS and any("migrations" in word for word in ran.words)


def text_of(raw: bytes | None) -> str | None:
    """What a file says; None for one that is not there, or is too large for code, or none."""
    if raw is None or len(raw) > LARGEST or b"\0" in raw:
        return None
    return raw.decode("utf-8", "replace").replace("\r\n", "\n")
