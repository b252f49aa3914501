"""What everything else stands on: errors, URLs, secrets, paths and progress."""
