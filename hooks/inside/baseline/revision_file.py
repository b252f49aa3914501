"""Write one revision file by `script.py.mako`, with the operations of the default database or of several binds.

The default one alone    upgrade(), downgrade()
else                     upgrade_() and downgrade_() of the default one, upgrade_users() and downgrade_users() of the bind `users`:
                         the form of Flask-Migrate's own template for several databases
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence

    from .prove import Workshop


class Body:
    """The operations of one bind: `name` is what its functions are called by, the texts are indented."""

    def __init__(self, name: str, upgrades: str, downgrades: str) -> None:
        self.name, self.upgrades, self.downgrades = name, upgrades, downgrades


def is_plain(names: Iterable[str]) -> bool:
    """Whether a revision for the binds of these names has an `upgrade()`: it is for the default one alone."""
    return list(names) == [""]


def generate(
    workshop: Workshop,
    bodies: Sequence[Body],
    revision: str,
    message: str,
    head: str,
    imports: Iterable[str],
    create_date: datetime.datetime | None = None,
) -> str:
    """The path of the new file, in the workshop's versions folder."""
    script = workshop.script()
    if create_date is not None:
        script._generate_create_date = lambda: create_date  # type: ignore[method-assign]  # Alembic has no option for it
    marked = {body.name: body for body in bodies}
    texts: dict[str, Any]
    if is_plain(marked):
        texts = {"upgrades": marked[""].upgrades, "downgrades": marked[""].downgrades}
    else:
        texts = {"upgrades": None, "downgrades": None}
        texts.update({"%s_upgrades" % name: body.upgrades for name, body in marked.items()})
        texts.update({"%s_downgrades" % name: body.downgrades for name, body in marked.items()})
    texts.update(imports="\n".join(sorted(imports)), config=workshop.config)
    return script.generate_revision(revision, message, head=head, version_path=script.versions, **texts).path  # type: ignore[union-attr]  # one was written


def explain(path: str, message: str, about: str, *, consents: str = "", ending: str = "") -> str:
    """Put `about` below the message of the revision at `path`, `consents` and `ending` below; return its text."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = text.replace('"""' + message, '"""%s\n\n%s' % (message, about), 1).rstrip("\n") + "\n" + ending
    text = text.replace("consents = None\n", "", 1).replace("depends_on = None\n", "depends_on = None\n" + consents, 1)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return text


def function(direction: str, name: str, names: Sequence[str]) -> str:
    """The line that begins the function of one bind: `def upgrade_users():`."""
    return "def %s():\n" % direction if is_plain(names) else "def %s_%s():\n" % (direction, name)
