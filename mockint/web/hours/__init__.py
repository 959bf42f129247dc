"""An interviewer's weekly hours, dates that differ, and limits."""
