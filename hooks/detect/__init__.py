"""Read the project's source as text and say what is in it; nothing of the project is imported, run or written."""
