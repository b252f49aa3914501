"""Decide, from what was found and answered: nothing is read, run or written here."""
