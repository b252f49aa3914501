"""Find every file that declares Flask or Flask-SQLAlchemy, and so where a reader will look for Flask-Migrate.

Where none does, those that declare an extension which brings Flask along (Flask-AppBuilder, Flask-SocketIO) take their place.

A file at the top, or in a folder such as requirements/, counts before one deeper in the tree; where the project has none at all,
those of the folders above it count, up to the top of the git repository. Lock files and constraints declare nothing.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hooks.base.facts import Declaration, DeclarationForm
from hooks.base.formats import pyproject, requirements_txt
from hooks.base.formats.declared import Unreadable, read_entries, read_specifiers
from hooks.base.formats.requirement import ASIDE as FOR_AUTHORS
from hooks.base.formats.requirement import Entry
from hooks.base.formats.textfile import TextFile
from hooks.base.formats.toml import NotToml

FLASK, FLASK_SQLALCHEMY = "flask", "flask-sqlalchemy"
REQUIREMENTS = re.compile(r"([\w.-]*[-_.])?(requirements?|reqs?|deps|dependencies)([-_.][\w.-]*)?\.(txt|in|pip)", re.IGNORECASE)
FOLDER = re.compile(r"\.?(requirements?|reqs?|deps|dependencies|requires|pip)", re.IGNORECASE)
CONSTRAINTS = re.compile(r"constraints?", re.IGNORECASE)
ASIDE = re.compile(r"(^|/)(tests?|docs?|examples?|samples?|\.github)/")
FORMS = {
    "pyproject.toml": (DeclarationForm.PEP621, DeclarationForm.POETRY),
    "Pipfile": (DeclarationForm.PIPFILE,),
    "setup.cfg": (DeclarationForm.SETUP_CFG,),
    "setup.py": (DeclarationForm.SETUP_PY,),
    "environment.yml": (DeclarationForm.CONDA,),
    "environment.yaml": (DeclarationForm.CONDA,),
}


def find_declarations(root: Path, files: Sequence[str]) -> tuple[Declaration, ...]:
    """The declaring files among `files`, sorted by path; those above `root` have paths that begin with "../"."""
    named = list(_declarations(root, [path for path in files if is_declaring_name(path) and not ASIDE.search(path)]))
    found = [one for one in named if {FLASK, FLASK_SQLALCHEMY} & set(one.names)] or named
    top = [one for one in found if _is_top(one.path)]
    if not any(FLASK_SQLALCHEMY in one.names for one in top) and any(FLASK_SQLALCHEMY in one.names for one in found):
        return tuple(found)
    return tuple(top or found or _above(root))


def specifiers(root: Path, declarations: Sequence[Declaration]) -> dict[str, str]:
    """The versions that they ask for, by normalised name; of several the first one's, as "==2.5.2"."""
    found: dict[str, str] = {}
    for one in declarations:
        raw = _read(root / one.path)
        for name, specifier in read_specifiers(one.form, raw).items() if raw is not None else ():
            found.setdefault(name, specifier)
    return found


def declares(root: Path, files: Iterable[str], key: str) -> bool:
    """Whether one of `files`, which may be for tests or development alone, asks for the distribution of this normalised name."""
    for path in filter(is_declaring_name, files):
        raw = _read(root / path)
        if raw is None:
            continue
        for form in FORMS.get(posixpath.basename(path), (DeclarationForm.REQUIREMENTS,)):
            with contextlib.suppress(Unreadable):
                if any(entry.key == key for entry in read_entries(form, raw)):
                    return True
    return False


def is_declaring_name(path: str) -> bool:
    """Whether a file of this name may declare dependencies."""
    folder, _, name = path.rpartition("/")
    if name in FORMS:
        return True
    if not name.lower().endswith((".txt", ".in", ".pip")) or CONSTRAINTS.search(name):
        return False
    is_in_folder = FOLDER.fullmatch(posixpath.basename(folder)) is not None and name.endswith((".txt", ".in", ".pip"))
    return is_in_folder or REQUIREMENTS.fullmatch(name) is not None


def _declarations(root: Path, files: Iterable[str]) -> Iterator[Declaration]:
    seen: dict[str, tuple[Entry, ...]] = {}
    included: dict[str, list[str]] = {}
    waiting = sorted(path for path in files if is_declaring_name(path))
    found = []
    for path in waiting:  # grows while it is walked
        if path in seen:
            continue
        seen[path] = ()
        raw = _read(root / path)
        if raw is None:
            continue
        for form in FORMS.get(posixpath.basename(path), (DeclarationForm.REQUIREMENTS,)):
            try:
                entries = read_entries(form, raw)
            except Unreadable:
                continue
            seen[path] = entries
            more = _references(path, form, raw)
            included[path] = [] if form is not DeclarationForm.REQUIREMENTS else more
            waiting += [one for one in more if (root / one).is_file()]
            named = {entry.key: entry for entry in reversed(entries)}
            extensions = [entry for entry in entries if entry.key.startswith("flask-")]
            place = named.get(FLASK_SQLALCHEMY) or named.get(FLASK) or (extensions[0] if extensions else None)
            if place is not None:
                found.append(Declaration(path, form, place.line, tuple(sorted(named))))
    for one in sorted(found, key=lambda one: (one.path, one.form.value)):
        theirs = {entry.key for path in _closure(one.path, included) for entry in seen.get(path, ())}
        yield Declaration(one.path, one.form, one.line, one.names, tuple(sorted(theirs)))


def _references(path: str, form: DeclarationForm, raw: bytes) -> list[str]:
    """The requirement files that a file names, relative to the root."""
    text = TextFile.decode(raw).text
    try:
        if form is DeclarationForm.REQUIREMENTS:
            named = requirements_txt.read(text).includes
        elif form is DeclarationForm.PEP621:
            named = pyproject.dynamic_files(text)
        else:
            named = ()
    except NotToml:
        named = ()
    paths = [posixpath.normpath(posixpath.join(posixpath.dirname(path), one)) for one in named if "://" not in one]
    return [one for one in paths if not posixpath.isabs(one) and posixpath.basename(one) not in FORMS]


def _closure(path: str, included: dict[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(included.get(path, ()))
    while waiting:
        one = waiting.pop()
        if one not in reached and one != path:
            reached.add(one)
            waiting += included.get(one, ())
    return reached


def _is_top(path: str) -> bool:
    folder = posixpath.dirname(path)
    return not folder or FOLDER.fullmatch(folder) is not None or path.startswith("../")


def _above(root: Path) -> list[Declaration]:
    """What the nearest folder above declares for more than tests and pages; nothing outside a git repository.

    What is above an example or a test belongs to the library that those are for.
    """
    here = project = root.resolve()
    prefix = ""
    while not (here / ".git").exists() and here.parent != here:
        here, prefix = here.parent, prefix + "../"
        if ASIDE.search(f"{project.relative_to(here).as_posix()}/"):
            return []
        listed = [one.name for one in here.iterdir() if one.is_file()]
        listed += [
            f"{one.name}/{inner.name}"
            for one in here.iterdir()
            if FOLDER.fullmatch(one.name) and one.is_dir()
            for inner in one.iterdir()
        ]
        found = list(_declarations(root, [prefix + name for name in listed if not FOR_AUTHORS.search(name)]))
        if found:
            return found if _is_in_git(here) else []
    return []


def _is_in_git(folder: Path) -> bool:
    return any((one / ".git").exists() for one in (folder, *folder.parents))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
