"""Write the revision that builds the schema from nothing, run it, and compare."""
