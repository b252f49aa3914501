"""A text file as bytes and as text, such that decoding and encoding again changes nothing.

Requirement files made by PowerShell are UTF-16; others hold a byte-order mark, CRLF, or a comment in some old encoding.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class TextFile:
    """The decoded text, without its encoding mark and with its line ends as they are."""

    text: str
    encoding: str = "utf-8"
    mark: bytes = b""

    @classmethod
    def decode(cls, raw: bytes) -> TextFile:
        """Read `raw`; bytes that are not UTF-8 survive as surrogates.

        Raises:
            UnicodeDecodeError: the file begins with a UTF-16 mark and is not UTF-16.
        """
        for mark, encoding in MARKS:
            if raw.startswith(mark):
                return cls(raw[len(mark) :].decode(encoding, _errors(encoding)), encoding, mark)
        if raw[1:2] == b"\0" and raw[0:1] != b"\0":  # UTF-16 without a mark: every other byte of ASCII is zero
            return cls(raw.decode("utf-16-le", "strict"), "utf-16-le")
        return cls(raw.decode("utf-8", "surrogateescape"))

    def encode(self, text: str) -> bytes:
        """`text` as bytes of this file, mark included."""
        return self.mark + text.encode(self.encoding, _errors(self.encoding))

    @property
    def newline(self) -> str:
        """The line end that the text uses most."""
        return newline_of(self.text)


def newline_of(text: str) -> str:
    """The line end that `text` uses most; "\\n" where there is none."""
    crlf = text.count("\r\n")
    return "\r\n" if crlf > text.count("\n") - crlf else "\n"


def add_lines(text: str, lines: str) -> str:
    """`text` with `lines` (written with "\\n") at its end, in the text's own newline; without a final newline it stays without."""
    newline = newline_of(text)
    lines = lines.replace("\n", newline)
    if not text or text.endswith(("\n", "\r")):
        return text + lines
    return text + newline + lines.removesuffix(newline)


def _errors(encoding: str) -> str:
    return "surrogateescape" if encoding == "utf-8" else "strict"
