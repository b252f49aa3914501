"""What everything else stands on: errors, URLs, paths and progress."""
