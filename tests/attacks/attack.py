"""What one attack is, and the table of all of them, read from the text files beside this one.

    == its name
    @ servers: sqlite postgresql           the databases that it concerns, all three where nothing is said
    @ needs: apsw                          the module without which it cannot be tried
    @ names: orders                        what an error must contain where something was changed all the same; "users" by default
    @ redirected                           the retrofit must lead it to a play database: what names the change is not enough
    @ early                                the lines stand at the top of the first module, before Flask is imported
    @ environ: SHOP_DATABASE={url}         variables of the command
    @ database: outside                    where the SQLite file is: project, outside, tmp, shm (in shared memory), or
                                           wal (in the project, in WAL mode)
    @ quick                                it is in the test suite, on one server; the others only in `python -m tests.attacks`
    @ login: plain                         of the server: one that has the tables and may not create databases or users
    @ same_as: another one's name          its lines
    @ hides: S3cret                        what the run must not say
    @ touches: .gitattributes              files that the run edits because of what is in the project
    @ has_no_effect_alone                  it disturbs our own processes, or files that only a run has
    the lines of the application
    -- config.py                           a file of the project, with {url!r} and the like in it
    -- $                                   commands of a shell that make what else is in the project

Otherwise the lines are the body of a function that the factory calls with `app` once the database is attached. What they raise is
caught, as by a careless application. `project.PLACE` has the names that they may use, beside `db`. The kind of an attack is the
name of its file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
KINDS = ("drivers", "ways", "sqlalchemy", "configuration", "shadows", "trees", "later", "processes", "files", "tampering", "logins")
KINDS += ("boundaries", "accidents")
ALL_SERVERS = ("sqlite", "postgresql", "mariadb")
CONFIG = "class Config:\n    SQLALCHEMY_DATABASE_URI = {url!r}\n"


@dataclass(frozen=True)
class Attack:
    """One section of a file."""

    name: str
    kind: str
    lines: str
    options: dict[str, str] = field(default_factory=dict, hash=False)
    files: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def servers(self) -> tuple[str, ...]:
        """The databases that it concerns."""
        return tuple(self.options.get("servers", "").split()) or ALL_SERVERS

    @property
    def names(self) -> str:
        """What an error must contain where something was changed."""
        return self.options.get("names", "users")

    @property
    def database(self) -> str:
        """Where the SQLite file is."""
        return self.options.get("database", "project")

    def has(self, option: str) -> bool:
        """Whether it says so."""
        return option in self.options


NOTHING = Attack("nothing", "reference", "pass")


def parse(kind: str, text: str) -> list[Attack]:
    """The attacks of one file."""
    attacks = []
    for section in re.split(r"^== ", text, flags=re.M)[1:]:
        name, _, rest = section.partition("\n")
        body, *files = re.split(r"^-- (.+)\n", rest.rstrip("\n") + "\n", flags=re.M)
        options = dict(re.findall(r"^@ (\w+)(?:: (.*))?$", body, re.M))
        lines = re.sub(r"^@ .*\n", "", body, flags=re.M).strip("\n")
        contents = [content.strip("\n") + "\n" for content in files[1::2]]
        attacks.append(Attack(name, kind, lines, options, dict(zip(files[::2], contents, strict=True))))
    return attacks


@cache
def attacks() -> tuple[Attack, ...]:
    """All of them, in the order of the files."""
    found = [one for kind in KINDS for one in parse(kind, (FOLDER / f"{kind}.txt").read_text())]
    by_name = {one.name: one for one in found}
    return tuple(as_another(one, by_name[one.options["same_as"]]) if one.has("same_as") else one for one in found)


def as_another(attack: Attack, other: Attack) -> Attack:
    """With the lines of the other one, and what it needs."""
    inherited = {name: value for name, value in other.options.items() if name != "quick"}
    return replace(attack, lines=other.lines, options={**inherited, **attack.options})
