"""One proof a module: see `tests.prove`."""
