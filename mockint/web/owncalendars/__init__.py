"""Interviewers' own calendars as busy time."""
