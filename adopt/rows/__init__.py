"""What a difference means for the rows that are there, and whose a table is."""
