"""What `flask db migrate` compares and writes."""
