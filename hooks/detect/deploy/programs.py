"""Which program a command runs in the end, whatever is wrapped around it.

FLASK_APP=shop poetry run flask --app shop db init       flask db init
docker compose exec -T web .venv/bin/python -m flask db upgrade       flask db upgrade
sh -c "flask db upgrade && gunicorn shop:app"            flask db upgrade   |   gunicorn shop:app
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hooks.base.formats.shell import Command, commands

Words = tuple[str, ...]

ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
PYTHON = re.compile(
    r"(?:python|pypy)(?:\d(?:\.\d+)?)?(?:\.exe)?|py"
    r"|\$[({]?(?:\w+_)?(?:PYTHON|PY)3?(?:_(?:BIN|CMD|EXE|EXECUTABLE|INTERPRETER))?[)}]?",  # $(LOCAL_PYTHON), in a Makefile
    re.IGNORECASE,
)
FLASK = re.compile(r"flask(?:\.exe)?|\$[({]?FLASK[)}]?", re.IGNORECASE)
SHELL = re.compile(r"(?:ba|da|z|k|a)?sh")
COMPOSE_VARIABLE = re.compile(r"\$[({]\w+[)}]")  # $(COMPOSE) exec web flask db init, in a Makefile
CONTAINERS = frozenset({"docker", "podman", "nerdctl", "docker-compose", "podman-compose"})
# Programs that run what follows them, with how many words of their own come first.
PREFIXES = {"exec": 0, "sudo": 0, "nohup": 0, "command": 0, "env": 0, "tini": 0, "dumb-init": 0, "ddtrace-run": 0, "call": 0}
PREFIXES |= {"opentelemetry-instrument": 0, "gosu": 1, "su-exec": 1, "newrelic-admin": 1, "catchsegv": 0, "@": 0, "stdbuf": 0}
RUNNERS = frozenset(
    {"poetry", "pipenv", "pdm", "uv", "hatch", "rye", "conda", "mamba", "micromamba", "dotenv", "railway", "doppler"}
)
# Options of those that take a value of their own.
VALUED = re.compile(
    "-[fpevwuarncxXWACh]|--(file|project(-name|-directory)?|env(-file)?|volume|workdir|user|name|network|publish|entrypoint|app|remote"
    "|profile|extra|(only-)?group|with|python|package|directory|namespace|container|label|hostname|link|mount|platform)"
)
SHELL_VALUED = re.compile("-o")
DEPTH = 3  # of `sh -c` inside `sh -c`


def programs(command: Command, depth: int = DEPTH) -> Iterator[tuple[Words, str]]:
    """The words of each program that a command runs, with what is handed to it as input; `flask` and `python` by these names."""
    for words in _unwrapped(command.words, depth):
        if isinstance(words, Command):
            yield from programs(words, depth - 1)
        else:
            yield words, command.handed


def after_options(words: Sequence[str], valued: re.Pattern[str] = VALUED) -> Words:
    """`words` from the first that is neither an option nor the value of one; "--" ends the options."""
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        if words[at] == "--":
            return tuple(words[at + 1 :])
        at += 2 if valued.fullmatch(words[at]) else 1
    return tuple(words[at:])


def _unwrapped(given: Words, depth: int) -> Iterator[Words | Command]:
    words = given
    while words:
        first = words[0].lstrip("@-+") if words[0].startswith(("@", "-", "+")) else words[0]
        name = re.split(r"[/\\]", first)[-1]
        rest = words[1:]
        if not first or ASSIGNMENT.match(first):
            words = rest
        elif name in PREFIXES:
            words = after_options(rest)[PREFIXES[name] :]
        elif name in RUNNERS:
            inner = _after_word(rest, ("run",))
            if not inner:
                yield (name, *rest)
                return
            words = after_options(inner)
        elif name in CONTAINERS or (COMPOSE_VARIABLE.fullmatch(first) and not FLASK.fullmatch(name) and not PYTHON.fullmatch(name)):
            inner = _after_word(rest, ("exec", "run"))
            if not inner:
                return
            words = after_options(inner)[1:]
        elif name in ("kubectl", "oc", "fly", "flyctl", "heroku", "dokku"):
            yield from _remote(name, rest, depth)
            return
        elif SHELL.fullmatch(name):
            yield from _shell(rest, depth)
            return
        elif (
            "--" in rest and not FLASK.fullmatch(name) and not PYTHON.fullmatch(name)
        ):  # wait-for-it.sh db:5432 -- flask db upgrade
            words = rest[rest.index("--") + 1 :]
        else:
            yield from _named(name if FLASK.fullmatch(name) or PYTHON.fullmatch(name) else first, rest)
            return


def _named(name: str, rest: Words) -> Iterator[Words]:
    if FLASK.fullmatch(name):
        yield ("flask", *_split(after_options(rest)))
        return
    if not PYTHON.fullmatch(name):
        yield (name, *rest)
        return
    at = 0
    while at < len(rest) and rest[at].startswith("-") and rest[at] not in ("-", "-m", "-c"):
        at += 2 if rest[at] in ("-W", "-X") else 1
    arguments = rest[at:]
    if arguments[:2] == ("-m", "flask"):
        yield ("flask", *_split(after_options(arguments[2:])))
    else:
        yield ("python", *arguments)


def _split(words: Words) -> Words:
    """`flask "db upgrade"`, which people write in exec form, as they mean it."""
    return (*words[0].split(), *words[1:]) if words else words


def _shell(rest: Words, depth: int) -> Iterator[Words | Command]:
    """What `sh -c text` runs; a script is a program of its own."""
    options = [word for word in rest[: len(rest) - len(after_options(rest, SHELL_VALUED))] if word.startswith("-")]
    inner = after_options(rest, SHELL_VALUED)
    if any(re.fullmatch(r"-\w*c", word) for word in options) and inner:
        if depth:
            yield from commands(inner[0])
    elif inner:
        yield inner


def _remote(name: str, rest: Words, depth: int) -> Iterator[Words | Command]:
    """kubectl exec pod -- flask db init; fly ssh console -C "flask db init"; heroku run flask db init."""
    if "--" in rest:
        yield Command(rest[rest.index("--") + 1 :], 1, 0, 0)
    elif name in ("fly", "flyctl"):
        if "-C" in rest[:-1] and depth:
            yield from commands(rest[rest.index("-C") + 1])
    elif name in ("heroku", "dokku"):
        inner = after_options(_after_word(rest, ("run", "run:detached")))
        inner = inner[1:] if name == "dokku" else inner
        if inner and depth:
            yield from commands(" ".join(inner))


def _after_word(words: Words, wanted: Sequence[str]) -> Words:
    """What follows the first of `wanted` that is no option's value."""
    at = 0
    while at < len(words):
        if words[at] in wanted:
            return words[at + 1 :]
        at += 2 if VALUED.fullmatch(words[at]) else 1
    return ()
