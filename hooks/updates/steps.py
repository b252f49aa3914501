"""What a version changes in a team's own code, beyond the template's files: one `Step` for each version that has to.

`copier update` merges the template's own files by itself. A step is for what those files need from the code around them, such as
another name in the project's Makefile, and each update runs those of the versions that it passes. The oldest comes first.
"""

from __future__ import annotations

from hooks.updates import one_file
from hooks.updates.step import Step

STEPS: tuple[Step, ...] = (one_file.STEP,)
