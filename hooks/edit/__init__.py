"""Transformations of the user's files: one per module, each `(Source, site) -> Edit | Untouched`; nothing here writes to disk.

sources, edits  ->  changed_files  ->  path: new bytes  ->  unified_diff  ->  what the user is shown
"""
