"""What runs in the project's own Python (3.7+): load the app behind guards, make the baseline, prove it, stamp.

Standard library, the project's packages and `migrations/adopt/` only. `run.py` is the one entry; it loads this folder under the
private name `_flask_migrate_retrofit`, so that no module here can shadow one of the project's.
"""

from __future__ import annotations

PROJECT_PATH: list[str] = []  # what `sys.path` is where the project's code is run
