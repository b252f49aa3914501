"""Write a requirement for a requirement file: pinned, hashed and annotated as the file's other lines are.

Before:  flask-sqlalchemy==3.1.1        After:  flask-sqlalchemy==3.1.1
             # via -r requirements.in               # via -r requirements.in
                                                flask-migrate==4.1.0
                                                    # via -r requirements.in
"""

from __future__ import annotations

import re

from hooks.base.formats.requirement import Entry
from hooks.base.formats.requirements_txt import RequirementsTxt
from hooks.edit.files.dependency_style import Package

# What Flask and its extensions bring along; a list that pins two of them was made by `pip freeze` or the like.
BROUGHT_ALONG = {"markupsafe", "jinja2", "werkzeug", "itsdangerous", "blinker", "greenlet"}
ALIGNED = re.compile(r"\S {3,}# via\b")
COLUMN = 24  # of pip-compile, before the two spaces of a comment on the line
_VIA = re.compile(r"#\s*via\b[ \t]*(.*)((?:\n\s*#\s{2,}.*)*)")


def is_frozen(listing: RequirementsTxt) -> bool:
    """Whether the file lists everything, pinned, and not only what the project itself asks for."""
    pinned = {entry.key for entry in listing.entries if re.match(r"\s*===?\s*[^*]+$", entry.specifier)}
    return (
        listing.has_hashes
        or listing.is_compiled
        or (len(pinned & BROUGHT_ALONG) > 1 and len(pinned) * 5 >= len(listing.entries) * 4)
    )


def requirement_lines(text: str, listing: RequirementsTxt, anchor: Entry, package: Package, requirement: str) -> str:
    """The lines for `package`, each with "\\n"; hashes and "# via" comments as `anchor` has them."""
    like = text[anchor.start : anchor.end].replace("\r\n", "\n")
    lines = requirement
    if listing.has_hashes:
        joint = " \\\n" + _hash_indent(like) if "\\\n" in like else " "
        lines += "".join(f"{joint}--hash={one}" for one in package.hashes)
    via = _via(text, like, package)
    if via.startswith("  #") and ALIGNED.search(text):
        lines = lines.ljust(COLUMN)
    return lines + via + "\n"


def _hash_indent(like: str) -> str:
    match = re.search(r"\n([ \t]*)--hash", like)
    return match[1] if match else "    "


def _via(text: str, like: str, package: Package) -> str:
    """The comment that says why the package is listed, in the file's own style; empty where it has none."""
    if package.is_direct:
        sources = [one for one in _reasons(like) if one.startswith("-r ") or "(" in one]
        model = _VIA.search(like)
    else:
        sources = list(package.required_by)
        model = _VIA.search(like) or _VIA.search(text.replace("\r\n", "\n"))
    if model is None or not sources:
        return ""
    whole = model.string
    lead = whole[whole.rfind("\n", 0, model.start()) + 1 : model.start()]
    if lead.strip():  # on the requirement's own line
        return "  # via " + ", ".join(sources)
    if len(sources) > 1 and (model[2] or re.search(r"# via\r?\n", text)):
        return f"\n{lead}# via" + "".join(f"\n{lead}#   {one}" for one in sources)
    return f"\n{lead}# via " + ", ".join(sources)


def _reasons(lines: str) -> list[str]:
    match = _VIA.search(lines)
    if match is None:
        return []
    parts = re.split(r",\s*|\n\s*#\s*", match[1] + match[2])
    return [part.strip() for part in parts if part.strip()]
