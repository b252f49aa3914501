"""The edits of the project's Python, one transformation in each file."""
