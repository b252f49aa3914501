"""How the repository runs its application elsewhere: Dockerfiles, CI, pages, programs; one kind of file in each module."""
