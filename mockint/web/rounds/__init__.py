"""Matching rounds: asking, offering, and what an organiser does with them."""
