"""Question kits: the question of an interview, and the bank."""
