"""Load the application, and find its databases and models."""
