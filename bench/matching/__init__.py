"""Rounds made up by chance, and what one would do without us: the measure of matching rounds.

`people` draws who asks and who offers, `market` makes a round of them (`python -m bench.matching`
writes one to a file), `baselines` are greedy and Gale-Shapley, `floor` is one solve by OR-tools.
"""
