"""The organiser's desk, lists and settings."""
