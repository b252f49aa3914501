"""Where facts become words: reasons to stop, rows of the report, the page that stays with the project."""
