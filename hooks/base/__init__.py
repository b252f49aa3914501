"""What every other layer stands on: facts, errors, the user's files as bytes, git, the report's printer. Imports none of them."""
