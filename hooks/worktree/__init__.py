"""The working tree around a run: what must hold before, what it was, and the way back there."""
