"""The page of an interview for each side, and who came."""
