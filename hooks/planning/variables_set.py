"""Where the new variable and one that is read today are set side by side, they must name one database.

The new one comes first after the run: where a `.env`, a compose or a CI file has both today, what read the other would move to
another database without a word.

Left alone: values that are made of others (`${DB_URL}`, `${{ secrets.URL }}`), which no file tells.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from hooks.base.errors import VariablesDiffer
from hooks.base.facts import Project
from hooks.base.location import Location
from hooks.planning.plan import Plan

ENVIRONMENT = "the environment"
READ_BY_FLASK = (".env", ".flaskenv")  # whether git knows them or not
READ = re.compile(
    r"(^|/)\.?(env|flaskenv)(\.(?!example|sample|template|dist)[\w.-]+)?$|(^|/)[\w.-]+\.env$|(^|/)(docker-)?compose[\w.-]*\.ya?ml$"
    r"|^\.github/workflows/[^/]+\.ya?ml$|^\.gitlab-ci\.yml$|^\.travis\.yml$|^\.circleci/config\.yml$|(^|/)[\w.-]*dockerfile[\w.-]*$"
    r"|(^|/)(tox\.ini|pytest\.ini|app\.json|app\.ya?ml|render\.yaml|fly\.toml|[\w.-]+\.service)$",
    re.IGNORECASE,
)
LARGEST = 200_000  # bytes
END = "end of the file"
SET = re.compile(
    r"""^[ \t]*(?:-[ \t]+)?(?:export[ \t]+|ENV[ \t]+|Environment=)?["']?(?P<name>[A-Za-z_]\w*)["']?[ \t]*[:=][ \t]*(?P<value>.*)$"""
)


def require_one_database(root: Path, project: Project, plan: Plan, environ: Mapping[str, str]) -> None:
    """Stop where both variables are set to different URLs.

    Raises:
        VariablesDiffer: names both places, for each pair.
    """
    older = [name for site in plan.uri_sites for name in site.variables if name != plan.variable] + [*plan.prefixed]
    if not older:
        return
    here = in_effect(root, environ, {plan.variable, *older})
    found = [
        (here[plan.variable][0], here[name][0])
        for name in dict.fromkeys(older)
        if plan.variable in here and name in here and differs(here[plan.variable][1], here[name][1])
    ]
    others = [path for path in project.files if READ.search(path) and path not in READ_BY_FLASK]
    found += [pair for path in others for pair in in_text(path, text_of(root / path), plan.variable, older)]
    if found:
        raise VariablesDiffer(plan.variable, found)


def in_effect(root: Path, environ: Mapping[str, str], names: Collection[str]) -> dict[str, tuple[Location, str]]:
    """Where `flask` has each variable from, and its value: the environment of this command before the files that it reads."""
    found = {name: (Location(ENVIRONMENT, 0, name), environ[name]) for name in names if environ.get(name)}
    for path in READ_BY_FLASK:
        for number, line in enumerate(text_of(root / path).splitlines(), start=1):
            match = SET.match(line)
            if match and match["name"] in names:
                found.setdefault(match["name"], (Location(path, number, match["name"]), bare(match["value"])))
    return found


def in_text(path: str, text: str, variable: str, older: Collection[str]) -> Iterator[tuple[Location, Location]]:
    """The pairs that stand side by side in a file: of one indent, with no line of a smaller one between them."""
    wanted = {variable, *older}
    block: dict[str, tuple[int, int, str]] = {}
    for number, line in enumerate([*text.splitlines(), END], start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", ";")):
            continue
        match = SET.match(line)
        depth = len(line) - len(line.lstrip())
        if block and (depth < min(at for at, _, _ in block.values()) or line is END):
            ours = block.pop(variable, None)
            for name, (at, where, value) in block.items():
                if ours and at == ours[0] and differs(ours[2], value):
                    yield Location(path, ours[1], variable), Location(path, where, name)
            block = {}
        if match and match["name"] in wanted:
            block[match["name"]] = depth, number, bare(match["value"])


def bare(value: str) -> str:
    """A value without quotes, comments and what follows it in JSON or a list."""
    value = value.strip().rstrip(",").strip()
    if value[:1] in ("'", '"') and value.find(value[0], 1) > 0:
        return value[1 : value.find(value[0], 1)]
    return re.sub(r"[ \t]+#.*$", "", value)


def differs(one: str, other: str) -> bool:
    """Whether two values are surely different URLs."""
    if not ("://" in one and "://" in other) or "$" in one + other or "{{" in one + other:
        return False
    return re.sub(r"^postgres://", "postgresql://", one) != re.sub(r"^postgres://", "postgresql://", other)


def text_of(path: Path) -> str:
    """A file's text; "" where there is none, or where it is data."""
    if not path.is_file() or path.stat().st_size > LARGEST:
        return ""
    return path.read_bytes().decode("utf-8", "replace")
