"""Dockerfiles: what RUN, CMD and ENTRYPOINT run, in shell and exec form, and what COPY and ADD bring along."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from hooks.base.deploy_facts import Copied, Place
from hooks.base.formats.shell import Command
from hooks.detect.deploy.ran import Lines, Ran

NAME = re.compile(r"(^|/)((\w[\w-]*\.)?(docker|container)file([._-][\w.-]+)?)$", re.IGNORECASE)
INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)[ \t]+")
HERE = re.compile(r"<<(-?)[\"']?(\w+)[\"']?")
PLACES = {"RUN": Place.IMAGE, "CMD": Place.START, "ENTRYPOINT": Place.START}


@dataclass(frozen=True)
class Instruction:
    """One instruction: `text` is what follows its name, with the file's line breaks; `handed` its here-document."""

    name: str
    text: str
    line: int
    handed: str = ""


def is_dockerfile(path: str) -> bool:
    """Whether a file of this name is one."""
    return NAME.search(path) is not None and not path.endswith((".dockerignore", ".md", ".py", ".yml", ".yaml"))


def find_ran(path: str, text: str) -> Iterator[Ran]:
    """What the image's build and its containers run."""
    file = Lines(path, text)
    for one in instructions(text):
        place = PLACES.get(one.name)
        if place is None:
            continue
        body = re.sub(r"^(?:[ \t]*--\w+=\S+)+[ \t]*", "", one.text)  # RUN --mount=type=cache
        if HERE.match(body):
            first = one.line + 1
            yield from file.ran_by_shell(one.handed, place, path, first)
            continue
        words = exec_form(body)
        if words is not None:
            yield from file.ran([Command(words, 1, 0, 0)], place, path, one.line)
        else:
            yield from file.ran_by_shell(body + ("\n" + one.handed if one.handed else ""), place, path, one.line)


def find_copied(path: str, text: str) -> Iterator[Copied]:
    """What is copied from the context; what comes from another stage or a here-document is left out."""
    file = Lines(path, text)
    folders = [one.text.strip() for one in instructions(text) if one.name == "WORKDIR"]
    starts_in = posixpath.join("/", *folders) if folders and not any("$" in folder for folder in folders) else ""
    for one in instructions(text):
        if one.name not in ("COPY", "ADD") or "--from=" in one.text or HERE.search(one.text):
            continue
        body = re.sub(r"\\\r?\n", " ", re.sub(r"^(?:[ \t]*--[\w-]+(?:=\S+)?)+", "", one.text))
        words = exec_form(body) or _split(body)
        if len(words) > 1:
            yield Copied(words[:-1], words[-1], file.at(one.line), starts_in)


def exec_form(text: str) -> tuple[str, ...] | None:
    """The words of `["flask", "run"]`; None where the text is a shell's."""
    joined = re.sub(r"\\\r?\n", " ", text).strip()
    if not joined.startswith("["):
        return None
    try:
        words = json.loads(joined)
    except ValueError:
        return None
    return tuple(words) if words and all(isinstance(word, str) for word in words) else None


def instructions(text: str) -> Iterator[Instruction]:
    """Every instruction; comments, also those between continued lines, are blanks."""
    escape = "`" if re.match(r"(?:#.*\n)*#\s*escape\s*=\s*`", text, re.IGNORECASE) else "\\"
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        first, line = at, lines[at]
        at += 1
        match = INSTRUCTION.match(line.lstrip("\ufeff"))
        if line.lstrip().startswith("#") or match is None:
            continue
        name, parts = match[1].upper(), [line.lstrip("\ufeff")[match.end() :]]
        if name == "ONBUILD" and (inner := INSTRUCTION.match(parts[0])):
            name, parts = inner[1].upper(), [parts[0][inner.end() :]]
        while parts[-1].rstrip().endswith(escape) and at < len(lines):
            is_blank = not lines[at].strip() or lines[at].lstrip().startswith("#")
            parts[-1] = parts[-1].rstrip()[:-1] + "\\"
            parts.append(escape if is_blank else lines[at])
            at += 1
        handed: list[str] = []
        for strips, mark in HERE.findall(parts[-1]) if name in ("RUN", "COPY", "ADD") else ():
            while at < len(lines):
                line = lines[at]
                at += 1
                handed.append(line)
                if (line.lstrip("\t") if strips else line).strip("\r") == mark:
                    break
        yield Instruction(name, "\n".join(parts).rstrip(), first + 1, "\n".join(handed))


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())
