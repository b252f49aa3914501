"""Plain files that run something: shell scripts, Procfile, Makefile, justfile, fly.toml and its like, units of systemd."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hooks.base.deploy_facts import Place
from hooks.base.formats import toml
from hooks.detect.deploy.ran import Lines, Ran

SCRIPT = re.compile(
    r"\.(sh|bash|zsh|bat|cmd|ps1)$|(^|/)bin/[\w-]+$|(^|/)(entrypoint|boot|start|run|deploy|release|setup)$|^\.platform/hooks/.*$"
)
STARTING = re.compile(
    "(entry(point)?|boot(strap)?|(re|pre)?start(up)?|run|(pre|post)?deploy|release|launch|serve(r)?|web|docker|container|init)"
)
PROCFILE = re.compile(r"(^|/)procfile(\.\w+)?$", re.IGNORECASE)
ONE_OFF = re.compile("init|migrat|upgrad|downgrad|create|drop|reset|seed|setup|shell|console|db|test")  # by `heroku run` alone
MAKEFILE = re.compile(r"(^|/)((gnu)?makefile|[\w-]+\.mk)$", re.IGNORECASE)
JUSTFILE = re.compile(r"(^|/)\.?justfile$", re.IGNORECASE)
VARIABLE = re.compile(r"^(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*[:?]?:?=[ \t]*(.*?)[ \t]*$", re.MULTILINE)
USED = re.compile(r"\$[({](\w+)[)}]|\{\{ *(\w+) *\}\}")  # of a Makefile or justfile
UNIT = re.compile(r"\.service$|(^|/)supervisord?[\w.-]*\.(conf|ini)$")
TOML = (
    (re.compile(r"(^|/)fly[\w.-]*\.toml$"), "deploy/release_command", Place.RELEASE),
    (re.compile(r"(^|/)fly[\w.-]*\.toml$"), r"processes/[^/]+", Place.START),
    (re.compile(r"(^|/)railway\.toml$"), "deploy/preDeployCommand", Place.RELEASE),
    (re.compile(r"(^|/)railway\.toml$"), "deploy/startCommand", Place.START),
    (re.compile(r"(^|/)railway\.toml$"), "build/buildCommand", Place.IMAGE),
    (re.compile(r"(^|/)nixpacks\.toml$"), "start/cmd", Place.START),
    (re.compile(r"^pyproject\.toml$"), r"tool/(poe/tasks|taskipy/tasks|pdm/scripts)/[^/]+(/(cmd|shell))?", Place.TASK),
    (re.compile(r"^Pipfile$"), r"scripts/[^/]+", Place.TASK),
)


def is_recipes(path: str) -> bool:
    """Whether it is a Makefile or a justfile."""
    return MAKEFILE.search(path) is not None or JUSTFILE.search(path) is not None


def find_ran(path: str, text: str) -> Iterator[Ran]:
    """What such a file runs; nothing for any other file."""
    file = Lines(path, text)
    if SCRIPT.search(path):
        yield from _script(file)
    elif PROCFILE.search(path):
        for number, line in enumerate(file.lines, start=1):
            if match := re.match(r"([\w-]+):\s*(.*)", line):
                place = Place.RELEASE if match[1] == "release" else Place.TASK if ONE_OFF.match(match[1]) else Place.START
                yield from file.ran_by_shell(match[2], place, f"{path}:{match[1] == 'release'}", number)
    elif is_recipes(path):
        yield from _recipes(file, r"\t" if MAKEFILE.search(path) else r"[ \t]+")
    elif UNIT.search(path):
        for number, line in enumerate(file.lines, start=1):
            if match := re.match(r"\s*(?:ExecStartPre|ExecStart|command)\s*=\s*[-@+!]*(.*)", line):
                yield from file.ran_by_shell(match[1], Place.START, path, number)
    else:
        yield from _toml(file)


def _script(file: Lines) -> Iterator[Ran]:
    words = set(re.split(r"[-_]", file.path.rpartition("/")[2].partition(".")[0].lower()))
    place = Place.START if any(map(STARTING.fullmatch, words)) and not words & {"test", "tests"} else Place.TASK
    text = file.text
    if file.path.endswith((".bat", ".cmd")):
        text = re.sub(r"(?im)^[ \t]*@?(rem\b|::).*$", "#", text)
    yield from file.ran_by_shell(text, place, file.path)


def _recipes(file: Lines, indent: str) -> Iterator[Ran]:
    """Each recipe of a Makefile or justfile is a block; its lines are joined where they end with a backslash."""
    target, lines, at = "", file.lines, 0
    values = values_of(file.text)
    while at < len(lines):
        first, line = at, lines[at]
        at += 1
        if not re.match(indent, line):
            if line.strip() and not line.startswith("#"):
                target = line.partition(":")[0].strip()
            continue
        body = [line]
        while body[-1].endswith("\\") and at < len(lines):
            body.append(lines[at])
            at += 1
        text = with_values("\n".join(body), values).replace("$$", "$").lstrip()
        yield from file.ran_by_shell(text, Place.TASK, f"{file.path}:{target}", first + 1)


def values_of(text: str) -> dict[str, str]:
    """The variables of a Makefile or justfile."""
    return {name: value.strip("\"'") for name, value in VARIABLE.findall(text)}


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The text with the values of those variables in their places."""
    return USED.sub(lambda used: values.get(used[1] or used[2], used[0]), text)


def _toml(file: Lines) -> Iterator[Ran]:
    kinds = [(pattern, place) for name, pattern, place in TOML if name.search(file.path)]
    if not kinds:
        return
    try:
        items = [item for item in toml.scan(file.text) if item.key]
    except toml.NotToml:
        return
    for item in items:
        path = "/".join((*item.table, *item.key))
        place = next((place for pattern, place in kinds if re.fullmatch(pattern, path)), None)
        if place is None:
            continue
        line = file.text.count("\n", 0, item.value_start) + 1
        texts = [toml.string_value(file.text, item)] if file.text[item.value_start] in "'\"" else []
        texts += [element.string for element in toml.elements(file.text, item)]
        texts += [value for key, value in toml.pairs(file.text, item).items() if key in ("cmd", "shell")]
        for text in filter(None, texts):
            yield from file.ran_by_shell(text, place, f"{file.path}:{path}", line)
