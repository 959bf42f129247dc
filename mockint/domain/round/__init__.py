"""A matching round: who asks, who offers, who meets whom and when, with a proof and reasons.

Pure values on numpy arrays; what solves them is behind `mockint.adapters.solver`.
"""
