"""Celery: ids in, one service call; every task may run twice."""
