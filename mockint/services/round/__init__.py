"""Matching rounds: planned, asked for, solved by the worker, reviewed and published by a person."""
