"""What a schema is, and whether two are the same."""
