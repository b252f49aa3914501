"""Draw docs/run.svg, the picture in README.md, of what a run really says: the sample of docs/how-it-works.md.

    python -m tests.picture

The same sample gives the same bytes. The colours follow the reader's: light or dark.
"""

from __future__ import annotations

import re
import textwrap
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURE = ROOT / "docs" / "how-it-works.md", ROOT / "docs" / "run.svg"
SAMPLE = re.compile(r"<!-- output: shop_factory -->\n```\n(.*?)```", re.S)
COMMAND = "uvx copier copy --trust --defaults gh:<owner>/copier-flask-migrate ."
COLUMNS, INDENT = 112, 11
WIDTH, HEIGHT, MARGIN = 7.8, 18, 20  # of a character, of a line, around all of them; in pixels
KINDS = {"edited": "change", "added": "change", "verified": "good", "stamped": "good", "deploy": "todo", "next": "todo"}
STYLE = """\
text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 13px }
text { fill: #1f2328; white-space: pre }
rect { fill: #f6f8fa; stroke: #d1d9e0 }
.step { fill: #59636e } .change { fill: #0550ae } .good { fill: #116329 } .todo { fill: #953800 } .command { font-weight: bold }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } rect { fill: #0d1117; stroke: #3d444d }
  .step { fill: #9198a1 } .change { fill: #79c0ff } .good { fill: #7ee787 } .todo { fill: #ffa657 }
}
"""


def sample() -> str:
    """What the run says, as the page shows it."""
    found = SAMPLE.search(PAGE.read_text(encoding="utf-8"))
    assert found, "docs/how-it-works.md has no sample of a run"
    return found[1]


def wrapped(line: str) -> list[str]:
    """The line as a terminal of COLUMNS has it, the rest under the sentence."""
    if len(line) <= COLUMNS:
        return [line]
    return textwrap.wrap(
        line, COLUMNS, subsequent_indent=" " * INDENT, drop_whitespace=False, break_on_hyphens=False, break_long_words=False
    )


def drawn(line: str, y: int, *, starts: bool) -> str:
    """One line of the terminal; the word that a row starts with has a colour of its own."""
    word = line[:INDENT].strip()
    if starts and word in KINDS:
        inner = f'<tspan class="{KINDS[word]}">{escape(line[:INDENT])}</tspan>{escape(line[INDENT:])}'
    else:
        inner = escape(line)
    kind = "command" if line.startswith("$ ") else "step" if line.startswith("  ") and starts else ""
    return f'<text x="{MARGIN}" y="{y}"' + (f' class="{kind}"' if kind else "") + f">{inner}</text>"


def drawing(words: str) -> str:
    """The SVG of a terminal in which COMMAND was typed and said `words`."""
    lines = [(f"$ {COMMAND}", True), ("", True)]
    for line in words.rstrip("\n").split("\n"):
        first, *rest = wrapped(line) or [""]
        lines += [(first, True), *((one.rstrip(), False) for one in rest)]
    texts = [drawn(line, MARGIN + HEIGHT * number + 13, starts=starts) for number, (line, starts) in enumerate(lines) if line]
    width, height = round(COLUMNS * WIDTH) + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"',
            ' xml:space="preserve" role="img">',
            "<title>A run on a shop with an application factory and a populated SQLite database</title>",
            f"<style>\n{STYLE}</style>",
            f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
            *texts,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    PICTURE.write_text(drawing(sample()), encoding="utf-8")
