"""YAML and JSON files that run something: compose, CI, Kubernetes and Helm, render.yaml, heroku.yml, app.json, package.json."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import yaml

from hooks.base.deploy_facts import Place
from hooks.base.formats.shell import Command
from hooks.detect.deploy.ran import Lines, Ran

Path = tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of file, known by its name, and where in it commands stand: patterns of the path of keys, joined by "/"."""

    name: re.Pattern[str]
    keys: tuple[tuple[re.Pattern[str], Place], ...]


def _kind(name: str, **keys: str) -> Kind:
    return Kind(re.compile(name), tuple((re.compile(pattern), Place[place.upper()]) for place, pattern in keys.items()))


KINDS = (
    _kind(r"(^|/)(docker-)?(compose|stack)[\w.-]*\.ya?ml$", start=r"services/[^/]+/(command|entrypoint)"),
    _kind(r"^\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml$", ci=r"jobs/[^/]+/steps/\d+/(run|with/script)"),
    _kind(r"^\.github/actions/.*\.ya?ml$", ci=r"runs/steps/\d+/run"),
    _kind(r"^\.gitlab-ci\.yml$", ci=r"([^/]+/)?((before|after)_)?script(/\d+)*"),
    _kind(r"^\.travis\.yml$", ci=r"((before|after)_)?(script|install|deploy)(/\d+)?"),
    _kind(r"^\.circleci/config\.yml$", ci=r"(jobs|commands)/.*/run(/command)?"),
    _kind(r"^(azure|bitbucket)-pipelines\.ya?ml$", ci=r".*/(script|bash|pwsh)(/\d+)?"),
    _kind(r"(^|/)render\.ya?ml$", start=r".*/startCommand", release=r".*/preDeployCommand", image=r".*/buildCommand"),
    _kind(r"(^|/)heroku\.ya?ml$", start=r"run/[^/]+(/command(/\d+)?)?", release=r"release/command(/\d+)?"),
    _kind(r"(^|/)app\.json$", release=r"(.*/)?scripts/(postdeploy|dokku/(pre|post)deploy)"),
    _kind(
        r"(^|/)railway\.json$", start=r"deploy/startCommand", release=r"deploy/preDeployCommand(/\d+)?", image=r"build/buildCommand"
    ),
    _kind(
        r"(^|/)\.platform\.app\.ya?ml$", start=r"web/commands/start", release=r"hooks/(deploy|post_deploy)", image=r"hooks/build"
    ),
    _kind(r"(^|/)app\.ya?ml$", start=r"entrypoint"),
    _kind(r"(^|/)\.ebextensions/[^/]+\.(config|ya?ml)$", release=r"container_commands/[^/]+/command"),
    _kind(r"(^|/)\.?devcontainer/?(devcontainer)?\.json$", task=r"post\w+Command"),
    _kind(r"(^|/)[Tt]askfile\.ya?ml$", task=r"tasks/[^/]+(/cmds/\d+(/cmd)?)?"),
    _kind(r"(^|/)package\.json$", task=r"scripts/[^/]+"),
)
CONTAINER = r"(.*/)?((init)?[cC]ontainers)/\d+"
KUBERNETES = _kind(r"\.ya?ml$", start=rf"{CONTAINER}(/lifecycle/postStart/exec/command)?")
# Of a Helm template: a line that is nothing but actions says no YAML, and one inside of a line stands for some value.
ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
ACTIONS_ALONE = re.compile(r"^[ \t]*(?:\{\{(?:(?!\}\}).)*\}\}[ \t]*)+$", re.MULTILINE | re.DOTALL)
LARGEST_DEPTH = 40


def kind_of(path: str, text: str) -> Kind | None:
    """Which kind of such file it is, None if none; a Kubernetes manifest is known by its content."""
    found = next((kind for kind in KINDS if kind.name.search(path)), None)
    if (
        found is None
        and KUBERNETES.name.search(path)
        and re.search(r"^apiVersion:", text, re.M)
        and re.search(r"^kind:", text, re.M)
    ):
        return KUBERNETES
    return found


def find_ran(path: str, text: str) -> Iterator[Ran]:
    """What such a file runs; a service of an image that somebody else has made runs nothing of the project."""
    kind = kind_of(path, text)
    if kind is None:
        return
    folders: dict[Path, str] = {}
    for keys, one in _find_ran(Lines(path, text), kind, folders):
        folder = next((folders[keys[:size]] for size in range(len(keys), 0, -1) if keys[:size] in folders), "")
        yield replace(one, folder=folder) if folder else one


def _find_ran(file: Lines, kind: Kind, folders: dict[Path, str]) -> Iterator[tuple[Path, Ran]]:
    """Each with the keys that lead there; `folders` is filled with what is said of the folder, by the keys of what is in it."""
    path, text = file.path, file.text
    foreign: set[Path] = set()
    for node, keys in documents(text):
        folders.update(_folder(path, node, keys))
        if _is_foreign(node, keys):
            foreign.add(keys)
        if keys[:2] in foreign:
            continue
        joined = "/".join(keys)
        place = next((place for pattern, place in kind.keys if pattern.fullmatch(joined)), None)
        if place is None:
            continue
        block = f"{path}:{'/'.join(keys[:-1])}"
        if kind is KUBERNETES and isinstance(node, yaml.MappingNode):
            found = _container(file, node, place, f"{path}:{joined}")
        elif isinstance(node, yaml.ScalarNode):
            found = _scalar(file, node, place, block)
        elif isinstance(node, yaml.SequenceNode) and keys[-1] in ("command", "entrypoint"):
            found = _exec_form(file, [node], place, block)
        else:
            continue
        yield from ((keys, one) for one in found)


def _is_foreign(node: yaml.Node, keys: Path) -> bool:
    """Whether this is a compose service of an image that is not built here, and into which nothing of the repository is mounted."""
    if keys[:1] != ("services",) or len(keys) != 2 or not isinstance(node, yaml.MappingNode):
        return False
    said = {str(key.value) for key, _ in node.value}
    return "image" in said and not said & {"build", "volumes"}


def _folder(path: str, node: yaml.Node, keys: Path) -> dict[Path, str]:
    """The folder that a mapping speaks of: the context of a compose service, the working directory of a job or a step."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    values = {str(key.value): value for key, value in node.value}
    said, home = "", ""
    if keys[:1] == ("services",) and len(keys) == 2:
        build, home = values.get("build"), posixpath.dirname(path)
        context = (
            {str(key.value): value for key, value in build.value}.get("context") if isinstance(build, yaml.MappingNode) else build
        )
        said = context.value if isinstance(context, yaml.ScalarNode) else ""
    elif keys[:1] == ("jobs",) and isinstance(values.get("working-directory"), yaml.ScalarNode):
        said = values["working-directory"].value
        keys = keys[:-2] if keys[-2:] == ("defaults", "run") else keys
    folder = posixpath.normpath(posixpath.join(home, said)) if said and "$" not in said else "."
    return {keys: folder} if folder != "." else {}


def documents(text: str) -> Iterator[tuple[yaml.Node, Path]]:
    """Every node of every document with its path of keys, list positions as numbers; nothing of a file that is not YAML."""
    text = without_actions(text)
    try:
        roots = [root for root in yaml.compose_all(text, Loader=yaml.SafeLoader) if root is not None]
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    for root in roots:
        yield from _walk(root, ())


def without_actions(text: str) -> str:
    """A Helm template as the YAML that it makes, by the same line numbers; anything else as it is."""
    if "{{" not in text:
        return text
    text = ACTIONS_ALONE.sub(lambda found: "\n" * found[0].count("\n"), text)
    return ACTION.sub(lambda found: "VALUE" + "\n" * found[0].count("\n"), text)


def _walk(node: yaml.Node, path: Path) -> Iterator[tuple[yaml.Node, Path]]:
    yield node, path
    if len(path) > LARGEST_DEPTH:  # an anchor that leads to itself
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _walk(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _walk(item, (*path, str(number)))


def _scalar(file: Lines, node: yaml.ScalarNode, place: Place, block: str) -> Iterator[Ran]:
    first, last = node.start_mark.line + 1, node.end_mark.line + 1
    if node.style == "|":
        yield from file.ran_by_shell(node.value, place, block, first + 1)
        return
    for one in file.ran_by_shell(node.value, place, block):
        line = file.near(first, last, " ".join(one.words[-2:])) if first < last else first
        yield Ran(file.at(line), place, block, one.words, one.handed)


def _exec_form(file: Lines, lists: list[yaml.SequenceNode], place: Place, block: str) -> Iterator[Ran]:
    items = [item for one in lists for item in one.value]
    if not items or not all(isinstance(item, yaml.ScalarNode) for item in items):
        return
    first, last = items[0].start_mark.line + 1, items[-1].end_mark.line + 1
    inner = next((item for item in items if item.style == "|"), None)
    for one in file.ran([Command(tuple(str(item.value) for item in items), 1, 0, 0)], place, block):
        line = file.near(inner.start_mark.line + 1 if inner else first, last, " ".join(one.words[:3]))
        yield Ran(file.at(line), place, block, one.words, one.handed)


def _container(file: Lines, node: yaml.MappingNode, place: Place, block: str) -> Iterator[Ran]:
    """A container of a Kubernetes manifest: `command` and `args` are one command line."""
    values = {str(key.value): value for key, value in node.value}
    lists = [values[name] for name in ("command", "args") if isinstance(values.get(name), yaml.SequenceNode)]
    yield from _exec_form(file, lists, place, block)
