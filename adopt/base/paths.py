"""Where this project's migrations are: beside migrations/adopt.py; run as a package, those of the current directory."""

import os

FILE = os.path.abspath(__file__)
MIGRATIONS = os.path.dirname(FILE) if os.path.basename(FILE) == "adopt.py" else os.path.abspath("migrations")
ROOT = os.path.dirname(MIGRATIONS)
