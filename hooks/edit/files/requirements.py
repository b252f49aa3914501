"""Declare Flask-Migrate wherever the project declares Flask-SQLAlchemy, in the way it declares that.

Before:  Flask-SQLAlchemy==2.5.1
After:   Flask-SQLAlchemy==2.5.1
         Flask-Migrate==4.1.0
         python-dotenv==1.0.1

Lines are only added. A file whose lines carry hashes gets none without them.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hooks.base.facts import Declaration, DeclarationForm
from hooks.base.formats import requirements_txt
from hooks.base.formats.conda import item_like
from hooks.base.formats.declared import Unreadable, read_entries
from hooks.base.formats.requirement import ASIDE, Entry, normalised, parse_requirement
from hooks.base.formats.textfile import TextFile
from hooks.base.location import Location
from hooks.detect.dependencies import FOLDER
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.dependency_style import FLASK_SQLALCHEMY, Package, find_anchor, marker_like, place, specifier_like, spelled
from hooks.edit.files.insertion import insert_element, insert_line
from hooks.edit.files.requirements_txt import is_frozen, requirement_lines

DIRECT = ("flask-migrate", "python-dotenv")
# Who needs what came along, as far as it is the same in all versions.
OF_ALEMBIC = ("importlib-metadata", "importlib-resources", "mako", "python-dateutil", "python-editor", "tomli", "typing-extensions")
REQUIRED_BY = {"alembic": ("flask-migrate",), "markupsafe": ("mako",), **dict.fromkeys(OF_ALEMBIC, ("alembic",))}
_KEY = re.compile(r"([ \t]*)(['\"]?)[^'\"=\s]+\2([ \t]*)=([ \t]*)")
# The lock file beside a declaration, and what brings it up to date.
LOCKS = {
    "poetry.lock": "poetry lock",
    "pdm.lock": "pdm lock",
    "uv.lock": "uv lock",
    "Pipfile.lock": "pipenv lock",
}


@dataclass(frozen=True)
class ByHand(Untouched):
    """A file that gets nothing, with why in words, and the lines to add to it."""

    why: str = ""
    lines: str = ""


@dataclass(frozen=True)
class Declared:
    """What `declare_all` made.

    `changed` are (path, bytes before, bytes after); `stale_locks` are (lock file that no longer fits, command that renews it).
    """

    changed: tuple[tuple[str, bytes, bytes], ...] = ()
    untouched: tuple[Untouched, ...] = ()
    stale_locks: tuple[tuple[str, str], ...] = ()


def declare_all(
    root: Path,
    declarations: Sequence[Declaration],
    new: Mapping[str, str],
    sources: Mapping[str, bytes] | None = None,
    *,
    near: str = "",
    required_by: Mapping[str, tuple[str, ...]] = REQUIRED_BY,
    not_for_all: Collection[str] = (),
    find_hashes: Callable[[Mapping[str, str]], Mapping[str, tuple[str, ...]]] | None = None,
) -> Declared:
    """Declare `new` (name -> installed version) in every file that declares Flask-SQLAlchemy, or Flask if none does that.

    Of `new`, Flask-Migrate and python-dotenv are what the project asks for; the rest came along and goes into frozen files only.
    `sources` are files already read; `near` is a file of the application (see `targets`); `required_by` is for the comments of
    compiled files; `not_for_all` are normalised names (see `Package`); `find_hashes` is called once, with names and versions, when
    a file carries hashes. Nothing is written.
    """
    files = {one.path: _raw(root, one.path, sources or {}) for one in declarations}
    chosen = targets(declarations, near)
    hashes: Mapping[str, tuple[str, ...]] = {}
    if find_hashes is not None and any(_carries_hashes(files[one.path], one) for one in chosen):
        hashes = find_hashes({name: version for name, version in new.items() if version})
    packages = []
    for name, version in sorted(new.items(), key=_direct_first):
        key = normalised(name)
        is_for_all = key not in not_for_all
        packages.append(Package(name, version, key in DIRECT, required_by.get(key, ()), hashes.get(key, ()), is_for_all))
    changed, untouched = [], list[Untouched]()
    for declaration in chosen:
        before = files[declaration.path]
        after = declare(before, declaration, packages)
        if isinstance(after, Untouched):
            untouched.append(after)
        else:
            changed.append((declaration.path, before, after))
    if not declarations:
        lines = "".join(f"{spelled(package.key, 'A')}\n" for package in packages if package.is_direct)
        untouched.append(ByHand("", Reason.NOT_FOUND, None, "no file declares Flask or Flask-SQLAlchemy", lines))
    return Declared(tuple(changed), tuple(untouched), tuple(_stale_locks(root, [path for path, _, _ in changed])))


def _raw(root: Path, path: str, sources: Mapping[str, bytes]) -> bytes:
    return sources[path] if path in sources else (root / path).read_bytes()


def _carries_hashes(raw: bytes, declaration: Declaration) -> bool:
    return declaration.form is DeclarationForm.REQUIREMENTS and requirements_txt.read(TextFile.decode(raw).text).has_hashes


def targets(declarations: Sequence[Declaration], near: str = "") -> list[Declaration]:
    """Which declarations get the new requirements: those of Flask-SQLAlchemy; else those of Flask, but not the ones for tests.

    Of several in a tree of many applications, those in folders on the way to the file `near`, if there are any.
    """
    named = [one for one in declarations if FLASK_SQLALCHEMY in one.names]
    if not named:
        named = [one for one in declarations if not ASIDE.search(one.path)] or list(declarations)
    return [one for one in named if near and near.startswith(_home(one.path))] or named


def _home(path: str) -> str:
    """The folder that a declaration is for, with "/" at its end: that of the file, or the one above requirements/."""
    folder, _, _ = path.rpartition("/")
    above, _, last = folder.rpartition("/")
    folder = above if FOLDER.fullmatch(last) else folder
    return f"{folder}/" if folder and not path.startswith("../") else ""


def declare(raw: bytes, declaration: Declaration, packages: Sequence[Package]) -> bytes | Untouched:
    """The file's new bytes, with those of `packages` that it lacks; or why it stays as it is."""
    path, form = declaration.path, declaration.form
    where = Location(path, declaration.line)
    try:
        file = TextFile.decode(raw)
        before = read_entries(form, raw)
    except (Unreadable, UnicodeDecodeError) as error:
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, where, str(error), _plain_lines(packages))
    declared = {entry.key for entry in before} | set(declaration.included)
    frozen = form is DeclarationForm.REQUIREMENTS and is_frozen(requirements_txt.read(file.text))
    missing = [package for package in packages if package.key not in declared and (package.is_direct or frozen)]
    if not any(package.is_direct for package in missing):  # whoever listed them has listed what they bring along as he wanted
        return Untouched(path, Reason.ALREADY_DECLARED, where)
    if find_anchor(before) is None:
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, where, "nothing can be put beside Flask there", _plain_lines(missing))
    if (
        form is DeclarationForm.REQUIREMENTS
        and requirements_txt.read(file.text).has_hashes
        and not all(one.hashes for one in missing)
    ):
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, where, "its lines carry hashes", _plain_lines(missing))
    text, after = file.text, ""
    for package in missing:
        text = _with(file, text, form, package, after)
        after = package.key
    result = file.encode(text)
    if not _adds_only(form, raw, result, [package.key for package in missing]):
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, where, "the list is written in an unknown way", _plain_lines(missing))
    return result


def _with(file: TextFile, text: str, form: DeclarationForm, package: Package, after: str) -> str:
    """`text` with one requirement more."""
    entries = read_entries(form, file.encode(text))
    anchor = find_anchor(entries)
    assert anchor is not None
    name = spelled(package.key, anchor.name)
    specifier = specifier_like(entries, anchor, package.version if package.is_for_all else "")
    marker = marker_like(entries, anchor)
    listing = requirements_txt.read(text) if form is DeclarationForm.REQUIREMENTS else None
    if listing is not None and is_frozen(listing) and package.version:
        specifier = specifier if specifier.lstrip().startswith("==") and "*" not in specifier else f"=={package.version}"
    index = place(text, entries, anchor, Entry(name, specifier, 0, 0, 0), after)
    if listing is not None:
        return insert_line(text, entries, index, requirement_lines(text, listing, anchor, package, name + specifier + marker))
    if form in (DeclarationForm.POETRY, DeclarationForm.PIPFILE):
        while index and not entries[index - 1].is_place:
            index -= 1
        return insert_line(text, entries, index, _table_line(text, entries, anchor, name, specifier))
    requirement = name + specifier + marker
    if form is DeclarationForm.SETUP_CFG:
        return insert_line(text, entries, *_cfg_line(text, entries, index, requirement))
    if form is DeclarationForm.CONDA:
        return insert_line(text, entries, index, item_like(text[anchor.start : anchor.end], requirement))
    quote = anchor.quote if anchor.quote not in requirement else {"'": '"', '"': "'"}[anchor.quote]
    return insert_element(text, entries, index, quote + requirement + quote)


def _table_line(text: str, entries: Sequence[Entry], anchor: Entry, name: str, specifier: str) -> str:
    """`Flask-Migrate = "^4.1.0"`, its key and equals sign written as the neighbours'."""
    matches = [match for one in entries if one.is_place and (match := _KEY.match(text, one.start))]
    match = _KEY.match(text, anchor.start)
    lead, quote, gap, space = match.groups() if match else ("", "", " ", " ")
    columns, widths = {len(one[0].rstrip()) for one in matches}, {len(one[3]) for one in matches}
    if len(columns) == 1 and len(widths) > 1:  # aligned
        gap = " " * max(1, columns.pop() - 1 - len(lead + quote + name + quote))
    return f"{lead}{quote}{name}{quote}{gap}={space}{anchor.quote}{specifier or '*'}{anchor.quote}\n"


def _cfg_line(text: str, entries: Sequence[Entry], index: int, requirement: str) -> tuple[int, str]:
    """The number and the line of a value in setup.cfg, where the first may stand on the option's own line."""
    indents = [match[0] for entry in entries if (match := re.match(r"[ \t]+", text[entry.start : entry.end]))]
    on_option = not text[entries[0].start : entries[0].end][:1].isspace()
    return max(index, 1) if on_option else index, (indents[0] if indents else "    ") + requirement + "\n"


def _adds_only(form: DeclarationForm, before: bytes, after: bytes, keys: Sequence[str]) -> bool:
    """Whether reading the file again finds every former entry in its former order, and the new ones; nothing else."""
    try:
        old, new = read_entries(form, before), read_entries(form, after)
    except Unreadable:
        return False
    kept = [entry for entry in new if entry.key not in keys]
    same = [(one.name, one.specifier, one.marker) for one in kept] == [(one.name, one.specifier, one.marker) for one in old]
    return (
        same
        and sorted(entry.key for entry in new if entry.key in keys) == sorted(keys)
        and _parses_alike(form, before, after, keys)
    )


def _parses_alike(form: DeclarationForm, before: bytes, after: bytes, keys: Sequence[str]) -> bool:
    """Where this Python has a TOML parser: whether the document is the same to it but for `keys`."""
    if form not in (DeclarationForm.PEP621, DeclarationForm.POETRY, DeclarationForm.PIPFILE) or sys.version_info < (3, 11):
        return True
    tomllib = importlib.import_module("tomllib")  # not there before Python 3.11

    def names_one(value: object) -> bool:
        requirement = parse_requirement(value, 0, 0, 0) if isinstance(value, str) else None
        return requirement is not None and requirement.key in keys

    def rest(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: rest(one) for name, one in value.items() if normalised(name) not in keys}
        if isinstance(value, list):
            return [rest(one) for one in value if not names_one(one)]
        return value

    def document(raw: bytes) -> Any:
        return rest(tomllib.loads(TextFile.decode(raw).text.replace("\r\n", "\n")))

    try:
        return bool(document(before) == document(after))
    except ValueError:
        return False


def _plain_lines(packages: Sequence[Package]) -> str:
    return "".join(f"{spelled(one.key, 'A')}=={one.version}\n" if one.version else f"{spelled(one.key, 'A')}\n" for one in packages)


def _direct_first(item: tuple[str, str]) -> tuple[int, str]:
    key = normalised(item[0])
    return (DIRECT.index(key) if key in DIRECT else len(DIRECT), key)


def _stale_locks(root: Path, changed: Sequence[str]) -> list[tuple[str, str]]:
    folders = {path.rpartition("/")[0] for path in changed if path.endswith(("pyproject.toml", "Pipfile"))}
    found = [(f"{folder}/{lock}".lstrip("/"), command) for folder in sorted(folders) for lock, command in LOCKS.items()]
    return [(path, command) for path, command in found if (root / path).is_file()]
