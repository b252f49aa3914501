"""Every kind of project: tests/projects/<shape>/ is a whole repository, tests/projects/<shape>.yml says how its team works in it.

    about: config classes chosen by name in the factory      what is special about it, one line
    app: shop                                                what `flask --app` takes before the run (nothing: flask finds it)
    fill: [flask seed]                                       its own commands, which make its database and put rows in
    use: flask routes                                        a command that shows that it works; it says the same after the run
    folder: services/api                                     where in the repository the command is run (nothing: at the top)
    env: {SECRET_KEY: not-a-secret}                          what its team has in the environment, for each command
    answers: [app=shop.app:app]                              what is answered with `-d`
    needs_tables: true                                       it starts on no empty database, before the run and after it
    others: [town_readers]                                   tables that another program has put into its database
    binds_only: true                                         no model is in the default database, which DATABASE_URL names
    error: two-apps                                          the reference that the run ends with (nothing: it goes well)

All but `about` may be left out, as above. `fill: []` is a fresh clone: there is no database. What the run says is in
tests/expected/<shape>.txt, and unless it ends with every file as it was, what it changes in tests/expected/<shape>.diff.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

PROJECTS = Path(__file__).resolve().parents[1] / "projects"


@dataclass(frozen=True)
class Shape:
    """What one of tests/projects/*.yml says; the fields are explained above."""

    name: str
    about: str
    app: str = ""
    fill: tuple[str, ...] = ("flask seed",)
    use: str = "flask routes"
    folder: str = "."
    env: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    needs_tables: bool = False
    others: tuple[str, ...] = ()
    binds_only: bool = False
    error: str = ""


def read(path: Path) -> Shape:
    """The shape that a file describes; a field that does not exist is an error."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Shape(path.stem, **{name: tuple(value) if isinstance(value, list) else value for name, value in said.items()})


SHAPES = {path.stem: read(path) for path in sorted(PROJECTS.glob("*.yml"))}
