"""Between the application and everything outside of it, while it is loaded."""
