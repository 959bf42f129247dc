"""The candidate's scores over time and practice items."""
