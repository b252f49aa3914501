"""Read any of the forms in which a project declares its dependencies."""

from __future__ import annotations

from hooks.facts import DeclarationForm
from hooks.formats import conda, pyproject, requirements_txt, setup_files
from hooks.formats.requirement import Entry
from hooks.formats.textfile import TextFile
from hooks.formats.toml import NotToml
from hooks.source import Source, Unparsable


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
