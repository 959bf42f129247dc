"""The feedback form, reading feedback, rating the interviewer."""
