"""The Python of the project: which one it is, what is installed in it, and how to run or install something there."""
