"""How the repository installs itself: as its CI does, else its Dockerfile, else as its lock files and declarations say."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

from hooks.base.deploy_facts import Place
from hooks.base.facts import Declaration, DeclarationForm, Interpreter, Project
from hooks.base.formats.requirement import ASIDE, normalised
from hooks.ci.facts import Way
from hooks.environment.install import MIGRATE

PIP = "python -m pip install"
LOCKED = {
    "uv.lock": Way((f"{PIP} uv", "uv sync --locked"), "uv run --no-sync "),
    "poetry.lock": Way((f"{PIP} poetry", "poetry install"), "poetry run "),
    "pdm.lock": Way((f"{PIP} pdm", "pdm install"), "pdm run "),
    "Pipfile.lock": Way((f"{PIP} pipenv", "pipenv install --deploy"), "pipenv run "),
}
IN_IT = {"uv run --no-sync ": "uv pip install"}  # where the environment has no pip
BY_TOOL = {"uv": "uv.lock", "poetry": "poetry.lock", "pdm": "pdm.lock", "pipenv": "Pipfile.lock"}
KEPT = re.compile(r"--(no-root|all-extras|all-groups|no-dev|dev|(extras?|group|with|without)=[\w.,-]+)")
LIKELY = re.compile(r"(^|/)requirements\.txt$|(^|[/_.-])(prod|production|base|common|main|app|web|core)\b", re.IGNORECASE)
CONDA = "project"  # the name of the environment


def find_way(project: Project, interpreter: Interpreter, driver: Sequence[str] = ()) -> Way | None:
    """The way that installs what the application needs; None where nothing declares it.

    `driver` are the distributions any of which connects to the database: a file that has one comes before one that has none, and
    where none has, the installed one is installed as well.
    """
    way = next(filter(None, (*_as_others_do(project), *_by_lock(project, interpreter), _by_declaration(project, driver))), None)
    if way is None:
        return None
    declared = {name for one in project.declarations for name in (*one.names, *one.included)}
    installed = next((name for name in driver if name in interpreter.installed), "")
    if driver and not declared.intersection(driver) and installed and not way.conda:
        in_it = IN_IT.get(way.prefix, f"{way.prefix}{PIP}")
        return Way((*way.commands, f"{in_it} {installed}"), way.prefix, way.cached)
    return way


def _as_others_do(project: Project) -> Iterator[Way | None]:
    """What CI and images install with, as far as it installs the whole project."""
    forms = {one.form for one in project.declarations}
    for place in (Place.CI, Place.IMAGE):
        given = [words for at, words in project.deploy.installs if at is place]
        for words in given:
            tool = words[0]
            if tool in BY_TOOL and words[1] in ("install", "sync") and forms & read_by(BY_TOOL[tool]):
                way = LOCKED[BY_TOOL[tool]]
                has_lock = BY_TOOL[tool] in project.files
                last = way.commands[-1] if has_lock else way.commands[-1].replace(" --locked", "").replace(" --deploy", "")
                yield Way((*way.commands[:-1], " ".join((last, *options(words[2:])))), way.prefix)
        files = [path for words in given if words[0] == "pip" for path in required(words, project)]
        if any(declares(path, project.declarations) for path in files):
            yield _pip(files)
        for words in given:
            if words[0] == "pip" and any(re.fullmatch(r"\.(\[[\w,-]+\])?", word) for word in words):
                what = next(word for word in words if re.fullmatch(r"\.(\[[\w,-]+\])?", word))
                yield Way((f'{PIP} -e "{what}"' if "[" in what else f"{PIP} -e {what}",), cached=_packaging(project))


def options(words: Sequence[str]) -> list[str]:
    """Those that change what is installed, written `--name=value`."""
    joined, at = list[str](), 0
    while at < len(words):
        is_pair = re.fullmatch(r"--(extras?|group|with|without)|-E", words[at]) is not None and at + 1 < len(words)
        joined.append(f"{words[at]}={words[at + 1]}" if is_pair else words[at])
        at += 2 if is_pair else 1
    return [word for word in joined if KEPT.fullmatch(word)]


def required(words: Sequence[str], project: Project) -> Iterator[str]:
    """The files that `pip install -r` names, as they are called in the repository."""
    for at, word in enumerate(words):
        named = words[at + 1] if word in ("-r", "--requirement") and at + 1 < len(words) else ""
        named = named or re.sub(r"^(-r|--requirement=)", "", word) * word.startswith(("-r", "--requirement="))
        path = posixpath.normpath(named).lstrip("/") if named else ""
        known = {one.path for one in project.declarations} | set(project.files)
        found = path if path in known else next((one for one in sorted(known) if path and path.endswith("/" + one)), "")
        if found:
            yield found


def declares(path: str, declarations: Iterable[Declaration]) -> bool:
    """Whether a file brings the application's packages."""
    return any(one.path == path and {"flask", "flask-sqlalchemy"} & {*one.names, *one.included} for one in declarations)


def _by_lock(project: Project, interpreter: Interpreter) -> Iterator[Way | None]:
    """The lock files, that of the tool which keeps the project's environment first."""
    forms = {one.form for one in project.declarations}
    kept_by = {BY_TOOL[tool] for tool in BY_TOOL if interpreter.found_by.startswith(tool)}
    for lock, way in sorted(LOCKED.items(), key=lambda item: item[0] not in kept_by):
        if lock in project.files and forms & read_by(lock):
            yield way


def read_by(lock: str) -> set[DeclarationForm]:
    """The forms of declaration that the tool with this lock file installs from."""
    return {DeclarationForm.PIPFILE} if lock == "Pipfile.lock" else {DeclarationForm.PEP621, DeclarationForm.POETRY}


def _by_declaration(project: Project, driver: Sequence[str]) -> Way | None:
    files = [one for one in project.declarations if one.form is DeclarationForm.REQUIREMENTS]
    if files:
        return _pip([min(files, key=lambda one: _rank(one, driver)).path])
    by_form = {one.form: one for one in project.declarations}
    if DeclarationForm.PIPFILE in by_form:
        return Way((f"{PIP} pipenv", "pipenv install"), "pipenv run ")
    if DeclarationForm.POETRY in by_form:
        return LOCKED["poetry.lock"]
    if by_form.keys() & {DeclarationForm.PEP621, DeclarationForm.SETUP_CFG, DeclarationForm.SETUP_PY}:
        return Way((f"{PIP} -e .",), cached=_packaging(project))
    if DeclarationForm.CONDA in by_form:
        path = by_form[DeclarationForm.CONDA].path
        return Way((f"conda env create --name {CONDA} --file {path}",), f"conda run --name {CONDA} ", conda=CONDA)
    return None


def _rank(one: Declaration, driver: Sequence[str]) -> tuple[object, ...]:
    names = {*one.names, *one.included}
    lacks = len({"flask", "flask-sqlalchemy", normalised(MIGRATE)} - names), bool(driver) and not names.intersection(driver)
    return *lacks, ASIDE.search(one.path) is not None, not LIKELY.search(one.path), one.path


def _pip(files: Sequence[str]) -> Way:
    names = list(dict.fromkeys(files))
    return Way((" ".join((PIP, *(f"-r {name}" for name in names))),), cached=names[0])


def _packaging(project: Project) -> str:
    return next((name for name in ("pyproject.toml", "setup.py", "setup.cfg") if name in project.files), "")
