"""How a commit tells the worker's queue that somebody asks for a job on a round."""

ASKS = "asks_for_rounds"
"""Set in the session's `info` by a transaction that asks for one."""
