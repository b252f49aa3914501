"""Prove a plan in the project's own Python, before anything is written."""
