"""Real repositories: run the product on any folder of checkouts, and compare everything that it promises to leave alone."""
