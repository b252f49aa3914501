"""A workflow of GitHub Actions that checks the migrations: a file of its own, so that none of the user's is touched."""

from __future__ import annotations

import json
import re

from hooks.ci.detecting import WORKFLOWS, name_of
from hooks.ci.facts import Ci, Job

ACTIONS = {"actions/checkout": 6, "actions/setup-python": 6}  # the majors that run on the runners' node
BRANCHES = ("main", "master")
HEAD = """\
# Checks the migrations: there is one head, the revisions build what the models say, and each one downgrades and
# upgrades again, all of it on an empty database. Made once and yours from then on: `copier update` does not touch this file.
"""


def path_of(ci: Ci) -> str:
    """Where the workflow is, relative to the project's root; one for each project of a larger repository."""
    return f"{ci.top}{WORKFLOWS}/migrations{name_of(ci.folder)}.yml"


def workflow(job: Job, ci: Ci) -> str:
    """The file's text."""
    paths = [*job.paths, path_of(ci).removeprefix(ci.top)] if job.paths else []
    lines = [f"name: Migrations{f' of {job.folder}' if job.folder else ''}", "", "on:"]
    lines += ["  push:", f"    branches: [{', '.join(ci.branches or BRANCHES)}]", *listing("paths", paths, 4)]
    lines += ["  pull_request:", *listing("paths", paths, 4), "", "permissions:", "  contents: read", "", "jobs:", "  migrations:"]
    lines += [f"    runs-on: {runner(job.python)}", "    timeout-minutes: 15"]
    if job.folder:
        lines += ["    defaults:", "      run:", f"        working-directory: {job.folder}"]
    lines += service(job) + environment(job) + steps(job, ci)
    return HEAD + "\n".join(lines) + "\n"


def runner(python: str) -> str:
    """The newest that has this Python."""
    return "ubuntu-22.04" if tuple(map(int, python.split("."))) < (3, 8) else "ubuntu-latest"


def listing(name: str, items: list[str], indent: int) -> list[str]:
    """A list in YAML; nothing where it is empty."""
    return [" " * indent + f"{name}:", *(" " * indent + f"  - {quoted(item)}" for item in items)] if items else []


def service(job: Job) -> list[str]:
    """The database server, waited for until it answers."""
    if job.service is None:
        return []
    one = job.service
    variables = [f"          {name}: {quoted(value)}" for name, value in one.variables.items()]
    checks = [f"--health-cmd {one.health[0]}", "--health-interval 5s", "--health-timeout 5s", "--health-retries 20"]
    return [
        *("    services:", "      database:", f"        image: {one.image}", "        env:", *variables),
        *(
            "        ports:",
            f"          - {one.port}:{one.port}",
            "        options: >-",
            *(f"          {check}" for check in checks),
        ),
    ]


def environment(job: Job) -> list[str]:
    """The variables of the job, that of the database first."""
    values = {job.variable: job.url.format(host="127.0.0.1"), **job.environ}
    return ["    env:", *(f"      {name}: {quoted(value)}" for name, value in values.items())]


def steps(job: Job, ci: Ci) -> list[str]:
    """Check out, install, check."""
    used = {name: action(name, ci.actions.get(name, "")) for name in ACTIONS}
    lines = ["    steps:", f"      - uses: {used['actions/checkout']}", "        with:", "          persist-credentials: false"]
    if not job.way.conda:
        lines += [f"      - uses: {used['actions/setup-python']}", "        with:", f'          python-version: "{job.python}"']
        if job.way.cached:
            lines += ["          cache: pip", f"          cache-dependency-path: {cached(job)}"]
    commands = [*job.way.commands, *job.runs]
    if job.way.conda:
        commands = [re.sub(r"^conda\b", '"$CONDA/bin/conda"', command) for command in commands]
    return lines + [f"      - run: {scalar(command)}" for command in commands]


def action(name: str, theirs: str) -> str:
    """How an action is named: as the repository's workflows do where they pin a commit, or a version that is new enough."""
    tag = re.fullmatch(r"\S+@v(\d+)(\.\S+)?( .*)?", theirs)
    is_usable = int(tag[1]) >= ACTIONS[name] if tag else re.search(r"@[0-9a-f]{40}\b", theirs) is not None
    return theirs if is_usable else f"{name}@v{ACTIONS[name]}"


def cached(job: Job) -> str:
    """The file that the cache goes by, from the top of the repository."""
    up = job.way.cached.count("../")
    parts = job.folder.split("/") if job.folder else []
    return "/".join((*parts[: len(parts) - up], job.way.cached.rpartition("../")[2]))


def quoted(value: str) -> str:
    """A value as YAML reads it back, without quotes where it needs none."""
    return (
        value
        if re.fullmatch(r"[A-Za-z_/][\w./@+-]*(:(?!\s)[\w./@+:%=-]+)*", value) and not looks_like_more(value)
        else json.dumps(value)
    )


def looks_like_more(value: str) -> bool:
    """Whether YAML takes the word for something else than text."""
    return value.lower() in ("true", "false", "yes", "no", "on", "off", "null", "y", "n", "~")


def scalar(command: str) -> str:
    """A command as YAML reads it back."""
    return json.dumps(command) if command[0] in "\"'&*!|>%@`{[" or ": " in command or " #" in command else command
