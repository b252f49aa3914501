"""The edits of the small files beside the code, one file in each."""
