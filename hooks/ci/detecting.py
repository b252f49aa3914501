"""What the repository's continuous integration says already, read from its files as text."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from hooks.ci.facts import Ci
from hooks.detect.deploy.above import COMPOSE
from hooks.detect.deploy.yaml_files import Path as Keys
from hooks.detect.deploy.yaml_files import documents

GITLAB = ".gitlab-ci.yml"
WORKFLOWS = ".github/workflows"
USES = re.compile(
    r"^\s*(?:-\s+)?uses:\s*[\"']?((actions/(?:checkout|setup-python))@[\w./-]+)[\"']?([ \t]+#[ \t]*[\w./-]+)?[ \t]*$", re.M
)
PYTHON = re.compile(r"\b3\.\d{1,2}\b")
# Keys of .gitlab-ci.yml that are no jobs.
NOT_JOBS = frozenset(
    "default include stages variables workflow image services before_script after_script cache spec pages".split()  # noqa: SIM905
)
SAID_IN = (".python-version", "runtime.txt", "Pipfile", "Dockerfile")
FROM_PYTHON = re.compile(r"^(?:FROM\s+(?:\S*/)?python:|python_version\s*=\s*\"|python-)?(3\.\d{1,2})\b", re.M | re.IGNORECASE)
LARGEST = 200_000


def find_ci(root: Path) -> Ci:
    """What is there for the project at `root`, which may be a folder of a larger repository."""
    top = top_of(root)
    folder = root.resolve().relative_to(top).as_posix().removeprefix(".")
    up = "../" * len(Path(folder).parts)
    workflows = {f"{up}{WORKFLOWS}/{path.name}": text_of(path) for path in files_in(top / WORKFLOWS, (".yml", ".yaml"))}
    gitlab = text_of(top / GITLAB)
    places = {root.resolve(), top}
    compose = [text_of(path) for place in sorted(places) for path in files_in(place, (".yml", ".yaml")) if COMPOSE.match(path.name)]
    said = [version for name in SAID_IN for version in FROM_PYTHON.findall(text_of(root / name))]
    found = read_ci(workflows, gitlab, compose, said)
    file = f"{up}{GITLAB}" if (top / GITLAB).is_file() else ""
    return replace(found, top=up, folder=folder, workflows=tuple(workflows), gitlab=file)


def read_ci(workflows: Mapping[str, str], gitlab: str, compose: Sequence[str], said: Sequence[str] = ()) -> Ci:
    """The facts of `Ci` that are in the texts; `said` are versions of Python that other files name."""
    actions, branches, pythons, values = dict[str, str](), list[str](), list[str](), dict[str, str]()
    for text in workflows.values():
        for full, action, comment in USES.findall(text):
            actions.setdefault(action, full + ("  " + comment.strip() if comment else ""))
        for node, keys in documents(text):
            if is_branch(keys) and isinstance(node, yaml.ScalarNode):
                branches.append(node.value)
            pythons += python_of(node, keys)
            values = {**literals(node, keys, "env"), **values}
    listed = list(documents(gitlab))
    top = {keys[0]: node for node, keys in listed if len(keys) == 1}
    for node, keys in listed:
        pythons += python_of(node, keys)
        values = {**literals(node, keys, "variables"), **values}
    stages = top.get("stages")
    jobs = [name for name in top if name not in NOT_JOBS and not name.startswith(".")]
    return Ci(
        branches=tuple(dict.fromkeys(one for one in branches if re.fullmatch(r"[\w./-]+", one))),
        actions=actions,
        pythons=tuple(dict.fromkeys((*pythons, *said))),
        values=values,
        images=tuple(dict.fromkeys(images_of(list(workflows.values()), gitlab, compose))),
        stages=tuple(one.value for one in stages.value) if isinstance(stages, yaml.SequenceNode) else None,
        jobs=tuple(jobs),
        tags=common_tags(listed, jobs),
    )


def is_branch(keys: Keys) -> bool:
    """Whether the node is a branch that a push to it starts the workflow for."""
    return keys[:3] == ("on", "push", "branches") and len(keys) == 4


def python_of(node: yaml.Node, keys: Keys) -> list[str]:
    """The versions of Python that a node names: `python-version`, one or a matrix of them, or an image of Python's."""
    if not isinstance(node, yaml.ScalarNode) or not keys:
        return []
    if any(key in ("python-version", "python", "PYTHON_VERSION") for key in keys[-2:]):
        return PYTHON.findall(node.value)[:1]
    if "image" in keys[-2:] and re.match(r"(\S*/)?python:", node.value):
        return PYTHON.findall(node.value)[:1]
    return []


def literals(node: yaml.Node, keys: Keys, name: str) -> dict[str, str]:
    """The variables that a mapping of this name sets to something that is written out."""
    if not isinstance(node, yaml.MappingNode) or keys[-1:] != (name,):
        return {}
    return {
        str(key.value): value.value
        for key, value in node.value
        if isinstance(value, yaml.ScalarNode) and "$" not in value.value and "\n" not in value.value
    }


def images_of(workflows: Sequence[str], gitlab: str, compose: Sequence[str]) -> Iterator[str]:
    """The images of services, those of compose files first: they are what the application runs with."""
    for text in (*compose, *workflows, gitlab):
        for node, keys in documents(text):
            is_image = keys[-3:-2] == ("services",) and keys[-1] in ("image", "name")  # of a mapping, or of an item of a list
            is_image = is_image or (keys[-2:-1] == ("services",) and keys[-1].isdigit())
            if isinstance(node, yaml.ScalarNode) and is_image and re.fullmatch(r"[\w./-]+(:[\w.-]+)?", node.value):
                yield node.value


def common_tags(listed: Sequence[tuple[yaml.Node, Keys]], jobs: Sequence[str]) -> tuple[str, ...]:
    """The tags of the jobs' runners, where all jobs that say some say the same."""
    tags = {
        tuple(one.value for one in node.value)
        for node, keys in listed
        if len(keys) == 2 and keys[0] in jobs and keys[1] == "tags" and isinstance(node, yaml.SequenceNode)
    }
    return tags.pop() if len(tags) == 1 else ()


def top_of(root: Path) -> Path:
    """The folder of the repository that `root` is in; `root` itself outside of git."""
    here = root.resolve()
    return next((one for one in (here, *here.parents) if (one / ".git").exists()), here)


def files_in(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """The files of a folder with these endings, sorted; none where there is no such folder."""
    return sorted(path for path in folder.glob("*") if path.suffix in endings and path.is_file()) if folder.is_dir() else []


def text_of(path: Path) -> str:
    """A file's text; "" where there is none, or where it is data."""
    try:
        raw = path.read_bytes()
    except OSError:
        return ""
    return "" if len(raw) > LARGEST else raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def name_of(folder: str) -> str:
    """What tells the check of one folder of the repository from that of another: "-services-api", "" at the top."""
    return "".join("-" + part for part in posixpath.normpath(folder).split("/") if part not in ("", "."))
