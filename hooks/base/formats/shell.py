"""Shell text as the simple commands in it: words without their quotes, and the line and extent of each.

flask db init && flask db migrate -m "first"   ->   flask db init   |   flask db migrate -m first

It reads what people write in scripts, Dockerfiles and YAML; nothing is expanded: `$PORT` stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

OPERATORS = ("&&", "||", ";;", ";", "|&", "|", "&", "\n")
KEYWORDS = frozenset({"if", "then", "elif", "else", "fi", "while", "until", "do", "done", "!", "time", "{", "}", "in", "esac"})
_REDIRECTION = re.compile(r"\d*(<<<|<<-?|>>|>&|<&|&>>?|>\||<>|[<>])")
_BLANK = " \t\r\f"


@dataclass(frozen=True)
class Command:
    """One simple command. `line` counts from 1 in the text; `start` and `end` are the offsets of its words.

    `before` is the operator in front of it, "\\n" for the first one of a line; `handed` is what a here-document hands to it.
    """

    words: tuple[str, ...]
    line: int
    start: int
    end: int
    before: str = "\n"
    handed: str = ""


def commands(text: str) -> list[Command]:
    """Every simple command of `text`, in order, keywords such as `if` and `then` aside; comments are none."""
    return _Reader(text).commands()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: list[Command] = []
        self.words: list[str] = []
        self.start = self.end = 0
        self.before = "\n"
        self.waiting: list[tuple[str, bool]] = []  # here-documents of this line: the word that ends each, tabs stripped or not
        self.here: list[int] = []  # the commands that they are handed to
        self.pending = ""  # what is handed to the command that is being read

    def commands(self) -> list[Command]:
        text = self.text
        while self.at < len(text):
            if text[self.at] in _BLANK:
                self.at += 1
            elif text.startswith(("\\\n", "\\\r\n"), self.at):
                self.at = text.index("\n", self.at) + 1
            elif text[self.at] == "#":
                self.at = self._line_end()
            elif text[self.at] in "()":
                self._ends("\n")
                self.at += 1
            elif operator := next((one for one in OPERATORS if text.startswith(one, self.at)), ""):
                self._ends(operator)
                self.at += len(operator)
                if operator == "\n" and self.waiting:
                    self._here_documents()
            elif match := _REDIRECTION.match(text, self.at):
                self._redirection(match)
            else:
                self._word()
        self._ends("\n")
        return self.found

    def _word(self) -> None:
        start = self.at
        word = self._read_word()
        if not self.words and word in KEYWORDS:
            return
        if not self.words:
            self.start = start
        self.words.append(word)
        self.end = self.at

    def _read_word(self) -> str:
        text, parts = self.text, []
        while self.at < len(text):
            one = text[self.at]
            if one in _BLANK or one in "\n;&|()<>":
                break
            if one == "\\":
                is_break = text.startswith(("\\\n", "\\\r\n"), self.at)
                following = text[self.at + 1 : self.at + 2]
                parts.append("" if is_break else "\\" * following.isalnum() + following)  # venv\Scripts\flask, as on Windows
                self.at = text.index("\n", self.at) + 1 if is_break else self.at + 2
            elif one in "'\"":
                parts.append(self._quoted(one))
            elif text.startswith("$(", self.at) or one == "`":
                parts.append(self._substitution())
            else:
                parts.append(one)
                self.at += 1
        return "".join(parts)

    def _quoted(self, quote: str) -> str:
        text, parts = self.text, []
        self.at += 1
        while self.at < len(text) and text[self.at] != quote:
            if quote == '"' and text[self.at] == "\\" and text[self.at + 1 : self.at + 2] in ('"', "\\", "$", "`", "\n"):
                parts.append(text[self.at + 1].strip("\n"))
                self.at += 2
            else:
                parts.append(text[self.at])
                self.at += 1
        self.at += 1
        return "".join(parts)

    def _substitution(self) -> str:
        """`$(...)` and `...` between backquotes, kept as they are."""
        text, start = self.text, self.at
        if text[start] == "`":
            end = text.find("`", start + 1)
            self.at = len(text) if end < 0 else end + 1
            return text[start : self.at]
        depth = 0
        while self.at < len(text):
            depth += {"(": 1, ")": -1}.get(text[self.at], 0)
            self.at += 1
            if depth == 0 and text[self.at - 1] == ")":
                break
        return text[start : self.at]

    def _redirection(self, match: re.Match[str]) -> None:
        self.at = match.end()
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1
        target = self._read_word()
        if match[1] in ("<<", "<<-"):
            self.waiting.append((target, match[1] == "<<-"))
            self.here.append(len(self.found))
        elif match[1] == "<<<":
            self._hand(len(self.found), target)

    def _hand(self, index: int, text: str) -> None:
        if index < len(self.found):
            self.found[index] = replace(self.found[index], handed=text)
        else:
            self.pending = text

    def _here_documents(self) -> None:
        for (mark, strips), index in zip(self.waiting, self.here, strict=True):
            body = []
            while self.at < len(self.text):
                end = self._line_end()
                line = self.text[self.at : end].rstrip("\r")
                self.at = min(end + 1, len(self.text))
                if (line.lstrip("\t") if strips else line) == mark:
                    break
                body.append(line)
            self._hand(index, "\n".join(body))
        self.waiting, self.here = [], []

    def _ends(self, operator: str) -> None:
        if self.words:
            line = self.text.count("\n", 0, self.start) + 1
            self.found.append(Command(tuple(self.words), line, self.start, self.end, self.before, self.pending))
            self.words, self.pending = [], ""
        self.before = operator

    def _line_end(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end
