"""How the files beside the code are written: read with offsets, for `detect/` to find things and for `edit/` to add to them."""
