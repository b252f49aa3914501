"""Applications that try, while they are loaded, to change what must stay as it is: `python -m tests.attacks` prints the table."""
