"""Background work: Celery only says "now"; what is to be done stands in the database.

Every task may run twice and in any order, carries no data and calls one service. No work lives in
a queue, so a lost message costs seconds: beat and the worker's own loop look again.
"""
