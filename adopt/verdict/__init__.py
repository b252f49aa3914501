"""What a database is, and what is done about it."""
