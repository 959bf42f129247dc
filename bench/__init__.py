"""Floors: the least a server can do for the same answer, to measure ours against."""
