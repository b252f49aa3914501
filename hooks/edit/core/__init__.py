"""What every edit is made of: bytes at offsets, syntax trees, statements, names, imports."""
