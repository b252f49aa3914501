"""Read any of the forms in which a project declares its dependencies."""

from __future__ import annotations

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from hooks.base.facts import DeclarationForm
from hooks.base.formats import conda, pyproject, requirements_txt, setup_files
from hooks.base.formats.requirement import Entry
from hooks.base.formats.textfile import TextFile
from hooks.base.formats.toml import NotToml
from hooks.base.source import Source, Unparsable


class Unreadable(ValueError):
    """The file is not what its name says."""


def read_entries(form: DeclarationForm, raw: bytes) -> tuple[Entry, ...]:
    """The requirements of a file, in its order; offsets count characters in its decoded text, without the encoding mark.

    Raises:
        Unreadable: it cannot be decoded, or parsed.
    """
    try:
        text = TextFile.decode(raw).text
        if form is DeclarationForm.REQUIREMENTS:
            return requirements_txt.read(text).entries
        if form is DeclarationForm.PEP621:
            return pyproject.array_entries(text)
        if form is DeclarationForm.POETRY:
            return pyproject.table_entries(text, pyproject.POETRY)
        if form is DeclarationForm.PIPFILE:
            return pyproject.table_entries(text, pyproject.PIPFILE)
        if form is DeclarationForm.CONDA:
            return conda.entries(text)
        if form is DeclarationForm.SETUP_CFG:
            return setup_files.cfg_entries(text)
        return setup_files.py_entries(Source("setup.py", raw))
    except (UnicodeDecodeError, NotToml, Unparsable) as error:
        raise Unreadable(str(error)) from error


def read_specifiers(form: DeclarationForm, raw: bytes) -> dict[str, str]:
    """The versions that a file asks for, by normalised name; those of PEP 440 alone, so none of Poetry's "^2.0".

    Raises:
        Unreadable: as `read_entries` does.
    """
    found: dict[str, str] = {}
    for entry in read_entries(form, raw):
        try:
            specifier = str(SpecifierSet(entry.specifier.strip(" ()")))
        except InvalidSpecifier:
            continue
        if specifier:
            found.setdefault(entry.key, specifier)
    return found
