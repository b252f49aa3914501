"""The retrofit that runs after Copier has rendered the template; start reading at `retrofit.py`."""
