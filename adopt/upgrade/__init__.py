"""What surrounds a command that changes databases."""
