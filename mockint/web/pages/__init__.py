"""Home, help and privacy."""
