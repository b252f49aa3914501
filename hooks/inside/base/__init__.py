"""What every process has: the line to its caller, why it ends, the filter of all text; nothing here opens a database."""
