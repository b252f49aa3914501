"""Whatever the file, a declaration only adds: every byte that was there stays, in its order, and a second time adds nothing."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from hooks.base.facts import DeclarationForm
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.requirements import declare
from tests.edit.test_requirements import BROUGHT, DIRECT, declaration

NAMES = st.sampled_from(
    ["Flask", "flask_sqlalchemy", "Flask-SQLAlchemy", "zope.interface", "gunicorn", "Jinja2", "MarkupSafe", "werkzeug"]
)
VERSIONS = st.sampled_from(["", "==1.0", " == 1.0", ">=1,<2", "~=1.1", "!=3", "[x]==1", " @ https://e.com/x.zip", "==1.*"])
ENDS = st.sampled_from(
    ["", "  # why", "; python_version >= '3.7'", " \\\n    --hash=sha256:aa", "\n    # via -r requirements.in", "   "]
)
OTHERS = st.sampled_from(
    ["", "# a comment", "-r base.txt", "-e .", "--index-url https://e.com", "\t", "./local", "not a requirement!", "\\"]
)
LINES = st.one_of(st.tuples(NAMES, VERSIONS, ENDS).map("".join), OTHERS)
TEXTS = st.tuples(st.lists(LINES, max_size=9).map("\n".join), st.sampled_from(["\n", ""])).map("".join)


def is_subsequence(small: str, large: str) -> bool:
    """Whether `small` comes out of `large` by taking characters away."""
    rest = iter(large)
    return all(character in rest for character in small)


def check(raw: bytes, encoding: str, form: DeclarationForm) -> None:
    """One file in one form."""
    packages = [*DIRECT, *BROUGHT]
    result = declare(raw, declaration(raw, form), packages)

    if isinstance(result, Untouched):
        assert result.reason in (Reason.CANNOT_BE_EDITED_SAFELY, Reason.ALREADY_DECLARED)
        return
    before, after = raw.decode(encoding), result.decode(encoding)
    assert is_subsequence(before, after)
    assert len(after) > len(before)
    again = declare(result, declaration(result, form), packages)
    assert isinstance(again, Untouched)
    assert again.reason is Reason.ALREADY_DECLARED
    assert before.endswith("\n") == after.endswith("\n")
    assert ("\r\n" in before) == ("\r\n" in after) or "\n" not in before
    assert not re.search(r"(?<!\r)\n", after) or "\r\n" not in before


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.booleans())
def test_requirement_files(text: str, encoding: str, crlf: bool):
    """Any mixture of lines, in any encoding."""
    check((text.replace("\n", "\r\n") if crlf else text).encode(encoding), encoding, DeclarationForm.REQUIREMENTS)


ELEMENTS = st.lists(
    st.tuples(
        st.sampled_from(['"flask"', "'flask-sqlalchemy>=3'", '"zip==1"', "'wheel'"]),
        st.sampled_from([", ", ",\n    ", " ,  # why\n  ", "\n , "]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(
    ELEMENTS,
    st.sampled_from(["", "\n    ", "  # first\n  "]),
    st.sampled_from(["]\n", "\n]\n", "  # last\n]", ",\n]", ", ]\n"]),
    st.booleans(),
)
def test_arrays(elements: list[tuple[str, str]], begin: str, end: str, crlf: bool):
    """Any layout of an array, in TOML and in Python."""
    inside = "".join(element + gap for element, gap in elements[:-1]) + elements[-1][0]
    array = "[" + begin + inside + end
    for form, text in (
        (DeclarationForm.PEP621, "[project]\ndependencies = " + array),
        (DeclarationForm.SETUP_PY, "from setuptools import setup\nx = " + array + "\nsetup(install_requires=x)\n"),
    ):
        check((text.replace("\n", "\r\n") if crlf else text).encode(), "utf-8", form)
