"""What differs between the database servers when a scratch database is made, found again and dropped."""
