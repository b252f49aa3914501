"""Transformations of the user's files: one per module, each `(Source, site) -> Edit | Untouched`; nothing here writes to disk
but `write_all`."""
