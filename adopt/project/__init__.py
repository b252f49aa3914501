"""The project: its application, its databases and binds, project.ini, and what a revision runs on which of them."""
