"""One database server: connections that can write and that cannot, scratch databases, locks, and its catalogue."""
