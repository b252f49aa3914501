"""Where this project's migrations are."""

import os

MIGRATIONS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROOT = os.path.dirname(MIGRATIONS)
