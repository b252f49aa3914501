"""The revisions: which there are, and what each of them builds."""
