"""One file of the user's, as bytes, with what an edit must preserve: encoding mark, newline, indent; and its syntax tree."""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from hooks.base.location import Location, Span

Newline = Literal["\n", "\r\n", "\r"]


class Unparsable(ValueError):
    """The file is not Python that this interpreter can parse; carries the place."""

    def __init__(self, where: Location, reason: str) -> None:
        super().__init__(f"{where.path}:{where.line}: {reason}")
        self.where = where
        self.reason = reason


class NotUtf8(Unparsable):
    """The file declares another encoding than UTF-8, so the byte offsets of `ast` do not hold in it."""


@dataclass(frozen=True)
class Source:
    """A file read once; `path` is relative to the project's root.

    Positions convert between `ast` (line, UTF-8 byte column) and offsets in `raw`; a byte-order mark shifts every offset by its
    length, and is never part of a line.
    """

    path: str
    raw: bytes

    @cached_property
    def bom(self) -> bytes:
        """The encoding mark at the start of the file, or nothing."""
        return codecs.BOM_UTF8 if self.raw.startswith(codecs.BOM_UTF8) else b""

    @cached_property
    def encoding(self) -> str:
        """What PEP 263 makes of the first two lines; "utf-8" when nothing is declared."""
        try:
            return tokenize.detect_encoding(io.BytesIO(self.raw).readline)[0]
        except SyntaxError as error:
            raise NotUtf8(Location(self.path, 1), str(error)) from error

    @cached_property
    def text(self) -> str:
        """The decoded text, without the encoding mark, line ends as they are.

        Raises:
            NotUtf8: another encoding is declared, or the bytes are not UTF-8.
        """
        if self.encoding not in ("utf-8", "utf-8-sig"):
            raise NotUtf8(Location(self.path, 1), f"the file declares the encoding {self.encoding}")
        try:
            return self.raw[len(self.bom) :].decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.raw.count(b"\n", 0, error.start) + 1
            raise NotUtf8(Location(self.path, line), "the file is not UTF-8") from error

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree.

        Raises:
            Unparsable: this Python cannot parse the file (its subclass NotUtf8: it cannot even be decoded).
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # invalid escapes in the user's strings are not ours to report
                return ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if isinstance(error, Unparsable):
                raise
            line = getattr(error, "lineno", None) or 1
            raise Unparsable(self.location(line), str(getattr(error, "msg", error))) from error

    @cached_property
    def newline(self) -> Newline:
        """The line end that the file uses most; "\\n" for a file without any."""
        crlf = self.raw.count(b"\r\n")
        lf = self.raw.count(b"\n") - crlf
        return "\r\n" if crlf > lf else "\n"

    @cached_property
    def indent(self) -> str:
        """One level of indentation as the file has it: a tab or a number of spaces; four spaces when nothing is indented."""
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(self.text).readline))
        except (tokenize.TokenError, SyntaxError, IndentationError):
            return "    "
        depth = [""]
        for token in tokens:
            if token.type == tokenize.INDENT:
                step = token.string[len(depth[-1]) :]
                depth.append(token.string)
                if len(depth) == 2 and step:
                    return step
            elif token.type == tokenize.DEDENT and len(depth) > 1:
                depth.pop()
        return "    "

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [len(self.bom)]
        # ast counts lines as the tokenizer does: \n, \r\n and \r end a line; form feeds do not.
        starts += [match.end() for match in re.finditer(rb"\r\n|\n|\r", self.raw)]
        return starts

    def offset(self, line: int, column: int = 0) -> int:
        """The offset in `raw` of an `ast` position (line from 1, column in UTF-8 bytes)."""
        return self._line_starts[line - 1] + column

    def line_end(self, line: int) -> int:
        """The offset just behind the line end of `line`; the file's length for a last line without one."""
        return self._line_starts[line] if line < len(self._line_starts) else len(self.raw)

    def line_text(self, line: int) -> str:
        """One line without its line end."""
        if not 1 <= line <= len(self._line_starts):
            return ""
        return self.raw[self._line_starts[line - 1] : self.line_end(line)].decode("utf-8", "replace").rstrip("\r\n")

    def location(self, where: ast.AST | int) -> Location:
        """The `Location` of a node or a line number."""
        line = where if isinstance(where, int) else getattr(where, "lineno", 1)
        return Location(self.path, line, self.line_text(line).strip())

    def span(self, node: ast.AST) -> Span:
        """The `Span` of a node that has a position."""
        return Span(self.path, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def segment(self, span: Span) -> str:
        """The text that `span` covers."""
        return self.raw[self.offset(span.line, span.column) : self.offset(span.end_line, span.end_column)].decode("utf-8")
