"""The filter of all that the hook prints: the `redaction.py` that projects get, as theirs is; see there.

It is loaded by its path: the package adopt/ is for the project's Python.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

PACKAGE = "_adopt_of_template"
FOLDER = Path(__file__).resolve().parents[2] / "adopt" / "base"

if PACKAGE not in sys.modules:
    spec = importlib.util.spec_from_file_location(PACKAGE, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)])
    assert spec is not None
    assert spec.loader is not None
    sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[PACKAGE])

redaction = importlib.import_module(PACKAGE + ".redaction")
patterns = importlib.import_module(PACKAGE + ".secret_patterns")
source_bytes = importlib.import_module(PACKAGE + ".paths").source_bytes
