"""A job of GitLab CI that checks the migrations, in a file of its own, and the line that includes it in .gitlab-ci.yml.

Before:  stages: [test, deploy]
After:   stages: [test, deploy]

         include:
           - local: migrations/gitlab-ci.yml

A line is added where that is all that changes for YAML: a new `include` at the end, or an item of a list that has one to a line.
"""

from __future__ import annotations

import re

import yaml

from hooks.base.formats.textfile import TextFile, add_lines
from hooks.ci.detecting import name_of
from hooks.ci.facts import Ci, Job
from hooks.ci.github import HEAD, listing, quoted, scalar
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.requirements import ByHand

FILE = "migrations/gitlab-ci.yml"
LIKELY_STAGES = ("test", "tests", "check", "checks", "lint", "verify", "qa", "quality")
CONDA_IMAGE = "continuumio/miniconda3:latest"


def job_file(job: Job, ci: Ci) -> str:
    """The text of the file with the job."""
    lines = [f"{job_name(ci)}:", f"  stage: {stage(ci)}", *listing("tags", list(ci.tags), 2)]
    lines.append(f"  image: {CONDA_IMAGE if job.way.conda else f'python:{job.python}'}")
    if job.paths:
        lines += ["  rules:", "    - changes:", *(f"        - {quoted(path.replace('/**', '/**/*'))}" for path in job.paths)]
    values = {job.variable: job.url.format(host="database"), **job.environ}
    if job.service:
        lines += ["  services:", f"    - name: {job.service.image}", "      alias: database"]
        values = {**job.service.variables, **values}
    lines += ["  variables:", *(f"    {name}: {quoted(value)}" for name, value in values.items())]
    moves = [f"cd {job.folder}"] if job.folder else []
    lines += ["  before_script:", *(f"    - {scalar(command)}" for command in (*moves, *job.way.commands))]
    lines += ["  script:", *(f"    - {scalar(command)}" for command in job.runs)]
    return HEAD + "\n".join(lines) + "\n"


def job_name(ci: Ci) -> str:
    """A name that no other job has."""
    name = f"migrations{name_of(ci.folder)}"
    return name if name not in ci.jobs else f"{name}-check"


def stage(ci: Ci) -> str:
    """A stage that the pipeline has: the one for tests, else `.pre`, which every pipeline has."""
    if ci.stages is None:
        return "test"
    return next((name for likely in LIKELY_STAGES for name in ci.stages if name.lower() == likely), ".pre")


def include(raw: bytes | None, ci: Ci) -> bytes | Untouched:
    """The new bytes of .gitlab-ci.yml (`raw` is None where there is none), in which the job's file is included."""
    local = f"{ci.folder}/{FILE}".lstrip("/")
    path = ci.gitlab or f"{ci.top}.gitlab-ci.yml"
    lines = f"include:\n  - local: {local}\n"
    if raw is None:
        return lines.encode()
    try:
        file = TextFile.decode(raw)
        before = tree(file.text)
    except (UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, str(error).partition("\n")[0], lines)
    if re.search(rf"(?m)^[^#\n]*[\s'\"/]{re.escape(local)}['\"]?\s*$", file.text):
        return Untouched(path, Reason.ALREADY_THERE)
    if not isinstance(before, tuple) or before[0] != "map":
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, "it is no single mapping", lines)
    keys = [key for key, _ in before[1]]
    text = _with_item(file.text, local) if "include" in keys else _at_end(file.text, lines)
    expected = _expected(before, local)
    if text is None or expected is None or not _is(text, expected):
        return ByHand(path, Reason.CANNOT_BE_EDITED_SAFELY, None, "its `include` is written in another way", lines)
    return file.encode(text)


def tree(text: str) -> object:
    """What YAML makes of the text, tags and order included; of several documents the last, where the jobs are.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    plain = [_plain(node) for node in nodes if node is not None]
    if not plain:
        return ("map", ())
    return plain[0] if len(plain) == 1 else ("several", tuple(plain))


def _is(text: str, expected: object) -> bool:
    try:
        return tree(text) == expected
    except yaml.YAMLError:
        return False


def _plain(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return ("map", tuple((key.value, _plain(value)) for key, value in node.value))
    if isinstance(node, yaml.SequenceNode):
        return ("list", tuple(_plain(item) for item in node.value), node.tag)
    return ("text", node.value, node.tag)


def _expected(before: tuple[str, tuple[tuple[str, object], ...]], local: str) -> object:
    item = ("map", (("local", ("text", local, "tag:yaml.org,2002:str")),))
    pairs = dict(before[1])
    there = pairs.get("include")
    if there is None:
        return ("map", (*before[1], ("include", ("list", (item,), "tag:yaml.org,2002:seq"))))
    if not isinstance(there, tuple) or there[0] != "list":
        return None
    return ("map", tuple((key, ("list", (*there[1], item), there[2]) if key == "include" else value) for key, value in before[1]))


def _at_end(text: str, lines: str) -> str:
    is_bare = not text.strip() or re.search(r"\n\r?\n$", text) is not None
    return add_lines(text, ("" if is_bare else "\n") + lines)


def _with_item(text: str, local: str) -> str | None:
    """`text` with an item more at the end of its `include`; None where that is no list with one item to a line."""
    root = next((node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None), None)
    assert isinstance(root, yaml.MappingNode)
    there = next(value for key, value in root.value if key.value == "include")
    if not isinstance(there, yaml.SequenceNode) or there.flow_style or not there.value:
        return None
    lines = text.splitlines(keepends=True)
    last = there.value[-1]
    end = last.end_mark.line + (last.end_mark.column > 0)
    while end > 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
    if not lines[end - 1].endswith("\n"):
        lines[end - 1] += newline
    return "".join((*lines[:end], f"{' ' * there.start_mark.column}- local: {local}{newline}", *lines[end:]))
