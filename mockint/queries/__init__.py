"""Read-only selects shaped for a page."""
