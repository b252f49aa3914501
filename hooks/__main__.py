"""Arguments in, exit status out: the one task of copier.yml starts here, in Copier's own Python, in the project's root."""

from __future__ import annotations

import json
import sys
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run the retrofit in the current directory; the one argument is the JSON that copier.yml renders."""
    # `python hooks/__main__.py` puts hooks/ first on the path; the package is imported from beside it instead.
    sys.path[0] = str(TEMPLATE)
    sys.dont_write_bytecode = True
    from hooks.run import run
    from hooks.settings import Settings

    return run(Path.cwd(), Settings.from_json(json.loads(sys.argv[1])), template=TEMPLATE / "template")


if __name__ == "__main__":
    sys.exit(main())
