"""Many databases in one command."""
