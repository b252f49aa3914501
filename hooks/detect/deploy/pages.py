"""Instructions for people: the commands in README, CONTRIBUTING and docs/, in blocks of code or between backquotes.

Between backquotes they are often only mentioned; those count as an item of a list, and after a word that asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hooks.base.deploy_facts import Place
from hooks.detect.deploy.ran import Lines, Ran

NAME = re.compile(
    r"(^|/)(readme|contributing|install(ation)?|develop(ment|ing)?|setup|deploy(ment)?|getting[-_]?started)([-_.]\w+)*$",
    re.IGNORECASE,
)
FOLDER = re.compile(r"^docs?/.*\.(md|rst|txt)$", re.IGNORECASE)
OTHERS = (".py", ".sh", ".bat", ".ps1", ".cfg", ".toml", ".yml", ".yaml", ".json", ".html", ".js")
FENCE = re.compile(r"\s*(```+|~~~+)\s*(\w*)")
PROMPT = re.compile(r"^\s*(?:\([\w.-]+\)\s*)?(?:[\w.-]*@?[\w:~/.-]*[$%>]|>>>|\.\.\.|PS [^>]*>)\s+|^\s*[$%>]\s*")
INLINE = re.compile(r"`{1,2}([^`\n]+)`{1,2}|<code>([^<\n]+)</code>")
# `flask db init` in a sentence is an instruction after such a word, and none after the others.
ASKED = re.compile(
    r"\b(run|running|execute|use|using|type|enter|issue|call|invoke|do|by|with|via|then|and|or|first|commands?)\b[^`.!?]{0,40}$",
    re.I,
)
NOT_ASKED = re.compile(
    r"\b(not|never|no|don't|dont|needn't|without|instead|rather|already|was|were|ran|used|avoid|unless)\b[^`.!?]*$", re.I
)
HEADING = re.compile(r"#{1,6}\s|[=~\-^\"*]{3,}\s*$")


def is_page(path: str) -> bool:
    """Whether people read a file of this name to learn what to run."""
    return (NAME.search(path) is not None or FOLDER.search(path) is not None) and not path.lower().endswith(OTHERS)


def find_ran(path: str, text: str) -> Iterator[Ran]:
    """The commands that a page tells people to run; those of one section are a block."""
    file, fence, section = Lines(path, text), "", 0
    for number, line in enumerate(file.lines, start=1):
        match = FENCE.match(line)
        if match and (not fence or (match[1].startswith(fence) and not match[2])):
            fence = "" if fence else match[1]
            continue
        if not fence and HEADING.match(line):
            section = number
        block = f"{path}:{section}"
        if fence or re.match(r"(?: {4}|\t)\S", line):
            yield from _line(file, number, PROMPT.sub("", line), block)
        else:
            for found in INLINE.finditer(line):
                said = re.sub("`[^`]*`", "", line[: found.start()])
                is_first = re.fullmatch(r"\s*([-*+>]|\d+[.)])\s+", said) or not (said + line[found.end() :]).strip(" .:")
                if NOT_ASKED.search(said) or not (is_first or ASKED.search(said)):
                    continue
                yield from _line(file, number, PROMPT.sub("", found[1] or found[2]), block)


def _line(file: Lines, number: int, code: str, block: str) -> Iterator[Ran]:
    if re.match(r"[\w.]*\bcreate_all\(", code.strip()):  # typed into a shell of Python
        yield Ran(file.at(number), Place.PAGE, block, ("python",), code)
    else:
        yield from file.ran_by_shell(code, Place.PAGE, block, number)
